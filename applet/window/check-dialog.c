/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One proxy is checked, once when the dialog opens and then whenever it is asked for,
 * with a target or without. Of two checks the later one counts. Main thread. */

#include "config.h"

#include "window/check-dialog.h"

#include <glib/gi18n-lib.h>

#include "model/address-text.h"
#include "model/error-text.h"
#include "model/finding-text.h"

struct _SocksCheckDialog
{
  AdwWindow parent_instance;

  SocksClient *client;       /* (owned) (nullable) */
  char *remote;              /* (owned) */
  char *title;               /* (owned): what to call it */
  GCancellable *cancellable; /* (owned) (nullable): of the check under way */
  GArray *findings;          /* (owned) (nullable): of the last one */
  GPtrArray *rows;           /* (owned): of the list, borrowed from it */

  GtkLabel *name;
  GtkSpinner *spinner;
  GtkImage *icon;
  GtkLabel *summary;
  GtkLabel *advice;
  GtkListBox *steps;
  AdwEntryRow *target;
  GtkWidget *copy_button;
  GtkWidget *again_button;
};

G_DEFINE_FINAL_TYPE (SocksCheckDialog, socks_check_dialog, ADW_TYPE_WINDOW)

static const struct
{
  const char *icon_name;
  const char *style_class;
} looks[] = {
  [SOCKS_FINDING_SKIPPED] = { "list-remove-symbolic", "dim-label" },
  [SOCKS_FINDING_PASSED] = { "object-select-symbolic", "success" },
  [SOCKS_FINDING_WARNING] = { "dialog-warning-symbolic", "warning" },
  [SOCKS_FINDING_FAILED] = { "window-close-symbolic", "error" },
};

static void
set_text (GtkLabel *label, const char *text)
{
  gtk_label_set_label (label, text);
  gtk_widget_set_visible (GTK_WIDGET (label), *text != '\0');
}

static GtkWidget *
new_icon (SocksFindingResult result)
{
  GtkWidget *icon =
      g_object_new (GTK_TYPE_IMAGE, "icon-name", looks[result].icon_name,
                    "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);

  gtk_widget_add_css_class (icon, looks[result].style_class);
  return icon;
}

static void
add_step (SocksCheckDialog *self, const SocksFinding *finding)
{
  const char *title = socks_finding_text_title (finding->kind);
  const char *verdict = socks_finding_text_verdict (finding);
  g_autofree char *duration =
      socks_latency_text ((guint) CLAMP (finding->duration_us, 0, G_MAXUINT));
  /* Translators: a step of a check and how it ended, as in "Login: Not needed" */
  g_autofree char *spoken = g_strdup_printf (C_ ("finding", "%s: %s"), title, verdict);
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *time = gtk_label_new (duration);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), verdict);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), new_icon (finding->result));
  gtk_widget_add_css_class (time, "dim-label");
  gtk_widget_add_css_class (time, "numeric");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), time);
  /* All of it in place of the title alone. */
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (row),
                                 GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  spoken, -1);
  gtk_list_box_append (self->steps, row);
  g_ptr_array_add (self->rows, row);
}

static void
remove_steps (SocksCheckDialog *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    gtk_list_box_remove (self->steps, self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
}

/* With the icon of what came of it, or with the spinner while nothing has. */
static void
show_icon (SocksCheckDialog *self, gboolean is_over, SocksFindingResult result)
{
  for (guint i = 0; i < G_N_ELEMENTS (looks); i++)
    gtk_widget_remove_css_class (GTK_WIDGET (self->icon), looks[i].style_class);
  gtk_widget_add_css_class (GTK_WIDGET (self->icon), looks[result].style_class);
  gtk_image_set_from_icon_name (self->icon, looks[result].icon_name);
  gtk_widget_set_visible (GTK_WIDGET (self->icon), is_over);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), !is_over);
  gtk_spinner_set_spinning (self->spinner, !is_over);
  gtk_widget_set_sensitive (self->again_button, is_over);
}

static void
show_findings (SocksCheckDialog *self)
{
  const SocksFinding *problem = socks_findings_get_problem (self->findings);
  g_autofree char *summary = NULL;

  if (problem != NULL)
    summary = g_strdup_printf (C_ ("finding", "%s: %s"),
                               socks_finding_text_title (problem->kind),
                               socks_finding_text_verdict (problem));
  show_icon (self, TRUE, problem != NULL ? problem->result : SOCKS_FINDING_PASSED);
  set_text (self->summary, problem != NULL ? summary : _ ("Nothing is wrong."));
  set_text (self->advice, problem != NULL ? socks_finding_text_advice (problem) : "");
  for (guint i = 0; i < self->findings->len; i++)
    add_step (self, &g_array_index (self->findings, SocksFinding, i));
  gtk_widget_set_visible (GTK_WIDGET (self->steps), self->findings->len > 0);
  gtk_widget_set_sensitive (self->copy_button, TRUE);
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SocksCheckDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) findings =
      socks_client_check_finish (SOCKS_CLIENT (source), result, &error);

  /* It was called off, for the dialog was closed or another check has begun. */
  if (g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    return;
  g_clear_object (&self->cancellable);
  if (findings == NULL)
    {
      const char *sentence = socks_error_text (error);

      /* There is none for what was called off, as by the end of the program. */
      show_icon (self, TRUE, SOCKS_FINDING_FAILED);
      set_text (self->summary, sentence != NULL ? sentence : "");
      return;
    }
  self->findings = g_steal_pointer (&findings);
  show_findings (self);
}

