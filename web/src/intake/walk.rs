//! Walks through dropped or picked files and folders without blocking the page.

use augment_core::files::is_hidden;
use futures::future::join_all;
use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

use crate::browser;

/// A file and its path, with folders and forward slashes.
#[derive(Clone, Debug)]
pub struct FoundFile {
    /// Its path.
    pub path: String,
    /// Its handle.
    pub file: File,
}

/// Files and folders to look through.
#[derive(Debug, Default)]
pub struct Walk {
    ready: Vec<FoundFile>,
    folders: Vec<FileSystemDirectoryEntry>,
    single: Vec<FileSystemFileEntry>,
}

impl Walk {
    /// Files whose paths are known.
    #[must_use]
    pub fn ready(ready: Vec<FoundFile>) -> Self {
        Self { ready, ..Self::default() }
    }

    /// The files of an input, with their folders if a folder was picked.
    #[must_use]
    pub fn picked(files: &FileList) -> Self {
        let files = (0..files.length()).filter_map(|at| files.get(at));
        let found = files.map(|file| {
            let path = browser::property(&file, "webkitRelativePath").and_then(|path| path.as_string());
            FoundFile { path: path.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name()), file }
        });
        Self::ready(found.filter(|found| !found.path.split('/').any(is_hidden)).collect())
    }

    /// Dropped files and folders. Must be called inside the drop event: its items disappear afterwards.
    #[must_use]
    pub fn dropped(data: &DataTransfer) -> Self {
        let mut walk = Self::default();
        let items = data.items();
        for item in (0..items.length()).filter_map(|at| items.get(at)) {
            let Ok(Some(entry)) = item.webkit_get_as_entry() else { continue };
            walk.sort(entry);
        }
        if walk.folders.is_empty() && walk.single.is_empty() {
            return data.files().map(|files| Self::picked(&files)).unwrap_or_default();
        }
        walk
    }

    /// Whether there is nothing to look through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.folders.is_empty() && self.single.is_empty()
    }

    fn sort(&mut self, entry: FileSystemEntry) {
        if is_hidden(&entry.name()) {
            return;
        }
        if entry.is_directory() {
            self.folders.push(entry.unchecked_into());
        } else {
            self.single.push(entry.unchecked_into());
        }
    }

    /// All files. `tell` is called with the number of files so far and says whether to go on; `None` if it says no.
    /// Files that cannot be read are skipped.
    pub async fn run(mut self, tell: &impl Fn(usize) -> bool) -> Option<Vec<FoundFile>> {
        let mut found = std::mem::take(&mut self.ready);
        loop {
            for entries in std::mem::take(&mut self.single).chunks(128) {
                found.extend(join_all(entries.iter().map(file_of)).await.into_iter().flatten());
                if !tell(found.len()) {
                    return None;
                }
            }
            let Some(folder) = self.folders.pop() else { return Some(found) };
            let reader = folder.create_reader();
            // A reader returns the entries in batches; the last batch is empty.
            loop {
                let portion = promised(|done, failed| {
                    let _ = reader.read_entries_with_callback_and_callback(done, failed);
                });
                let Some(portion) = portion.await.map(JsCast::unchecked_into::<Array>) else { break };
                if portion.length() == 0 {
                    break;
                }
                for entry in portion.iter() {
                    self.sort(entry.unchecked_into());
                }
                if !tell(found.len() + self.single.len()) {
                    return None;
                }
            }
        }
    }
}

async fn file_of(entry: &FileSystemFileEntry) -> Option<FoundFile> {
    let file = promised(|done, failed| entry.file_with_callback_and_callback(done, failed)).await?;
    let path = entry.full_path().trim_start_matches('/').to_owned();
    Some(FoundFile { path, file: file.unchecked_into() })
}

/// The result of a function with two callbacks.
async fn promised(mut start: impl FnMut(&js_sys::Function, &js_sys::Function)) -> Option<JsValue> {
    JsFuture::from(Promise::new(&mut |done, failed| start(&done, &failed))).await.ok()
}
