/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SocksError:
 * @SOCKS_ERROR_INVALID_REMOTE: a remote's text is not a socket address
 * @SOCKS_ERROR_INVALID_TARGET: the text of what a proxy is to be asked for is no target
 * @SOCKS_ERROR_REMOTE_NOT_ALLOWED: a socket address that can't or must not be a remote
 * @SOCKS_ERROR_NO_VALID_PROXY: nobody answered the greeting as a proxy without login
 * @SOCKS_ERROR_ADDRESS_IN_USE: another program holds the local port
 * @SOCKS_ERROR_LISTEN_FAILED: the local port could not be opened for another reason
 * @SOCKS_ERROR_CANCELLED: a newer request, or the end of the service, took over
 * @SOCKS_ERROR_FAILED: anything that has no code of its own
 * @SOCKS_ERROR_SETTINGS: a value in the configuration file is wrong
 * @SOCKS_ERROR_NODE: the Mycelium node did not answer, or not as its API says
 * @SOCKS_ERROR_PROBE: a probe could not be made for want of descriptors or memory here;
 *   says nothing about the peer
 *
 * The one error domain of the service. Messages are one sentence that names the object
 * and tells what to do next. The first eight are also D-Bus errors, see `service/bus/`.
 */
typedef enum
{
  SOCKS_ERROR_INVALID_REMOTE,
  SOCKS_ERROR_INVALID_TARGET,
  SOCKS_ERROR_REMOTE_NOT_ALLOWED,
  SOCKS_ERROR_NO_VALID_PROXY,
  SOCKS_ERROR_ADDRESS_IN_USE,
  SOCKS_ERROR_LISTEN_FAILED,
  SOCKS_ERROR_CANCELLED,
  SOCKS_ERROR_FAILED,
  SOCKS_ERROR_SETTINGS,
  SOCKS_ERROR_NODE,
  SOCKS_ERROR_PROBE,
} SocksError;

#define SOCKS_ERROR (socks_error_quark ())

GQuark socks_error_quark (void);

G_END_DECLS
