//! Files from the page, read in slices by the synchronous API that only workers have.

use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use augment_core::error::{Error, ErrorKind, Result};
use augment_core::files::Stored;
use augment_core::limits::Limits;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, FileReaderSync};

use crate::post::error_message;

/// A file from the page.
#[derive(Clone, Debug)]
pub(crate) struct WebFile {
    file: File,
    /// Its bytes, if they were read ahead, until they are used.
    read_bytes: Rc<RefCell<Option<ArrayBuffer>>>,
}

impl WebFile {
    pub(crate) fn new(file: File) -> Self {
        Self { file, read_bytes: Rc::default() }
    }

    /// Starts to read the file in the background, so that the next [`Stored::read`] does not wait. Errors are left to
    /// that call.
    pub(crate) fn read_ahead(&self) -> impl Future<Output = ()> + use<> {
        let (reading, read_bytes) = (JsFuture::from(self.file.array_buffer()), Rc::clone(&self.read_bytes));
        async move {
            if let Ok(bytes) = reading.await {
                *read_bytes.borrow_mut() = Some(bytes.unchecked_into());
            }
        }
    }

    fn slice(&self, from: u64, to: u64) -> Result<Uint8Array> {
        bytes_of(&self.file.slice_with_f64_and_f64(from as f64, to as f64).map_err(|error| failed(&error))?)
    }

    /// Whether its first bytes are those of a zip; an empty archive starts with its end record.
    pub(crate) fn is_zip(&self) -> bool {
        self.slice(0, 4).is_ok_and(|head| matches!(head.to_vec().as_slice(), b"PK\x03\x04" | b"PK\x05\x06"))
    }
}

fn bytes_of(blob: &Blob) -> Result<Uint8Array> {
    let reader = FileReaderSync::new().map_err(|error| failed(&error))?;
    let buffer = reader.read_as_array_buffer(blob).map_err(|error| failed(&error))?;
    Ok(Uint8Array::new(&buffer))
}

fn failed(error: &JsValue) -> Error {
    let why = error_message(error);
    Error::new(ErrorKind::Io, format!("it cannot be read any more ({why}); was it moved? add it again"))
}

impl Stored for WebFile {
    fn size(&self) -> u64 {
        self.file.size() as u64
    }

    fn read(&self, limits: &Limits) -> Result<Vec<u8>> {
        let size = self.size();
        if size > limits.max_file_bytes {
            let why = format!("the file is larger than the limit of {} bytes", limits.max_file_bytes);
            return Err(Error::new(ErrorKind::Limit, why));
        }
        let mut bytes = Vec::new();
        bytes
            .try_reserve_exact(size as usize)
            .map_err(|_| Error::new(ErrorKind::Limit, format!("there is no memory for its {size} bytes")))?;
        // Not a slice of the whole file: creating one costs as much as reading a small file.
        let content = match self.read_bytes.take() {
            Some(buffer) => Uint8Array::new(&buffer),
            None => bytes_of(&self.file)?,
        };
        bytes.resize(content.length() as usize, 0);
        content.copy_to(&mut bytes);
        Ok(bytes)
    }
}

/// A seekable reader of a file.
#[derive(Debug)]
pub(crate) struct Slices {
    file: WebFile,
    at: u64,
}

impl Slices {
    pub(crate) const fn new(file: WebFile) -> Self {
        Self { file, at: 0 }
    }
}

impl Read for Slices {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let end = (self.at + out.len() as u64).min(self.file.size());
        if end <= self.at {
            return Ok(0);
        }
        let slice = self.file.slice(self.at, end).map_err(|error| io::Error::other(error.to_string()))?;
        let count = (slice.length() as usize).min(out.len());
        slice.copy_to(&mut out[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Slices {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.file.size().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a position before the file"))?;
        Ok(self.at)
    }
}
