//! Objects in a folder: one file per object, named by the hash of its key and renamed into place when complete.
//!
//! A file starts with a head of fixed size that describes the object; its bytes follow. With hashed names no key can
//! leave the folder, collide with another or be too long for the file system.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use augment_stores_port::{Area, Key, StoreError, StoreResult};
use base64::Engine as _;
use sha2::{Digest, Sha256};

/// Size of the head in bytes.
pub(crate) const HEAD: u64 = 4096;
/// The first bytes of a head.
const MAGIC: &[u8; 4] = b"DAO1";
/// Retries of a rename into a folder that another thread removes.
const MAX_TRIES: usize = 10;

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
            if !self.groups(area).exists() {
                self.group_all(area)?;
            }
        }
        sync_folder(&self.root)
    }

    /// Moves the objects of groups to where this version looks for them.
    fn group_all(&self, area: Area) -> io::Result<()> {
        let files = self.files(area)?;
        fs::create_dir_all(self.groups(area))?;
        for file in files {
            let Ok((_, head)) = open(&file) else { continue };
            if let (Some(_), Ok(key)) = (group(&head.name), Key::parse(area, &head.name)) {
                move_to(&file, &self.path(&key))?;
            }
        }
        Ok(())
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

    /// The folder of an area's groups.
    fn groups(&self, area: Area) -> PathBuf {
        self.area(area).join("groups")
    }

    /// The folder of a group.
    fn group_folder(&self, area: Area, group: &str) -> PathBuf {
        self.groups(area).join(hashed(group))
    }

    /// The file of an object.
    pub(crate) fn path(&self, key: &Key) -> PathBuf {
        let name = hashed(key.name());
        match group(key.name()) {
            Some(group) => self.group_folder(key.area(), group).join(name),
            None => self.area(key.area()).join(&name[..2]).join(name),
        }
    }

    /// Removes the folder of a deleted object's group if it is empty.
    pub(crate) fn tidy(&self, key: &Key) {
        if let Some(group) = group(key.name()) {
            // It fails as long as it has files.
            let _ = fs::remove_dir(self.group_folder(key.area(), group));
        }
    }

    /// All files of an area.
    pub(crate) fn files(&self, area: Area) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for folder in entries(&self.area(area))?.into_iter().chain(entries(&self.groups(area))?) {
            if folder != self.groups(area) {
                objects_in(&folder, &mut files)?;
            }
        }
        files.sort();
        Ok(files)
    }

    /// The files of an area whose names may start with a prefix.
    pub(crate) fn files_with(&self, area: Area, prefix: &str) -> io::Result<Vec<PathBuf>> {
        let Some(group) = group(prefix) else { return self.files(area) };
        let mut files = Vec::new();
        objects_in(&self.group_folder(area, group), &mut files)?;
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
        move_to(&self.path, target)?;
        Ok(head)
    }

    /// Syncs what was written.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

impl Drop for IncomingFile {
    fn drop(&mut self) {
        // After the rename there is no file under this name.
        let _ = fs::remove_file(&self.path);
    }
}

/// The first two parts of a name, if objects with them have a folder of their own: those of a job are listed often.
fn group(name: &str) -> Option<&str> {
    let id = name.strip_prefix("jobs/")?.find('/')?;
    name.get(..=id + "jobs/".len())
}

fn hashed(name: &str) -> String {
    hex::encode(Sha256::digest(name))
}

/// The entries of a folder; none if it is missing or no folder.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Adds the files of a folder that are named like objects. Others are not ours, such as those that desktops leave.
fn objects_in(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for file in entries(folder)? {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.len() == 64 && name.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            files.push(file);
        } else {
            tracing::warn!(file = %file.display(), "a file in the store is no object and was passed over");
        }
    }
    Ok(())
}

/// Renames a file into a folder and syncs it to disk. The folder of a group is created.
fn move_to(from: &Path, to: &Path) -> io::Result<()> {
    let parent = to.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let grouped = parent.parent().is_some_and(|above| above.ends_with("groups"));
    let mut tries = 0;
    while let Err(error) = fs::rename(from, to) {
        // The folder of a group exists while it has files; another thread may just have removed it.
        if !grouped || error.kind() != io::ErrorKind::NotFound || tries == MAX_TRIES || !from.exists() {
            return Err(error);
        }
        tries += 1;
        fs::create_dir_all(parent)?;
        parent.parent().map_or(Ok(()), sync_folder)?;
    }
    match sync_folder(parent) {
        // Its files were deleted already.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        synced => synced,
    }
}

/// Bytes in Base64.
pub(crate) fn base64_of(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// The checksum of an object, as S3 writes it.
pub(crate) fn checksum(head: &ObjectHead) -> Option<String> {
    hex::decode(&head.sha256).ok().map(|bytes| base64_of(&bytes))
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
