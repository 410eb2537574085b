/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Errors as sentences for people: what is wrong, and what to do. The service sends names,
 * and messages in English that name files, keys and programs; the names are translated
 * here, and the messages are details for who wants them. Any thread. */

#include "config.h"

#include "model/error-text.h"

#include <glib/gi18n-lib.h>

#define OURS "org.mycelium.Socks.Error."
#define BUS "org.freedesktop.DBus.Error."
#define POLKIT "org.freedesktop.PolicyKit1.Error."
#define SYSTEMD "org.freedesktop.systemd1."

#define NOT_ALLOWED                                                                      \
  N_ ("You are not allowed to do this. Authenticate when you are asked to, or ask an "   \
      "administrator.")
#define NOT_INSTALLED                                                                    \
  N_ ("The service is not installed. Install Mycelium Socks together with its system "   \
      "service.")
#define NOT_STARTED                                                                      \
  N_ ("The service could not be started. Restart the computer; if that does not help, "  \
      "the system’s log says why.")
#define NO_ANSWER N_ ("The service did not answer. Try again in a moment.")
#define NO_BUS                                                                           \
  N_ ("The system bus can’t be reached. Try again in a moment; if this lasts, restart "  \
      "the computer.")
#define OTHER_VERSION                                                                    \
  N_ ("The service and this program are of different versions. Restart the computer, so " \
      "that both are the newer one.")
#define FAILED                                                                           \
  N_ ("The service could not do this. Try again; if it fails again, the system’s log "   \
      "says why.")

/* A name that ends with a dot stands for all that begin with it. */
static const struct
{
  const char *name;
  const char *text;
} sentences[] = {
  { OURS "InvalidRemote",
    N_ ("This is not an address. Write it as [address]:port, for instance "
        "[407:1f::9ab2]:1080.") },
  { OURS "InvalidTarget",
    N_ ("This is not a target. Write it as name:port, for instance example.com:443.") },
  { OURS "RemoteNotAllowed",
    N_ ("Nothing can be forwarded to this address. Choose another one.") },
  { OURS "NoValidProxy", N_ ("No proxy answered. Look for proxies, then try again.") },
  { OURS "AddressInUse",
    N_ ("Another program uses the local port. Close that program, then try again.") },
  { OURS "ListenFailed",
    N_ ("The local port could not be opened. Check the group [Listen] of the "
        "configuration.") },
  { OURS "Cancelled", N_ ("A newer request took the place of this one. Try again if you "
                          "still want it.") },
  { OURS "Failed", FAILED },

  { BUS "AccessDenied", NOT_ALLOWED },
  { BUS "AuthFailed", NOT_ALLOWED },
  { BUS "InteractiveAuthorizationRequired", NOT_ALLOWED },
  { POLKIT "Cancelled", N_ ("Nothing was changed, for the question for the password was "
                            "dismissed. Try again, and authenticate.") },
  { POLKIT, NOT_ALLOWED },
  { BUS "LimitsExceeded", N_ ("Too many requests wait for permission. Answer the open "
                              "questions for a password, or try again in a minute.") },

  { BUS "ServiceUnknown", NOT_INSTALLED },
  { BUS "Spawn.ServiceNotFound", NOT_INSTALLED },
  { BUS "NameHasNoOwner", N_ ("The service is not running. Start it, then try again.") },
  { BUS "Spawn.", NOT_STARTED },
  { SYSTEMD, NOT_STARTED },

  { BUS "NoReply", NO_ANSWER },
  { BUS "Timeout", NO_ANSWER },
  { BUS "TimedOut", NO_ANSWER },

  { BUS "Disconnected", NO_BUS },
  { BUS "NoServer", NO_BUS },
  { BUS "NoNetwork", NO_BUS },

  { BUS "InvalidArgs", OTHER_VERSION },
  { BUS "InvalidSignature", OTHER_VERSION },
  { BUS "UnknownInterface", OTHER_VERSION },
  { BUS "UnknownMethod", OTHER_VERSION },
  { BUS "UnknownObject", OTHER_VERSION },
  { BUS "UnknownProperty", OTHER_VERSION },
};

/**
 * socks_error_text_of_name:
 * @error_name: a D-Bus error name
 *
 * Returns: a sentence on what is wrong and what to do; for a name that is not known, that
 *   of `Failed`
 */
const char *
socks_error_text_of_name (const char *error_name)
{
  for (guint i = 0; i < G_N_ELEMENTS (sentences); i++)
    {
      const char *name = sentences[i].name;

      if (g_str_has_suffix (name, ".") ? g_str_has_prefix (error_name, name)
                                       : g_str_equal (error_name, name))
        return _ (sentences[i].text);
    }
  return _ (FAILED);
}

/**
 * socks_error_text:
 * @error: what a method of the client failed with
 *
 * Returns: (nullable): a sentence on what is wrong and what to do; %NULL where this
 *   program itself cancelled the call, and there is nothing to tell
 */
const char *
socks_error_text (const GError *error)
{
  g_autofree char *name = g_dbus_error_get_remote_error (error);

  if (name != NULL)
    return socks_error_text_of_name (name);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return NULL;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return _ (NO_ANSWER);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT))
    return _ (OTHER_VERSION);
  if (error->domain == G_DBUS_ERROR)
    {
      name = g_dbus_error_encode_gerror (error);
      return socks_error_text_of_name (name);
    }
  return _ (NO_BUS);
}

/**
 * socks_error_text_details:
 * @error: what a method of the client failed with
 *
 * Returns: (transfer full): the message as it was sent, in English: it may name what the
 *   sentence can't, as the program that holds the local port
 */
char *
socks_error_text_details (const GError *error)
{
  g_autoptr (GError) stripped = g_error_copy (error);

  g_dbus_error_strip_remote_error (stripped);
  return g_strdup (stripped->message);
}
