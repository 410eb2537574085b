/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* GET requests to one server that is trusted with nothing: not with our time, not with
 * our memory, not with where we connect to. All that the service uses of libsoup is in
 * this file. Main thread; never waits.
 *
 * libsoup is made for the web, and much of what that needs is switched off: the proxy
 * resolver (it obeys `http_proxy` even for 127.0.0.1), redirects, content codings,
 * logins. Its own timeout is one of silence, which a body of one byte a second never
 * reaches, so each request has a deadline of its own that cancels it. */

#include "engine/http-client.h"

#include "core/error.h"

#include <libsoup/soup.h>

/* Most answers are a key of some 80 bytes. */
#define FIRST_BUFFER_BYTES 512

struct _SocksHttpClient
{
  GObject parent_instance;

  SoupSession *session; /* (owned) */
  guint connect_timeout_ms;
  guint request_timeout_ms;
};

G_DEFINE_FINAL_TYPE (SocksHttpClient, socks_http_client, G_TYPE_OBJECT)

/* One request, from the call to the last byte of the answer. */
typedef struct
{
  GCancellable *caller;      /* (owned) (nullable): ends it by the caller's wish */
  gulong caller_id;          /* of our handler on @caller; 0 for none */
  GCancellable *cancellable; /* (owned): ends it for whatever reason */
  guint connect_timeout_id;  /* 0 once there is a connection */
  guint request_timeout_id;  /* 0 once it has run out */
  GError *reason;            /* (owned) (nullable): why we ended it ourselves */
  gboolean is_being_told;    /* libsoup has the headers and has not yet said so */
  gboolean ends_when_told;   /* it is to end, but not before that */

  GInputStream *body; /* (owned) (nullable): before the answer has begun */
  guint8 *buffer;     /* (owned) (nullable): what was read of it */
  gsize n_bytes;
  gsize capacity;
  gsize max_bytes;
} Exchange;

static void
exchange_free (Exchange *exchange)
{
  g_cancellable_disconnect (exchange->caller, exchange->caller_id);
  g_clear_handle_id (&exchange->connect_timeout_id, g_source_remove);
  g_clear_handle_id (&exchange->request_timeout_id, g_source_remove);
  g_clear_error (&exchange->reason);
  g_clear_object (&exchange->body);
  g_clear_object (&exchange->cancellable);
  g_clear_object (&exchange->caller);
  g_free (exchange->buffer);
  g_free (exchange);
}

/* If a request is cancelled after libsoup 3.6 has read its headers, but before it calls
 * back about them, it drops one reference too many: what is called back
 * then reads freed memory. Nothing keeps it from calling back at once, so that can wait. */
static void
end (Exchange *exchange)
{
  if (exchange->is_being_told)
    exchange->ends_when_told = TRUE;
  else
    g_cancellable_cancel (exchange->cancellable);
}

static void
caller_cancelled_cb (GCancellable *caller, gpointer data)
{
  end (data);
}

/* Ends the exchange for a reason of our own; the first one counts. */
static void
abandon (GTask *task, GError *reason)
{
  Exchange *exchange = g_task_get_task_data (task);

  if (exchange->reason == NULL)
    exchange->reason = reason;
  else
    g_error_free (reason);
  end (exchange);
}

static void
abandon_late (GTask *task, guint limit_ms)
{
  abandon (task, g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "no answer within %g s",
                              limit_ms / 1000.0));
}

static gboolean
connect_timeout_cb (gpointer data)
{
  SocksHttpClient *self = g_task_get_source_object (data);
  Exchange *exchange = g_task_get_task_data (data);

  exchange->connect_timeout_id = 0;
  abandon_late (data, self->connect_timeout_ms);
  return G_SOURCE_REMOVE;
}

static gboolean
request_timeout_cb (gpointer data)
{
  SocksHttpClient *self = g_task_get_source_object (data);
  Exchange *exchange = g_task_get_task_data (data);

  exchange->request_timeout_id = 0;
  abandon_late (data, self->request_timeout_ms);
  return G_SOURCE_REMOVE;
}

/* Libsoup is about to write the request: there is a connection. */
static void
starting_cb (SoupMessage *message, gpointer data)
{
  Exchange *exchange = g_task_get_task_data (data);

  g_clear_handle_id (&exchange->connect_timeout_id, g_source_remove);
}

/* An interim answer (RFC 9110 section 15.2), for which nobody asked. Libsoup reads on
 * until there is nothing to read, and of these there can be no end. */
static void
got_informational_cb (SoupMessage *message, gpointer data)
{
  abandon (data, g_error_new (SOCKS_ERROR, SOCKS_ERROR_NODE, "HTTP status %d",
                              soup_message_get_status (message)));
}

static void
got_headers_cb (SoupMessage *message, gpointer data)
{
  Exchange *exchange = g_task_get_task_data (data);

  exchange->is_being_told = TRUE;
}

static void
return_error (GTask *task, GError *error)
{
  Exchange *exchange = g_task_get_task_data (task);

  if (exchange->reason != NULL)
    {
      g_error_free (error);
      error = g_steal_pointer (&exchange->reason);
    }
  g_task_return_error (task, error);
}

static void read_some (GTask *task);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Exchange *exchange = g_task_get_task_data (task);
  GError *error = NULL;
  gssize n_read = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (n_read < 0)
    {
      return_error (task, error);
      return;
    }

  exchange->n_bytes += (gsize) n_read;
  if (exchange->n_bytes > exchange->max_bytes)
    g_task_return_new_error (task, SOCKS_ERROR, SOCKS_ERROR_NODE,
                             "an answer of more than %" G_GSIZE_FORMAT " bytes",
                             exchange->max_bytes);
  else if (n_read > 0)
    read_some (g_steal_pointer (&task));
  else
    g_task_return_pointer (task,
                           g_bytes_new_take (g_steal_pointer (&exchange->buffer),
                                             exchange->n_bytes),
                           (GDestroyNotify) g_bytes_unref);
}

