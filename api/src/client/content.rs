//! The content of an upload: bytes in memory, a file on disk, or a browser's file.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{ClientError, ClientResult};

/// Bytes per read while hashing a file.
const PIECE: u64 = 4 << 20;

/// Content to upload; every part can be read again for a retry.
#[derive(Clone, Debug)]
pub enum FileContent {
    /// Bytes in memory.
    Bytes(Bytes),
    /// A file on disk and its size.
    #[cfg(not(target_arch = "wasm32"))]
    Path(std::path::PathBuf, u64),
    /// A browser's file or blob.
    #[cfg(target_arch = "wasm32")]
    Blob(web_sys::Blob),
}

impl FileContent {
    /// A file on disk.
    ///
    /// # Errors
    /// `File` if it cannot be read.
    #[cfg(not(target_arch = "wasm32"))]
    pub async fn open(path: &std::path::Path) -> ClientResult<Self> {
        let about = tokio::fs::metadata(path).await.map_err(|error| failed(&error))?;
        if !about.is_file() {
            return Err(ClientError::File(format!("{}: this is not a file", path.display())));
        }
        Ok(Self::Path(path.to_owned(), about.len()))
    }

    /// Its size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            #[cfg(not(target_arch = "wasm32"))]
            Self::Path(_, size) => *size,
            #[cfg(target_arch = "wasm32")]
            Self::Blob(blob) => blob.size() as u64,
        }
    }

    /// A range of it. A file that became shorter is an error.
    ///
    /// # Errors
    /// `File` if it cannot be read.
    pub async fn read(&self, from: u64, length: u64) -> ClientResult<Bytes> {
        match self {
            Self::Bytes(bytes) => {
                let to = from.saturating_add(length).min(bytes.len() as u64);
                Ok(bytes.slice(from.min(to) as usize..to as usize))
            }
            #[cfg(not(target_arch = "wasm32"))]
            Self::Path(path, _) => {
                use tokio::io::{AsyncReadExt, AsyncSeekExt};
                let read = async {
                    let mut file = tokio::fs::File::open(path).await?;
                    file.seek(std::io::SeekFrom::Start(from)).await?;
                    let mut bytes = vec![0; length as usize];
                    file.read_exact(&mut bytes).await?;
                    Ok(Bytes::from(bytes))
                };
                read.await.map_err(|error: std::io::Error| failed(&error))
            }
            #[cfg(target_arch = "wasm32")]
            Self::Blob(blob) => {
                let piece = blob.slice_with_f64_and_f64(from as f64, (from + length) as f64);
                let gone = |_| ClientError::File("the file can no longer be read; choose it again".to_owned());
                let buffer = wasm_bindgen_futures::JsFuture::from(piece.map_err(gone)?.array_buffer());
                let buffer = buffer.await.map_err(gone)?;
                Ok(Bytes::from(js_sys::Uint8Array::new(&buffer).to_vec()))
            }
        }
    }

    /// The SHA-256 of a range in hexadecimal digits.
    ///
    /// # Errors
    /// `File` if it cannot be read.
    pub async fn sha256(&self, from: u64, length: u64) -> ClientResult<String> {
        let mut hash = Sha256::new();
        let (mut at, end) = (from, from + length);
        while at < end {
            let piece = self.read(at, PIECE.min(end - at)).await?;
            if piece.is_empty() {
                break;
            }
            at += piece.len() as u64;
            hash.update(&piece);
        }
        Ok(augment_core::digest::Digest(hash.finalize().into()).to_hex())
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn failed(error: &std::io::Error) -> ClientError {
    let text = error.to_string();
    ClientError::File(text.split(" (os error").next().unwrap_or_default().to_lowercase())
}
