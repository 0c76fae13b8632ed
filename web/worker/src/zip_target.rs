//! The destination of a zip: a file on disk, the browser's own file system, or memory; hashes it while it grows.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use augment_core::scratch::ScratchSpace;
use augment_web_messages::{Destination, Refusal};
use js_sys::{Array, Uint8Array};
use sha2::{Digest, Sha256};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, File, FileSystemReadWriteOptions, FileSystemWritableFileStream};

use crate::browser_files::{AnyFileHandle, BrowserFile, FULL, ScratchFile, create, refused, wait};

/// The size of the parts of a zip in memory.
const PART_BYTES: usize = 4 << 20;

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
    scratch_file: Option<BrowserFile>,
}

enum Medium {
    File {
        stream: FileSystemWritableFileStream,
    },
    Stored(BrowserFile),
    Memory {
        parts: Array,
    },
    /// Finished or discarded.
    Closed,
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
            Destination::Stored => Medium::Stored(create("zip").await?),
            Destination::Memory => Medium::Memory { parts: Array::new() },
        };
        // Without a file, it stays in memory.
        let scratch_file = create("part").await.ok();
        let room =
            scratch_file.as_ref().map(|BrowserFile { handle, .. }| ScratchFile { handle: handle.clone(), bytes: 0 });
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
            Medium::Stored(BrowserFile { handle, file, .. }) => {
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

impl Write for ZipTarget {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.borrow_mut();
        let written = match &state.medium {
            Medium::Stored(BrowserFile { handle, .. }) => {
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
