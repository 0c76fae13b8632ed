//! Objects in a folder: one file an object, named by the hash of its key, put in place whole.
//!
//! A file begins with a head of fixed size that says what the object is; its bytes follow. Flat, hashed names mean that
//! no key can lead out of the folder, that no two keys collide, and that no key is too long for a file system.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use augment_stores_port::{Area, Key, StoreError, StoreResult};
use sha2::{Digest, Sha256};

/// Bytes of the head.
pub(crate) const HEAD: u64 = 4096;
/// What a head begins with.
const MAGIC: &[u8; 4] = b"DAO1";

/// What an object is.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct ObjectHead {
    /// The key's name.
    pub(crate) name: String,
    /// The media type.
    pub(crate) content_type: String,
    /// Bytes.
    pub(crate) size: u64,
    /// SHA-256 in hexadecimal digits.
    pub(crate) sha256: String,
    /// Seconds since 1970.
    pub(crate) modified: u64,
    /// What the sender wrote beside it.
    #[serde(default)]
    pub(crate) metadata: BTreeMap<String, String>,
}

/// What a sender says of an object.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct ObjectMeta {
    /// The media type.
    pub(crate) content_type: String,
    /// What is written beside it.
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
    /// Opens a folder, makes what it lacks, and clears what a crash left half written.
    ///
    /// # Errors
    /// When the folder cannot be made or written.
    pub fn open(root: &Path) -> StoreResult<Self> {
        let folder = Self { root: root.to_owned() };
        folder.make().map_err(StoreError::other)?;
        Ok(folder)
    }

    /// Makes what is missing, and clears what a crash left half written.
    pub(crate) fn make(&self) -> io::Result<()> {
        let incoming = self.incoming();
        if incoming.exists() {
            fs::remove_dir_all(&incoming)?;
        }
        fs::create_dir_all(incoming)?;
        fs::create_dir_all(self.parts_root())?;
        for area in Area::ALL {
            // Made at once, so that no put has to sync their parent.
            for first in 0..=255u8 {
                fs::create_dir_all(self.area(area).join(format!("{first:02x}")))?;
            }
        }
        sync_folder(&self.root)
    }

    /// How many objects there are.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn count(&self) -> StoreResult<usize> {
        Area::ALL.into_iter().try_fold(0, |count, area| Ok(count + self.files(area).map_err(StoreError::other)?.len()))
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }

    /// Where uploads of parts lie.
    pub(crate) fn parts_root(&self) -> PathBuf {
        self.root.join("parts")
    }

    /// Where the objects of an area lie.
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

    /// Begins a file that nobody sees yet.
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

/// A file on its way in; it goes away unless it is put in place.
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

    /// Bytes so far.
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// The SHA-256 of the bytes so far.
    pub(crate) fn sha256(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }

    /// Puts the object in place, in one step, when all of it is on the disk.
    pub(crate) fn finish(mut self, name: &str, about: &ObjectMeta, place: &Path) -> io::Result<ObjectHead> {
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
        fs::rename(&self.path, place)?;
        if let Some(parent) = place.parent() {
            sync_folder(parent)?;
        }
        Ok(head)
    }
}

impl Drop for IncomingFile {
    fn drop(&mut self) {
        // After the rename there is nothing under this name any more.
        let _ = fs::remove_file(&self.path);
    }
}

/// Opens a file of an object and reads its head.
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
    let head = head.ok_or_else(|| StoreError::other(format!("{}: this is no object", path.display())))?;
    Ok((file, head))
}

/// Makes the names in a folder last.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    // Elsewhere folders cannot be opened, and the file system keeps names by itself.
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}
