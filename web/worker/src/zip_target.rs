//! The destination of a zip: a file on disk, the browser's own file system, or memory; hashes it while it grows.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use augment_core::scratch::{Scratch, ScratchSpace};
use augment_web_messages::{Destination, Refusal};
use js_sys::{Array, Uint8Array};
use sha2::{Digest, Sha256};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetFileOptions,
    FileSystemReadWriteOptions, FileSystemSyncAccessHandle, FileSystemWritableFileStream,
};

use crate::post::{error_message, scope};

/// The folder for unsaved zips and their spill files, in the browser's own file system.
const FOLDER: &str = "results";
/// The folder of the upload cache, with one folder for each job.
const JOBS: &str = "jobs";
/// The size of the parts of a zip in memory.
const PART_BYTES: usize = 4 << 20;
/// The message for a write that took no bytes.
const FULL: &str = "there is no space left in the browser's storage";
/// A day in milliseconds.
const DAY_MS: f64 = 86_400_000.0;

/// A zip under construction, for its writer. Bytes that cannot be written at once wait for [`ZipTarget::drain`].
#[derive(Clone)]
pub(crate) struct ZipTarget(Rc<RefCell<State>>);

struct State {
    medium: Medium,
    hash: Sha256,
    bytes: u64,
    /// Bytes that are not written yet.
    waiting: Vec<u8>,
    /// Holds what goes to the end of the zip, in a file if possible.
    scratch: ScratchSpace,
    scratch_file: Option<Stored>,
}

/// A file in the browser's own file system.
struct Stored {
    handle: FileSystemSyncAccessHandle,
    file: FileSystemFileHandle,
    name: String,
}

enum Medium {
    File {
        stream: FileSystemWritableFileStream,
    },
    Stored(Stored),
    Memory {
        parts: Array,
    },
    /// Finished or discarded.
    Closed,
}

#[wasm_bindgen]
extern "C" {
    // The stable bindings lack these.
    #[wasm_bindgen(extends = FileSystemFileHandle)]
    type AnyFileHandle;
    #[wasm_bindgen(method, catch, js_name = createWritable)]
    fn create_writable(this: &AnyFileHandle) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = createSyncAccessHandle)]
    fn create_sync_access_handle(this: &AnyFileHandle) -> Result<js_sys::Promise, JsValue>;

    #[wasm_bindgen(extends = FileSystemDirectoryHandle)]
    type AnyFolderHandle;
    #[wasm_bindgen(method, catch, js_name = removeEntry)]
    fn remove_entry(this: &AnyFolderHandle, name: &str) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn keys(this: &AnyFolderHandle) -> Result<js_sys::AsyncIterator, JsValue>;
}

impl ZipTarget {
    /// Opens a destination; the handle of a file is attached.
    pub(crate) async fn open(destination: Destination, attached: &[JsValue]) -> Result<Self, Refusal> {
        let medium = match destination {
            Destination::File => {
                let handle = attached.first().cloned().unwrap_or_default();
                let stream = wait(handle.unchecked_ref::<AnyFileHandle>().create_writable()).await?;
                Medium::File { stream: stream.unchecked_into() }
            }
            Destination::Stored => Medium::Stored(store("zip").await?),
            Destination::Memory => Medium::Memory { parts: Array::new() },
        };
        // Without a file, it stays in memory.
        let scratch_file = store("part").await.ok();
        let room = scratch_file.as_ref().map(|Stored { handle, .. }| Room { handle: handle.clone(), bytes: 0 });
        let scratch = room.map_or_else(ScratchSpace::default, |room| ScratchSpace::new(move || Ok(Box::new(room))));
        let state = State { medium, hash: Sha256::new(), bytes: 0, waiting: Vec::new(), scratch, scratch_file };
        Ok(Self(Rc::new(RefCell::new(state))))
    }

    /// Space for what goes to the end of the zip.
    pub(crate) fn scratch(&self) -> ScratchSpace {
        self.0.borrow().scratch.clone()
    }

