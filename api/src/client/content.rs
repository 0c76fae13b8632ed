//! What is to be sent: bytes at hand, a file on the disk, or a file of a browser.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{ClientError, ClientResult};

/// Bytes read at once to hash a file.
const PIECE: u64 = 4 << 20;

/// Something to be sent, whose parts can be read again.
#[derive(Clone, Debug)]
pub enum FileContent {
    /// Bytes at hand.
    Bytes(Bytes),
    /// A file on the disk and its size.
    #[cfg(not(target_arch = "wasm32"))]
    Path(std::path::PathBuf, u64),
    /// A file that a browser's user chose, or bytes that a browser keeps.
    #[cfg(target_arch = "wasm32")]
    Blob(web_sys::Blob),
}

impl FileContent {
    /// A file on the disk.
    ///
    /// # Errors
    /// `File` when there is none that can be read.
    #[cfg(not(target_arch = "wasm32"))]
    pub async fn open(path: &std::path::Path) -> ClientResult<Self> {
        let about = tokio::fs::metadata(path).await.map_err(|error| failed(&error))?;
        if !about.is_file() {
            return Err(ClientError::File(format!("{}: this is no file", path.display())));
        }
        Ok(Self::Path(path.to_owned(), about.len()))
    }

    /// Its bytes.
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

    /// A piece of it. A file that became shorter meanwhile is an error.
    ///
    /// # Errors
    /// `File` when it cannot be read.
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
                let gone = |_| ClientError::File("the file cannot be read any more; choose it again".to_owned());
                let buffer = wasm_bindgen_futures::JsFuture::from(piece.map_err(gone)?.array_buffer());
                let buffer = buffer.await.map_err(gone)?;
                Ok(Bytes::from(js_sys::Uint8Array::new(&buffer).to_vec()))
            }
        }
    }

    /// The SHA-256 of a piece in hexadecimal digits.
    ///
    /// # Errors
    /// `File` when it cannot be read.
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
