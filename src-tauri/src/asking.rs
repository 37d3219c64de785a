//! Questions outside the pages, in a dialog of the system's own: a script in a page can neither answer nor see them.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::house::House;

/// Whether a question stands. One at a time: whoever asks meanwhile hears "no".
#[derive(Debug, Default)]
pub(crate) struct Asking(AtomicBool);

/// What is asked.
struct Question {
    title: &'static str,
    text: String,
    yes: &'static str,
}

/// Whether a vendor's managing key may travel to `host`, which is not the vendor's own.
pub(crate) async fn may_send(house: &House, vendor: &str, host: &str) -> bool {
    ask(house, Question {
        title: "Keyturn: another address",
        text: format!(
            "Connect {vendor} at {host}?\n\nThis is not the address of {vendor}. The managing key, and every key that you check there, will be sent to {host}. Go on only if you typed this address yourself and know whose it is."
        ),
        yes: "Send the key there",
    })
    .await
}

async fn ask(house: &House, question: Question) -> bool {
    if house.asking.0.swap(true, Ordering::AcqRel) {
        return false;
    }
    let answer = system::ask(&house.app, question).await;
    house.asking.0.store(false, Ordering::Release);
    answer
}

#[cfg(target_os = "linux")]
mod system {
    use gtk::prelude::*;
    use tauri::{AppHandle, Manager};
    use tokio::sync::oneshot;

    use super::Question;
    use crate::window::MAIN;

    /// No answer is "no": so are Escape, Return and the window's own cross.
    pub(super) async fn ask(app: &AppHandle, question: Question) -> bool {
        let (sender, answer) = oneshot::channel();
        let handle = app.clone();
        let shown = app.run_on_main_thread(move || {
            let parent = handle.get_webview_window(MAIN).and_then(|window| window.gtk_window().ok());
            show(parent.as_ref(), &question, sender);
        });
        if let Err(error) = shown {
            tracing::warn!(%error, "a question could not be asked");
            return false;
        }
        answer.await.unwrap_or(false)
    }

    fn show(parent: Option<&gtk::ApplicationWindow>, question: &Question, answer: oneshot::Sender<bool>) {
        let dialog = gtk::MessageDialog::new(
            parent,
            gtk::DialogFlags::MODAL | gtk::DialogFlags::DESTROY_WITH_PARENT,
            gtk::MessageType::Warning,
            gtk::ButtonsType::None,
            &question.text,
        );
        dialog.set_title(question.title);
        dialog.add_button("Cancel", gtk::ResponseType::Cancel);
        // With Alt and its first letter.
        dialog.add_button(&format!("_{}", question.yes), gtk::ResponseType::Accept);
        dialog.set_default_response(gtk::ResponseType::Cancel);
        let answer = std::cell::Cell::new(Some(answer));
        dialog.connect_response(move |dialog, response| {
            if let Some(answer) = answer.take() {
                // Nobody waits any more: that is a "no" as well.
                let _ = answer.send(response == gtk::ResponseType::Accept);
            }
            dialog.close();
        });
        dialog.show_all();
        dialog.present();
        if let Some(cancel) = dialog.widget_for_response(gtk::ResponseType::Cancel) {
            cancel.grab_focus();
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use rfd::{AsyncMessageDialog, MessageButtons, MessageDialogResult, MessageLevel};
    use tauri::AppHandle;

    use super::Question;

    pub(super) async fn ask(_: &AppHandle, question: Question) -> bool {
        let buttons = MessageButtons::OkCancelCustom(question.yes.to_owned(), "Cancel".to_owned());
        let dialog = AsyncMessageDialog::new()
            .set_level(MessageLevel::Warning)
            .set_title(question.title)
            .set_description(question.text)
            .set_buttons(buttons);
        match dialog.show().await {
            MessageDialogResult::Ok => true,
            MessageDialogResult::Custom(chosen) => chosen == question.yes,
            _ => false,
        }
    }
}
