//! Where a run's zip goes: to a file that the user chooses, to the browser's own file system, or to memory.

use augment_web_messages::{Destination, Refusal};
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::FileSystemFileHandle;

use super::worker_client::error_message;

/// Where a zip is written.
#[derive(Clone, Debug, PartialEq)]
pub enum ZipDestination {
    /// A file on disk that the user chose.
    File(FileSystemFileHandle),
    /// The browser's own file system, to be saved once it is complete.
    Stored,
    /// Memory, to be saved once it is complete.
    Memory,
}

impl ZipDestination {
    /// Lets the user choose a file if the browser can (only inside a click or key press), else takes the best
    /// destination to save from later. `None` if the user cancels.
    ///
    /// # Errors
    /// When the browser refuses the file.
    pub async fn choose(name: &str) -> Result<Option<Self>, Refusal> {
        let Some(window) = web_sys::window() else { return Ok(Some(Self::Memory)) };
        let Some(picker) = function(&window, "showSaveFilePicker") else { return Ok(Some(Self::without_asking())) };
        let options = Object::new();
        // Setting a field of a plain object cannot fail.
        let _ = Reflect::set(&options, &"suggestedName".into(), &name.into());
        let asked = picker.call1(&window, &options).map(JsCast::unchecked_into::<Promise>);
        let chosen = match asked {
            Ok(promise) => JsFuture::from(promise).await,
            Err(error) => Err(error),
        };
        match chosen {
            Ok(handle) => Ok(Some(Self::File(handle.unchecked_into()))),
            Err(error) => match name_of(&error).as_str() {
                "AbortError" => Ok(None),
                "SecurityError" | "NotAllowedError" => Ok(Some(Self::without_asking())),
                _ => Err(Refusal::new(format!("the file cannot be written: {}", error_message(&error)))),
            },
        }
    }

    /// The best destination that needs no permission.
    #[must_use]
    pub fn without_asking() -> Self {
        let has_files = web_sys::window()
            .and_then(|window| Reflect::get(&window.navigator(), &"storage".into()).ok())
            .is_some_and(|storage| storage.is_object() && function(&storage, "getDirectory").is_some());
        if has_files { Self::Stored } else { Self::Memory }
    }

    pub(super) fn message(&self) -> (Destination, Vec<JsValue>) {
        match self {
            Self::File(handle) => (Destination::File, vec![handle.into()]),
            Self::Stored => (Destination::Stored, Vec::new()),
            Self::Memory => (Destination::Memory, Vec::new()),
        }
    }
}

fn function(of: &JsValue, name: &str) -> Option<Function> {
    Reflect::get(of, &name.into()).ok()?.dyn_into().ok()
}

/// The name of an exception, such as `AbortError`.
fn name_of(error: &JsValue) -> String {
    Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string()).unwrap_or_default()
}
