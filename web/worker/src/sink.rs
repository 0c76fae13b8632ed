//! Where a zip goes: a file on disk, the browser's own file system, or memory; its hash as it grows.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use augment_web_messages::{Destination, Refusal};
use js_sys::{Array, Uint8Array};
use sha2::{Digest, Sha256};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetFileOptions,
    FileSystemReadWriteOptions, FileSystemSyncAccessHandle, FileSystemWritableFileStream,
};

use crate::post::{scope, words};

/// The folder of unsaved zips in the browser's own file system.
const FOLDER: &str = "results";
/// The folder of what waits to be sent; a folder a job.
const JOBS: &str = "jobs";
/// Bytes that become one part of a zip in memory.
const PART_BYTES: usize = 4 << 20;
/// A day in milliseconds.
const DAY_MS: f64 = 86_400_000.0;

/// A zip under construction, as the writer of the zip sees it; what cannot be written at once waits for
/// [`Target::drain`].
#[derive(Clone)]
pub(crate) struct Target(Rc<RefCell<State>>);

struct State {
    place: Place,
    hash: Sha256,
    bytes: u64,
    /// Bytes that were taken but not written yet.
    waiting: Vec<u8>,
}

enum Place {
    File {
        stream: FileSystemWritableFileStream,
    },
    Stored {
        handle: FileSystemSyncAccessHandle,
        file: FileSystemFileHandle,
        name: String,
    },
    Memory {
        parts: Array,
    },
    /// Finished or given up.
    Closed,
}

