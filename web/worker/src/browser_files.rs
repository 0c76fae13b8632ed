//! Files in the browser's own file system: unsaved zips, scratch files, and the files of the upload cache.

use std::io;

use augment_core::scratch::Scratch;
use augment_web_messages::Refusal;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetFileOptions, FileSystemReadWriteOptions,
    FileSystemSyncAccessHandle,
};

use crate::post::{error_message, scope};

/// The folder for unsaved zips and their spill files, in the browser's own file system.
const FOLDER: &str = "results";
/// The folder of the upload cache, with one folder for each job.
const JOBS: &str = "jobs";
/// The message for a write that took no bytes.
pub(crate) const FULL: &str = "there is no space left in the browser's storage";
/// A day in milliseconds.
const DAY_MS: f64 = 86_400_000.0;

/// A file in the browser's own file system.
pub(crate) struct BrowserFile {
    pub(crate) handle: FileSystemSyncAccessHandle,
    pub(crate) file: FileSystemFileHandle,
    name: String,
}

#[wasm_bindgen]
extern "C" {
    // The stable bindings lack these.
    #[wasm_bindgen(extends = FileSystemFileHandle)]
    pub(crate) type AnyFileHandle;
    #[wasm_bindgen(method, catch, js_name = createWritable)]
    pub(crate) fn create_writable(this: &AnyFileHandle) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = createSyncAccessHandle)]
    fn create_sync_access_handle(this: &AnyFileHandle) -> Result<js_sys::Promise, JsValue>;

    #[wasm_bindgen(extends = FileSystemDirectoryHandle)]
    type AnyFolderHandle;
    #[wasm_bindgen(method, catch, js_name = removeEntry)]
    fn remove_entry(this: &AnyFolderHandle, name: &str) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn keys(this: &AnyFolderHandle) -> Result<js_sys::AsyncIterator, JsValue>;
}

impl BrowserFile {
    /// Closes and removes it; after an error, a later start removes the file.
    pub(crate) async fn remove(self) {
        self.handle.close();
        if let Ok(folder) = folder().await {
            let _ = wait(folder.remove_entry(&self.name)).await;
        }
    }
}

/// Scratch space in a file.
pub(crate) struct ScratchFile {
    pub(crate) handle: FileSystemSyncAccessHandle,
    pub(crate) bytes: u64,
}

impl Scratch for ScratchFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !write_at(&self.handle, self.bytes, bytes).map_err(|error| io::Error::other(refused(error).message))? {
            return Err(io::Error::other(FULL));
        }
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        let options = FileSystemReadWriteOptions::new();
        options.set_at(at as f64);
        let count = self.handle.read_with_u8_array_and_options(into, &options);
        let count = count.map_err(|error| io::Error::other(refused(error).message))?;
        if count as usize == into.len() { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

/// A new file in the browser's own file system.
pub(crate) async fn create(extension: &str) -> Result<BrowserFile, Refusal> {
    let folder = folder().await?;
    let name = format!("{}-{}.{extension}", js_sys::Date::now(), js_sys::Math::random());
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    let file = wait(Ok(folder.get_file_handle_with_options(&name, &options))).await?;
    let handle = wait(file.unchecked_ref::<AnyFileHandle>().create_sync_access_handle()).await?;
    Ok(BrowserFile { handle: handle.unchecked_into(), file: file.unchecked_into(), name })
}

async fn folder() -> Result<AnyFolderHandle, Refusal> {
    folder_at(&[FOLDER]).await
}

/// A folder inside others; created if missing.
async fn folder_at(path: &[&str]) -> Result<AnyFolderHandle, Refusal> {
    let options = web_sys::FileSystemGetDirectoryOptions::new();
    options.set_create(true);
    let mut folder = wait(Ok(scope().navigator().storage().get_directory())).await?;
    for name in path {
        let inside = folder.unchecked_into::<FileSystemDirectoryHandle>();
        folder = wait(Ok(inside.get_directory_handle_with_options(name, &options))).await?;
    }
    Ok(folder.unchecked_into())
}

/// Writes a file into a job's folder.
pub(crate) async fn store_file(job: &str, name: &str, bytes: &[u8]) -> Result<(), Refusal> {
    let folder = folder_at(&[JOBS, job]).await?;
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    let file = wait(Ok(folder.get_file_handle_with_options(name, &options))).await?;
    let handle = wait(file.unchecked_ref::<AnyFileHandle>().create_sync_access_handle()).await?;
    let handle: FileSystemSyncAccessHandle = handle.unchecked_into();
    let written = handle
        .truncate_with_f64(0.0)
        .and_then(|()| write_at(&handle, 0, bytes))
        .and_then(|all| handle.flush().map(|()| all));
    handle.close();
    match written {
        Ok(true) => Ok(()),
        Ok(false) => Err(Refusal::new(FULL)),
        Err(error) => Err(refused(error)),
    }
}

/// Writes all bytes into a file from an offset on; false if there is no space.
fn write_at(handle: &FileSystemSyncAccessHandle, at: u64, bytes: &[u8]) -> Result<bool, JsValue> {
    let mut written = 0;
    // A write may take only a part.
    while written < bytes.len() {
        let options = FileSystemReadWriteOptions::new();
        options.set_at((at + written as u64) as f64);
        let count = handle.write_with_u8_array_and_options(&bytes[written..], &options)? as usize;
        if count == 0 {
            return Ok(false);
        }
        written += count;
    }
    Ok(true)
}

/// Removes a zip from the browser's own file system, or all zips that are older than a day: younger ones may belong to
/// another window.
pub(crate) async fn remove_zips(name: Option<&str>) {
    let Ok(folder) = folder().await else { return };
    let mut names: Vec<String> = name.map(str::to_owned).into_iter().collect();
    if name.is_none() {
        let Ok(entries) = folder.keys() else { return };
        let oldest = js_sys::Date::now() - DAY_MS;
        while let Ok(next) = wait(entries.next()).await {
            let value = js_sys::Reflect::get(&next, &"value".into()).ok().and_then(|name| name.as_string());
            let Some(name) = value else { break };
            let born = name.split('-').next().and_then(|born| born.parse::<f64>().ok());
            if born.is_none_or(|born| born < oldest) {
                names.push(name);
            }
        }
    }
    for name in names {
        // Files in use stay.
        let _ = wait(folder.remove_entry(&name)).await;
    }
}

pub(crate) async fn wait(promise: Result<impl Into<js_sys::Promise>, JsValue>) -> Result<JsValue, Refusal> {
    JsFuture::from(promise.map_err(refused)?.into()).await.map_err(refused)
}

/// The refusal for a failed write.
pub(crate) fn refused(error: JsValue) -> Refusal {
    let name = js_sys::Reflect::get(&error, &"name".into()).ok().and_then(|name| name.as_string()).unwrap_or_default();
    Refusal::new(match name.as_str() {
        "QuotaExceededError" => "there is no space left for the zip; free some, or save to another disk".to_owned(),
        "NotAllowedError" => "the browser was not allowed to write the zip; choose the file again".to_owned(),
        _ => format!("the zip cannot be written: {}", error_message(&error)),
    })
}