static void
cancel (SocksCheckDialog *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static void
check (SocksCheckDialog *self)
{
  g_autofree char *target =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->target))));

  cancel (self);
  g_clear_pointer (&self->findings, g_array_unref);
  remove_steps (self);
  gtk_widget_set_visible (GTK_WIDGET (self->steps), FALSE);
  gtk_widget_set_sensitive (self->copy_button, FALSE);
  show_icon (self, FALSE, SOCKS_FINDING_SKIPPED);
  set_text (self->summary, _ ("Checking…"));
  set_text (self->advice, "");

  self->cancellable = g_cancellable_new ();
  socks_client_check_async (self->client, self->remote, target, self->cancellable,
                            checked_cb, g_object_ref (self));
}

static void
copy_cb (SocksCheckDialog *self)
{
  g_autofree char *text = socks_findings_text (self->title, self->findings);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

static gboolean
socks_check_dialog_close_request (GtkWindow *window)
{
  cancel (SOCKS_CHECK_DIALOG (window));
  return GTK_WINDOW_CLASS (socks_check_dialog_parent_class)->close_request (window);
}

static void
socks_check_dialog_dispose (GObject *object)
{
  SocksCheckDialog *self = SOCKS_CHECK_DIALOG (object);

  cancel (self);
  g_clear_object (&self->client);

  G_OBJECT_CLASS (socks_check_dialog_parent_class)->dispose (object);
}

static void
socks_check_dialog_finalize (GObject *object)
{
  SocksCheckDialog *self = SOCKS_CHECK_DIALOG (object);

  g_clear_pointer (&self->findings, g_array_unref);
  g_ptr_array_unref (self->rows);
  g_free (self->title);
  g_free (self->remote);

  G_OBJECT_CLASS (socks_check_dialog_parent_class)->finalize (object);
}

static void
socks_check_dialog_class_init (SocksCheckDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = socks_check_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = socks_check_dialog_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = socks_check_dialog_close_request;

  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close",
                                       NULL);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/mycelium/Socks/Applet/check-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SocksCheckDialog, name);
  gtk_widget_class_bind_template_child (widget_class, SocksCheckDialog, spinner);
  gtk_widget_class_bind_template_child (widget_class, SocksCheckDialog, icon);
  gtk_widget_class_bind_template_child (widget_class, SocksCheckDialog, summary);
  gtk_widget_class_bind_template_child (widget_class, SocksCheckDialog, advice);
  gtk_widget_class_bind_template_child (widget_class, SocksCheckDialog, steps);
  gtk_widget_class_bind_template_child (widget_class, SocksCheckDialog, target);
  gtk_widget_class_bind_template_child (widget_class, SocksCheckDialog, copy_button);
  gtk_widget_class_bind_template_child (widget_class, SocksCheckDialog, again_button);
  gtk_widget_class_bind_template_callback (widget_class, check);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
}

static void
socks_check_dialog_init (SocksCheckDialog *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  /* A target is written from left to right in every language. */
  gtk_widget_set_direction (
      GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (self->target))),
      GTK_TEXT_DIR_LTR);
}

/**
 * socks_check_dialog_new:
 * @parent: the window that it belongs to
 * @client: the service
 * @remote: what is to be checked
 *
 * Returns: (transfer none): a dialog, not yet shown, with a check under way
 */
SocksCheckDialog *
socks_check_dialog_new (GtkWindow *parent, SocksClient *client, const char *remote)
{
  SocksCheckDialog *self =
      g_object_new (SOCKS_TYPE_CHECK_DIALOG, "transient-for", parent, NULL);
  g_autofree char *address = socks_address_text_full (remote);
  g_autofree char *called =
      socks_address_book_dup_text (socks_client_get_book (client), remote);
  gboolean has_name =
      socks_address_book_get_name (socks_client_get_book (client), remote) != NULL;

  self->client = g_object_ref (client);
  self->remote = g_strdup (remote);
  self->title = has_name ? g_strdup_printf (C_ ("proxy", "%s (%s)"), called, address)
                         : g_strdup (address);
  gtk_label_set_label (self->name, self->title);
  check (self);
  return self;
}