#[wasm_bindgen]
extern "C" {
    // Not yet in the stable part of the bindings.
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

impl Target {
    /// Opens a place; the handle of a file is attached.
    pub(crate) async fn open(destination: Destination, attached: &[JsValue]) -> Result<Self, Refusal> {
        let place = match destination {
            Destination::File => {
                let handle = attached.first().cloned().unwrap_or_default();
                let stream = wait(handle.unchecked_ref::<AnyFileHandle>().create_writable()).await?;
                Place::File { stream: stream.unchecked_into() }
            }
            Destination::Stored => store().await?,
            Destination::Memory => Place::Memory { parts: Array::new() },
        };
        Ok(Self(Rc::new(RefCell::new(State { place, hash: Sha256::new(), bytes: 0, waiting: Vec::new() }))))
    }

    /// Bytes so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.borrow().bytes
    }

    /// Writes what waits.
    pub(crate) async fn drain(&self) -> Result<(), Refusal> {
        let writing = {
            let mut state = self.0.borrow_mut();
            let State { place, waiting, .. } = &mut *state;
            match place {
                Place::File { stream } if !waiting.is_empty() => {
                    let bytes = Uint8Array::from(waiting.as_slice());
                    waiting.clear();
                    Some(stream.write_with_js_u8_array(&bytes))
                }
                Place::Memory { parts } if waiting.len() >= PART_BYTES => {
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

    /// Ends it: bytes, hash, and the zip itself where it is not in a file of the person's.
    pub(crate) async fn finish(&self) -> Result<(u64, String, Option<JsValue>), Refusal> {
        self.drain().await?;
        let (place, bytes, sha256) = {
            let mut state = self.0.borrow_mut();
            if let Place::Memory { parts } = &state.place {
                let parts = parts.clone();
                parts.push(part(&mut state.waiting)?.as_ref());
            }
            let hash = std::mem::take(&mut state.hash);
            let digest = augment_core::digest::Digest(hash.finalize().into());
            (std::mem::replace(&mut state.place, Place::Closed), state.bytes, digest.to_hex())
        };
        let zip = match place {
            Place::File { stream } => {
                wait(Ok(stream.close())).await?;
                None
            }
            Place::Stored { handle, file, .. } => {
                handle.flush().map_err(refused)?;
                handle.close();
                Some(wait(Ok(file.get_file())).await?.unchecked_into::<File>().into())
            }
            Place::Memory { parts } => Some(blob(&parts)?.into()),
            Place::Closed => return Err(Refusal::new("the zip is closed already")),
        };
        Ok((bytes, sha256, zip))
    }

    /// Gives it up: nothing is left of it.
    pub(crate) async fn discard(&self) {
        let place = std::mem::replace(&mut self.0.borrow_mut().place, Place::Closed);
        // What fails here leaves at most a file that the next start removes.
        match place {
            Place::File { stream } => drop(wait(Ok(stream.abort())).await),
            Place::Stored { handle, name, .. } => {
                handle.close();
                if let Ok(folder) = folder().await {
                    let _ = wait(folder.remove_entry(&name)).await;
                }
            }
            Place::Memory { .. } | Place::Closed => {}
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.borrow_mut();
        let written = match &state.place {
            Place::Stored { handle, .. } => {
                let options = FileSystemReadWriteOptions::new();
                options.set_at(state.bytes as f64);
                let count = handle
                    .write_with_u8_array_and_options(bytes, &options)
                    .map_err(|error| io::Error::other(refused(error).message))?;
                count as usize
            }
            Place::File { .. } | Place::Memory { .. } => {
                state.waiting.try_reserve(bytes.len()).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
                state.waiting.extend_from_slice(bytes);
                bytes.len()
            }
            Place::Closed => return Err(io::Error::other("the zip is closed already")),
        };
        if written == 0 && !bytes.is_empty() {
            return Err(io::Error::other("there is no space left in the browser's storage; save to a file instead"));
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
async fn store() -> Result<Place, Refusal> {
    let folder = folder().await?;
    let name = format!("{}-{}.zip", js_sys::Date::now(), js_sys::Math::random());
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    let file = wait(Ok(folder.get_file_handle_with_options(&name, &options))).await?;
    let handle = wait(file.unchecked_ref::<AnyFileHandle>().create_sync_access_handle()).await?;
    Ok(Place::Stored { handle: handle.unchecked_into(), file: file.unchecked_into(), name })
}

async fn folder() -> Result<AnyFolderHandle, Refusal> {
    folder_at(&[FOLDER]).await
}

/// A folder inside others, made where it is not there.
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
pub(crate) async fn keep(job: &str, name: &str, bytes: &[u8]) -> Result<(), Refusal> {
    let folder = folder_at(&[JOBS, job]).await?;
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    let file = wait(Ok(folder.get_file_handle_with_options(name, &options))).await?;
    let handle = wait(file.unchecked_ref::<AnyFileHandle>().create_sync_access_handle()).await?;
    let handle: FileSystemSyncAccessHandle = handle.unchecked_into();
    let written = handle.truncate_with_f64(0.0).and_then(|()| {
        let mut at = 0;
        // A write may take a part only.
        while at < bytes.len() {
            let options = FileSystemReadWriteOptions::new();
            options.set_at(at as f64);
            let count = handle.write_with_u8_array_and_options(&bytes[at..], &options)? as usize;
            if count == 0 {
                return Ok(false);
            }
            at += count;
        }
        handle.flush().map(|()| true)
    });
    handle.close();
    match written {
        Ok(true) => Ok(()),
        Ok(false) => Err(Refusal::new("there is no space left in the browser's storage")),
        Err(error) => Err(refused(error)),
    }
}

/// Removes a zip from the browser's own file system, or all that earlier runs left there longer than a day ago: what is
/// younger may belong to another window.
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
        // What is in use stays.
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

/// Why a browser would not write.
fn refused(error: JsValue) -> Refusal {
    let name = js_sys::Reflect::get(&error, &"name".into()).ok().and_then(|name| name.as_string()).unwrap_or_default();
    Refusal::new(match name.as_str() {
        "QuotaExceededError" => "there is no space left for the zip; free some, or save to another disk".to_owned(),
        "NotAllowedError" => "the browser was not allowed to write the zip; choose the file again".to_owned(),
        _ => format!("the zip cannot be written: {}", words(&error)),
    })
}