/* The buffer grows by what really came, never by what was announced, and to one byte more
 * than may come: that byte tells an answer that is short enough from a longer one. */
static void
read_some (GTask *task)
{
  Exchange *exchange = g_task_get_task_data (task);

  if (exchange->n_bytes == exchange->capacity)
    {
      exchange->capacity = MAX (2 * exchange->capacity, FIRST_BUFFER_BYTES);
      exchange->capacity = MIN (exchange->capacity, exchange->max_bytes + 1);
      exchange->buffer = g_realloc (exchange->buffer, exchange->capacity);
    }
  g_input_stream_read_async (exchange->body, exchange->buffer + exchange->n_bytes,
                             exchange->capacity - exchange->n_bytes, G_PRIORITY_DEFAULT,
                             exchange->cancellable, read_cb, task);
}

static void
send_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  SoupSession *session = SOUP_SESSION (source);
  Exchange *exchange = g_task_get_task_data (task);
  SoupMessage *message = soup_session_get_async_result_message (session, result);
  GError *error = NULL;

  exchange->body = soup_session_send_finish (session, result, &error);
  exchange->is_being_told = FALSE;
  if (exchange->ends_when_told)
    g_cancellable_cancel (exchange->cancellable);

  if (exchange->body == NULL)
    return_error (task, error);
  else if (soup_message_get_status (message) != SOUP_STATUS_OK)
    g_task_return_new_error (task, SOCKS_ERROR, SOCKS_ERROR_NODE, "HTTP status %d",
                             soup_message_get_status (message));
  else
    read_some (g_steal_pointer (&task));
}

static void
socks_http_client_dispose (GObject *object)
{
  SocksHttpClient *self = SOCKS_HTTP_CLIENT (object);

  g_clear_object (&self->session);

  G_OBJECT_CLASS (socks_http_client_parent_class)->dispose (object);
}

static void
socks_http_client_class_init (SocksHttpClientClass *class)
{
  G_OBJECT_CLASS (class)->dispose = socks_http_client_dispose;
}

static void
socks_http_client_init (SocksHttpClient *self)
{
}

/**
 * socks_http_client_new:
 * @max_connections: how many connections to the server there may be at once
 * @connect_timeout_ms: how long a request may wait for one
 * @request_timeout_ms: how long a request may take in all, to the last byte of its answer
 *
 * Makes a client that goes nowhere but where its URLs point.
 *
 * Returns: (transfer full): the client
 */
SocksHttpClient *
socks_http_client_new (guint max_connections,
                       guint connect_timeout_ms,
                       guint request_timeout_ms)
{
  SocksHttpClient *self = g_object_new (SOCKS_TYPE_HTTP_CLIENT, NULL);

  self->connect_timeout_ms = connect_timeout_ms;
  self->request_timeout_ms = request_timeout_ms;
  self->session = soup_session_new_with_options (
      "max-conns", max_connections, "max-conns-per-host", max_connections,
      "proxy-resolver", NULL /* connect directly */, NULL);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_CONTENT_DECODER);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_CONTENT_SNIFFER);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_COOKIE_JAR);
  return self;
}

/**
 * socks_http_client_get_async:
 * @self: a client
 * @url: what to ask for
 * @max_bytes: how long the answer's body may be
 * @cancellable: (nullable): ends the request
 * @callback: called when the whole answer is there
 * @user_data: for @callback
 *
 * Asks for @url. There may be no more requests at once than connections, for the time
 * that one waits for another's connection counts as its own.
 */
void
socks_http_client_get_async (SocksHttpClient *self,
                             const char *url,
                             gsize max_bytes,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_GET, url);
  Exchange *exchange = g_new0 (Exchange, 1);

  exchange->max_bytes = max_bytes;
  exchange->cancellable = g_cancellable_new ();
  g_task_set_source_tag (task, socks_http_client_get_async);
  g_task_set_task_data (task, exchange, (GDestroyNotify) exchange_free);

  if (message == NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                               "not a URL of HTTP");
      return;
    }

  if (cancellable != NULL)
    {
      exchange->caller = g_object_ref (cancellable);
      exchange->caller_id =
          g_cancellable_connect (cancellable, G_CALLBACK (caller_cancelled_cb),
                                 exchange, NULL /* it disconnects itself */);
    }
  exchange->connect_timeout_id =
      g_timeout_add (self->connect_timeout_ms, connect_timeout_cb, task);
  exchange->request_timeout_id =
      g_timeout_add (self->request_timeout_ms, request_timeout_cb, task);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  g_signal_connect_object (message, "starting", G_CALLBACK (starting_cb), task, 0);
  g_signal_connect_object (message, "got-informational",
                           G_CALLBACK (got_informational_cb), task, 0);
  g_signal_connect_object (message, "got-headers", G_CALLBACK (got_headers_cb), task, 0);
  soup_session_send_async (self->session, message, G_PRIORITY_DEFAULT,
                           exchange->cancellable, send_cb, g_object_ref (task));
}

/**
 * socks_http_client_get_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: return location for a %SOCKS_ERROR_NODE, which means that there was an answer,
 *   but not with status 200 or not within @max_bytes; a %G_IO_ERROR_TIMED_OUT, a
 *   %G_IO_ERROR_CANCELLED, or what else kept the answer from coming. The messages are
 *   reasons to be put into a sentence, and hold nothing that the server sent
 *
 * Returns: (transfer full): the body of the answer
 */
GBytes *
socks_http_client_get_finish (SocksHttpClient *self,
                              GAsyncResult *result,
                              GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