    /// Bytes so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.borrow().bytes
    }

    /// Writes waiting bytes.
    pub(crate) async fn drain(&self) -> Result<(), Refusal> {
        let writing = {
            let mut state = self.0.borrow_mut();
            let State { medium, waiting, .. } = &mut *state;
            match medium {
                Medium::File { stream } if !waiting.is_empty() => {
                    let bytes = Uint8Array::from(waiting.as_slice());
                    waiting.clear();
                    Some(stream.write_with_js_u8_array(&bytes))
                }
                Medium::Memory { parts } if waiting.len() >= PART_BYTES => {
                    parts.push(part(waiting)?.as_ref());
                    None
                }
                _ => None,
            }
        };
        match writing {
            Some(promise) => wait(promise).await.map(drop),
            None => Ok(()),
        }
    }

    /// Finishes it: returns the size, the hash, and the zip itself unless the user chose a file.
    pub(crate) async fn finish(&self) -> Result<(u64, String, Option<JsValue>), Refusal> {
        self.drain().await?;
        let (medium, bytes, sha256) = {
            let mut state = self.0.borrow_mut();
            if let Medium::Memory { parts } = &state.medium {
                let parts = parts.clone();
                parts.push(part(&mut state.waiting)?.as_ref());
            }
            let hash = std::mem::take(&mut state.hash);
            let digest = augment_core::digest::Digest(hash.finalize().into());
            (std::mem::replace(&mut state.medium, Medium::Closed), state.bytes, digest.to_hex())
        };
        self.remove_scratch().await;
        let zip = match medium {
            Medium::File { stream } => {
                wait(Ok(stream.close())).await?;
                None
            }
            Medium::Stored(Stored { handle, file, .. }) => {
                handle.flush().map_err(refused)?;
                handle.close();
                Some(wait(Ok(file.get_file())).await?.unchecked_into::<File>().into())
            }
            Medium::Memory { parts } => Some(blob(&parts)?.into()),
            Medium::Closed => return Err(Refusal::new("the zip is closed already")),
        };
        Ok((bytes, sha256, zip))
    }

    /// Discards it.
    pub(crate) async fn discard(&self) {
        let medium = std::mem::replace(&mut self.0.borrow_mut().medium, Medium::Closed);
        self.remove_scratch().await;
        match medium {
            Medium::File { stream } => drop(wait(Ok(stream.abort())).await),
            Medium::Stored(stored) => stored.remove().await,
            Medium::Memory { .. } | Medium::Closed => {}
        }
    }

    async fn remove_scratch(&self) {
        let file = self.0.borrow_mut().scratch_file.take();
        if let Some(file) = file {
            file.remove().await;
        }
    }
}

impl Stored {
    /// Closes and removes it; after an error, a later start removes the file.
    async fn remove(self) {
        self.handle.close();
        if let Ok(folder) = folder().await {
            let _ = wait(folder.remove_entry(&self.name)).await;
        }
    }
}

/// Scratch space in a file.
struct Room {
    handle: FileSystemSyncAccessHandle,
    bytes: u64,
}

impl Scratch for Room {
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

impl Write for ZipTarget {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.borrow_mut();
        let written = match &state.medium {
            Medium::Stored(Stored { handle, .. }) => {
                let options = FileSystemReadWriteOptions::new();
                options.set_at(state.bytes as f64);
                let count = handle
                    .write_with_u8_array_and_options(bytes, &options)
                    .map_err(|error| io::Error::other(refused(error).message))?;
                count as usize
            }
            Medium::File { .. } | Medium::Memory { .. } => {
                state.waiting.try_reserve(bytes.len()).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
                state.waiting.extend_from_slice(bytes);
                bytes.len()
            }
            Medium::Closed => return Err(io::Error::other("the zip is closed already")),
        };
        if written == 0 && !bytes.is_empty() {
            return Err(io::Error::other(format!("{FULL}; save to a file instead")));
        }
        state.hash.update(&bytes[..written]);
        state.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A new file in the browser's own file system.
async fn store(extension: &str) -> Result<Stored, Refusal> {
    let folder = folder().await?;
    let name = format!("{}-{}.{extension}", js_sys::Date::now(), js_sys::Math::random());
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    let file = wait(Ok(folder.get_file_handle_with_options(&name, &options))).await?;
    let handle = wait(file.unchecked_ref::<AnyFileHandle>().create_sync_access_handle()).await?;
    Ok(Stored { handle: handle.unchecked_into(), file: file.unchecked_into(), name })
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
pub(crate) async fn forget(name: Option<&str>) {
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

fn part(waiting: &mut Vec<u8>) -> Result<Blob, Refusal> {
    let blob = blob(&Array::of1(&Uint8Array::from(waiting.as_slice())));
    waiting.clear();
    blob
}

fn blob(parts: &Array) -> Result<Blob, Refusal> {
    let options = BlobPropertyBag::new();
    options.set_type("application/zip");
    Blob::new_with_blob_sequence_and_options(parts, &options).map_err(refused)
}

async fn wait(promise: Result<impl Into<js_sys::Promise>, JsValue>) -> Result<JsValue, Refusal> {
    JsFuture::from(promise.map_err(refused)?.into()).await.map_err(refused)
}

/// The refusal for a failed write.
fn refused(error: JsValue) -> Refusal {
    let name = js_sys::Reflect::get(&error, &"name".into()).ok().and_then(|name| name.as_string()).unwrap_or_default();
    Refusal::new(match name.as_str() {
        "QuotaExceededError" => "there is no space left for the zip; free some, or save to another disk".to_owned(),
        "NotAllowedError" => "the browser was not allowed to write the zip; choose the file again".to_owned(),
        _ => format!("the zip cannot be written: {}", error_message(&error)),
    })
}
