/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A wall clock that a test can set, for one process and not for the machine: preloaded, it
 * answers for the C library. The file that CLOCK_SHIFT names holds how many seconds it is
 * wrong by, as an integer of 64 bits, and may be changed at any time. Clocks that run on
 * when somebody sets the time are left alone, as the kernel leaves them. Any thread. */

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile const int64_t *shift_s;

__attribute__ ((constructor)) static void
open_shift (void)
{
  const char *path = getenv ("CLOCK_SHIFT");
  int fd = path != NULL ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  void *page = fd >= 0 ? mmap (NULL, sizeof *shift_s, PROT_READ, MAP_SHARED, fd, 0)
                       : MAP_FAILED;

  if (page == MAP_FAILED)
    abort ();
  close (fd);
  shift_s = page;
}

int
clock_gettime (clockid_t clock, struct timespec *time)
{
  int result = (int) syscall (SYS_clock_gettime, clock, time);

  if (result == 0 && shift_s != NULL &&
      (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI))
    time->tv_sec += *shift_s;
  return result;
}

int
gettimeofday (struct timeval *time, void *zone)
{
  struct timespec now;
  int result = clock_gettime (CLOCK_REALTIME, &now);

  (void) zone;
  *time = (struct timeval){ .tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000 };
  return result;
}

time_t
time (time_t *out_time)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  if (out_time != NULL)
    *out_time = now.tv_sec;
  return now.tv_sec;
}
