//! Objects in a folder: one file per object, named by the hash of its key and renamed into place when complete.
//!
//! A file starts with a head of fixed size that describes the object; its bytes follow. With hashed names no key can
//! leave the folder, collide with another or be too long for the file system.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use augment_stores_port::{Area, Key, StoreError, StoreResult};
use sha2::{Digest, Sha256};

/// Size of the head in bytes.
pub(crate) const HEAD: u64 = 4096;
/// The first bytes of a head.
const MAGIC: &[u8; 4] = b"DAO1";

/// The description of a stored object.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct ObjectHead {
    /// The name of its key.
    pub(crate) name: String,
    /// The media type.
    pub(crate) content_type: String,
    /// Its size in bytes.
    pub(crate) size: u64,
    /// SHA-256 in hexadecimal digits.
    pub(crate) sha256: String,
    /// When it was written, in seconds since 1970.
    pub(crate) modified: u64,
    /// The sender's metadata.
    #[serde(default)]
    pub(crate) metadata: BTreeMap<String, String>,
}

/// The sender's description of an object.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct ObjectMeta {
    /// The media type.
    pub(crate) content_type: String,
    /// The metadata.
    #[serde(default)]
    pub(crate) metadata: BTreeMap<String, String>,
}

impl ObjectMeta {
    pub(crate) fn of_type(content_type: &str) -> Self {
        Self { content_type: content_type.to_owned(), metadata: BTreeMap::new() }
    }
}

/// The folder of all objects.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Opens a folder, creates missing subfolders, and removes incomplete files of a crash.
    ///
    /// # Errors
    /// If the folder cannot be created or written.
    pub fn open(root: &Path) -> StoreResult<Self> {
        let folder = Self { root: root.to_owned() };
        folder.make().map_err(StoreError::other)?;
        Ok(folder)
    }

    /// Creates missing subfolders and removes incomplete files of a crash.
    pub(crate) fn make(&self) -> io::Result<()> {
        let incoming = self.incoming();
        if incoming.exists() {
            fs::remove_dir_all(&incoming)?;
        }
        fs::create_dir_all(incoming)?;
        fs::create_dir_all(self.parts_root())?;
        for area in Area::ALL {
            // Created up front, so that no put has to sync their parent.
            for first in 0..=255u8 {
                fs::create_dir_all(self.area(area).join(format!("{first:02x}")))?;
            }
        }
        sync_folder(&self.root)
    }

    /// The number of objects.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn count(&self) -> StoreResult<usize> {
        Area::ALL.into_iter().try_fold(0, |count, area| Ok(count + self.files(area).map_err(StoreError::other)?.len()))
    }

    /// The path of the folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }

    /// The folder of multipart uploads.
    pub(crate) fn parts_root(&self) -> PathBuf {
        self.root.join("parts")
    }

    /// The folder of an area.
    pub(crate) fn area(&self, area: Area) -> PathBuf {
        self.root.join(match area {
            Area::Originals => "originals",
            Area::Results => "results",
        })
    }

    /// The file of an object.
    pub(crate) fn path(&self, key: &Key) -> PathBuf {
        let name = hex::encode(Sha256::digest(key.name()));
        self.area(key.area()).join(&name[..2]).join(name)
    }

    /// All files of an area.
    pub(crate) fn files(&self, area: Area) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for folder in fs::read_dir(self.area(area))? {
            for file in fs::read_dir(folder?.path())? {
                files.push(file?.path());
            }
        }
        files.sort();
        Ok(files)
    }

    /// Begins a file that is not visible yet.
    pub(crate) fn begin(&self) -> StoreResult<IncomingFile> {
        let mut name = [0; 16];
        getrandom::fill(&mut name).map_err(StoreError::other)?;
        let path = self.incoming().join(hex::encode(name));
        let open = || {
            let mut file = File::options().create_new(true).read(true).write(true).open(&path)?;
            file.seek(SeekFrom::Start(HEAD))?;
            Ok(file)
        };
        let file = open().map_err(|error: io::Error| StoreError::other(error))?;
        Ok(IncomingFile { file, path, hash: Sha256::new(), size: 0 })
    }
}

/// An incoming file; it is removed on drop unless it was finished.
#[derive(Debug)]
pub(crate) struct IncomingFile {
    file: File,
    path: PathBuf,
    hash: Sha256,
    size: u64,
}

impl IncomingFile {
    /// Adds bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    /// Adds everything that a reader has.
    pub(crate) fn copy(&mut self, mut from: impl Read) -> io::Result<()> {
        let mut buffer = vec![0; 1 << 20];
        loop {
            match from.read(&mut buffer)? {
                0 => return Ok(()),
                read => self.write(&buffer[..read])?,
            }
        }
    }

    /// The size so far.
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// The SHA-256 of the bytes so far.
    pub(crate) fn sha256(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }

    /// Syncs the file to disk and renames it into place.
    pub(crate) fn finish(mut self, name: &str, about: &ObjectMeta, target: &Path) -> io::Result<ObjectHead> {
        let modified = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let head = ObjectHead {
            name: name.to_owned(),
            content_type: about.content_type.clone(),
            metadata: about.metadata.clone(),
            size: self.size,
            sha256: hex::encode(self.sha256()),
            modified: modified.map_or(0, |since| since.as_secs()),
        };
        let json = serde_json::to_vec(&head)?;
        let mut bytes = vec![0; HEAD as usize];
        let room = bytes.get_mut(8..8 + json.len()).ok_or(io::ErrorKind::InvalidInput)?;
        room.copy_from_slice(&json);
        bytes[..4].copy_from_slice(MAGIC);
        bytes[4..8].copy_from_slice(&(json.len() as u32).to_le_bytes());
        self.file.rewind()?;
        self.file.write_all(&bytes)?;
        self.file.sync_all()?;
        fs::rename(&self.path, target)?;
        if let Some(parent) = target.parent() {
            sync_folder(parent)?;
        }
        Ok(head)
    }
}

impl Drop for IncomingFile {
    fn drop(&mut self) {
        // After the rename there is no file under this name.
        let _ = fs::remove_file(&self.path);
    }
}

/// Opens an object's file and reads its head.
pub(crate) fn open(path: &Path) -> StoreResult<(File, ObjectHead)> {
    let mut file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => StoreError::NotFound,
        _ => StoreError::other(error),
    })?;
    let mut bytes = [0; HEAD as usize];
    file.read_exact(&mut bytes).map_err(StoreError::other)?;
    let length = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]) as usize;
    let json = bytes.get(8..8 + length).filter(|_| bytes.starts_with(MAGIC));
    let head = json.and_then(|json| serde_json::from_slice(json).ok());
    let head = head.ok_or_else(|| StoreError::other(format!("{}: this is not an object", path.display())))?;
    Ok((file, head))
}

/// Syncs the names in a folder to disk.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    // Other systems cannot open folders; their file systems keep names.
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}
