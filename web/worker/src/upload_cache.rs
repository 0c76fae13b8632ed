//! The upload cache: stores files that wait for upload, packs labels, and hashes blobs.

use augment_core::archive::ZipSink;
use augment_core::codec::Format;
use augment_core::digest::Digest;
use augment_core::error::Error;
use augment_core::files::Files;
use augment_core::formats::is_of_dataset;
use augment_web_messages::{CachePath, FileInfo, Refusal, Response};
use js_sys::Uint8Array;
use sha2::{Digest as _, Sha256};
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use web_sys::{Blob, FileReaderSync};

use crate::browser_files;
use crate::dataset::OpenDataset;
use crate::post::RequestResult;
use crate::post::error_message;

/// The most bytes of labels, by the service's limits.
const MAX_LABELS: u64 = 64 << 20;
/// How many bytes are hashed at a time.
const PIECE: u64 = 4 << 20;

fn file_info(bytes: &[u8]) -> FileInfo {
    let media_type = Format::sniff(bytes).map(|format| format.mime().to_owned());
    FileInfo { size: bytes.len() as u64, sha256: Digest::of(bytes).to_hex(), media_type }
}

fn refusal(error: &Error) -> Refusal {
    Refusal::new(error.to_string())
}

/// Stores an image.
pub(crate) async fn store(opened: &OpenDataset, name: &str, (folder, file): &CachePath) -> RequestResult {
    let bytes = opened.found.inputs.read(name).map_err(|error| refusal(&error))?;
    browser_files::store_file(folder, file, &bytes).await?;
    Ok((Response::Cached(file_info(&bytes)), Vec::new()))
}

/// Packs all files but the images into a zip.
pub(crate) async fn pack(opened: &OpenDataset, path: Option<&CachePath>) -> RequestResult {
    let Some(bytes) = packed(opened)? else { return Ok((Response::Packed(None), Vec::new())) };
    let info = file_info(&bytes);
    let attached = match path {
        Some((folder, file)) => {
            browser_files::store_file(folder, file, &bytes).await?;
            Vec::new()
        }
        None => vec![Uint8Array::from(bytes.as_slice()).into()],
    };
    Ok((Response::Packed(Some(info)), attached))
}

fn packed(opened: &OpenDataset) -> Result<Option<Vec<u8>>, Refusal> {
    let found = &opened.found;
    let is_image = |name: &str| found.dataset.items.binary_search_by(|item| item.name.as_str().cmp(name)).is_ok();
    let mut names = found.inputs.names().iter().filter(|name| is_of_dataset(name) && !is_image(name)).peekable();
    if names.peek().is_none() {
        return Ok(None);
    }
    let mut sink = ZipSink::new(Vec::new());
    let mut sum = 0;
    for name in names {
        sum += found.inputs.size(name).unwrap_or_default();
        if sum > MAX_LABELS {
            return Err(Refusal::new("the labels are larger than 64 MiB, the limit of the cloud"));
        }
        let bytes = found.inputs.read(name).map_err(|error| refusal(&error))?;
        sink.add(name, &bytes).map_err(|error| refusal(&error))?;
    }
    sink.finish().map(Some).map_err(|error| refusal(&error))
}

/// Hashes a blob.
pub(crate) fn hash(attached: &[JsValue]) -> RequestResult {
    let failed = |error: JsValue| Refusal::new(format!("it cannot be read any more: {}", error_message(&error)));
    let blob: &Blob = attached.first().map(JsCast::unchecked_ref).ok_or_else(|| Refusal::new("nothing is attached"))?;
    let (mut hash, mut at, size) = (Sha256::new(), 0, blob.size() as u64);
    let reader = FileReaderSync::new().map_err(failed)?;
    while at < size {
        let end = (at + PIECE).min(size);
        let piece = blob.slice_with_f64_and_f64(at as f64, end as f64).map_err(failed)?;
        let buffer = reader.read_as_array_buffer(&piece).map_err(failed)?;
        hash.update(Uint8Array::new(&buffer).to_vec());
        at = end;
    }
    let sha256 = augment_core::digest::Digest(hash.finalize().into()).to_hex();
    Ok((Response::Digest { sha256 }, Vec::new()))
}
