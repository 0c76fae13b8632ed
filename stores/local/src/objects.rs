//! The folder as an object store, without a network.

use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;

use async_trait::async_trait;
use augment_stores_port::{Area, Key, ObjectInfo, ObjectStore, PartInfo, StoreError, StoreResult, announced};
use bytes::Bytes;

use crate::folder::{self, Folder, HEAD, ObjectHead, ObjectMeta, checksum, sync_folder};

/// Bytes that a check writes: more than a file system keeps beside a file's name.
const CHECKED_BYTES: usize = 64 << 10;

/// The description of a multipart upload.
#[derive(serde::Serialize, serde::Deserialize)]
struct MultipartUpload {
    area: String,
    name: String,
    #[serde(flatten)]
    about: ObjectMeta,
    /// Whether every part comes with its SHA-256, as announced when the upload began.
    #[serde(default)]
    checksummed: bool,
}

fn part_of(number: u32, head: ObjectHead) -> PartInfo {
    PartInfo { number, size: head.size, sha256: checksum(&head), etag: head.sha256 }
}

const fn area_name(area: Area) -> &'static str {
    match area {
        Area::Originals => "originals",
        Area::Results => "results",
    }
}

impl Folder {
    /// Runs blocking file work off the async threads.
    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(Self) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let folder = self.clone();
        tokio::task::spawn_blocking(move || work(folder)).await.map_err(StoreError::other)?
    }

    fn upload_folder(&self, key: &Key, upload: &str) -> StoreResult<(PathBuf, MultipartUpload)> {
        // Upload ids come from outside; valid ones are hexadecimal digits.
        if upload.is_empty() || upload.len() > 64 || !upload.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(StoreError::NotFound);
        }
        let folder = self.parts_root().join(upload);
        let bytes = fs::read(folder.join("upload.json")).map_err(|_| StoreError::NotFound)?;
        let upload: MultipartUpload = serde_json::from_slice(&bytes).map_err(StoreError::other)?;
        if upload.name != key.name() || upload.area != area_name(key.area()) {
            return Err(StoreError::NotFound);
        }
        Ok((folder, upload))
    }

    /// The file of a part.
    pub(crate) fn part_path(&self, key: &Key, upload: &str, number: u32) -> StoreResult<PathBuf> {
        Ok(self.upload_folder(key, upload)?.0.join(format!("{number:05}")))
    }

    fn find_parts(&self, key: &Key, upload: &str) -> StoreResult<Vec<(PartInfo, PathBuf)>> {
        let (folder, _) = self.upload_folder(key, upload)?;
        let mut parts = Vec::new();
        for entry in fs::read_dir(folder).map_err(StoreError::other)? {
            let path = entry.map_err(StoreError::other)?.path();
            let Some(number) = path.file_name().and_then(|name| name.to_str()?.parse().ok()) else { continue };
            // One that is no part has not arrived.
            let Ok((_, head)) = folder::open(&path) else { continue };
            parts.push((part_of(number, head), path));
        }
        parts.sort_by_key(|(part, _)| part.number);
        Ok(parts)
    }

    fn join(&self, key: &Key, upload: &str, wanted: &[PartInfo]) -> StoreResult<()> {
        let (folder, about) = self.upload_folder(key, upload)?;
        let arrived = self.find_parts(key, upload)?;
        let mut incoming = self.begin()?;
        for part in wanted {
            let found = arrived.iter().find(|(other, _)| other.number == part.number && other.etag == part.etag);
            let (file, _) = folder::open(&found.ok_or(StoreError::Precondition)?.1)?;
            incoming.copy(file).map_err(StoreError::other)?;
        }
        incoming.finish(key.name(), &about.about, &self.path(key)).map_err(StoreError::other)?;
        fs::remove_dir_all(folder).map_err(StoreError::other)
    }

    /// Whether the parts of an upload come with checksums.
    pub(crate) fn is_checksummed(&self, key: &Key, upload: &str) -> StoreResult<bool> {
        Ok(self.upload_folder(key, upload)?.1.checksummed)
    }

    /// Begins a multipart upload with metadata.
    pub(crate) async fn begin_parts_with(
        &self,
        key: &Key,
        about: ObjectMeta,
        checksummed: bool,
    ) -> StoreResult<String> {
        let (area, name) = (area_name(key.area()).to_owned(), key.name().to_owned());
        let upload = MultipartUpload { area, name, about, checksummed };
        self.on_disk(move |folder| {
            let mut name = [0; 16];
            getrandom::fill(&mut name).map_err(StoreError::other)?;
            let name = hex::encode(name);
            let path = folder.parts_root().join(&name);
            let make = || {
                fs::create_dir(&path)?;
                fs::write(path.join("upload.json"), serde_json::to_vec(&upload)?)?;
                fs::File::open(path.join("upload.json"))?.sync_all()?;
                sync_folder(&path)?;
                sync_folder(&folder.parts_root())
            };
            if let Err(error) = make() {
                let _ = fs::remove_dir_all(&path);
                return Err(StoreError::other(error));
            }
            Ok(name)
        })
        .await
    }
}

#[async_trait]
impl ObjectStore for Folder {
    async fn head(&self, key: &Key) -> StoreResult<ObjectInfo> {
        let key = key.clone();
        self.on_disk(move |folder| {
            let (_, head) = folder::open(&folder.path(&key))?;
            let sha256 = hex::decode(&head.sha256).ok().and_then(|bytes| bytes.try_into().ok());
            Ok(ObjectInfo {
                size: head.size,
                content_type: Some(head.content_type),
                sha256,
                etag: head.sha256,
                metadata: head.metadata,
            })
        })
        .await
    }

    async fn read(&self, key: &Key, from: u64, length: u64) -> StoreResult<Bytes> {
        let key = key.clone();
        self.on_disk(move |folder| {
            let (mut file, head) = folder::open(&folder.path(&key))?;
            let from = from.min(head.size);
            let length = length.min(head.size - from);
            let mut bytes = Vec::with_capacity(length as usize);
            file.seek(SeekFrom::Start(HEAD + from)).map_err(StoreError::other)?;
            file.take(length).read_to_end(&mut bytes).map_err(StoreError::other)?;
            Ok(bytes.into())
        })
        .await
    }

    async fn put(&self, key: &Key, content_type: &str, bytes: Bytes) -> StoreResult<()> {
        let (key, about) = (key.clone(), ObjectMeta::of_type(content_type));
        self.on_disk(move |folder| {
            let mut incoming = folder.begin()?;
            incoming.write(&bytes).map_err(StoreError::other)?;
            incoming.finish(key.name(), &about, &folder.path(&key)).map_err(StoreError::other)?;
            Ok(())
        })
        .await
    }

    async fn delete(&self, key: &Key) -> StoreResult<()> {
        let key = key.clone();
        self.on_disk(move |folder| match fs::remove_file(folder.path(&key)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::other(error)),
            _ => {
                folder.tidy(&key);
                Ok(())
            }
        })
        .await
    }

    async fn check(&self) -> StoreResult<()> {
        self.on_disk(|folder| {
            let mut incoming = folder.begin()?;
            incoming.write(&[0; CHECKED_BYTES]).and_then(|()| incoming.sync()).map_err(StoreError::other)
        })
        .await
    }

    async fn list(&self, area: Area, prefix: &str, limit: usize) -> StoreResult<Vec<Key>> {
        let prefix = prefix.to_owned();
        self.on_disk(move |folder| {
            let mut keys = Vec::new();
            for path in folder.files_with(area, &prefix).map_err(StoreError::other)? {
                if keys.len() == limit {
                    break;
                }
                match folder::open(&path) {
                    Ok((_, head)) if head.name.starts_with(&prefix) => keys.push(Key::parse(area, &head.name)?),
                    // It may have been deleted since it was listed.
                    Ok(_) | Err(StoreError::NotFound) => {}
                    // One damaged file must not hide all others.
                    Err(error) => tracing::warn!(file = %path.display(), %error, "a file in the store was passed over"),
                }
            }
            Ok(keys)
        })
        .await
    }

    async fn begin_parts(&self, key: &Key, content_type: &str) -> StoreResult<String> {
        let about = ObjectMeta { content_type: content_type.to_owned(), metadata: announced() };
        self.begin_parts_with(key, about, true).await
    }

    async fn put_part(&self, key: &Key, upload: &str, number: u32, bytes: Bytes) -> StoreResult<PartInfo> {
        let (key, upload) = (key.clone(), upload.to_owned());
        self.on_disk(move |folder| {
            let target = folder.part_path(&key, &upload, number)?;
            let mut incoming = folder.begin()?;
            incoming.write(&bytes).map_err(StoreError::other)?;
            let head = incoming.finish(key.name(), &ObjectMeta::default(), &target).map_err(StoreError::other)?;
            Ok(part_of(number, head))
        })
        .await
    }

    async fn copy_part(
        &self,
        key: &Key,
        upload: &str,
        number: u32,
        from: &Key,
        range: Range<u64>,
    ) -> StoreResult<PartInfo> {
        let (key, upload, from) = (key.clone(), upload.to_owned(), from.clone());
        self.on_disk(move |folder| {
            let target = folder.part_path(&key, &upload, number)?;
            let (mut file, head) = folder::open(&folder.path(&from))?;
            if range.start >= range.end || range.end > head.size {
                return Err(StoreError::Refused("the range lies outside the object".to_owned()));
            }
            let mut incoming = folder.begin()?;
            file.seek(SeekFrom::Start(HEAD + range.start)).map_err(StoreError::other)?;
            incoming.copy(file.take(range.end - range.start)).map_err(StoreError::other)?;
            let head = incoming.finish(key.name(), &ObjectMeta::default(), &target).map_err(StoreError::other)?;
            Ok(part_of(number, head))
        })
        .await
    }

    async fn parts(&self, key: &Key, upload: &str) -> StoreResult<Vec<PartInfo>> {
        let (key, upload) = (key.clone(), upload.to_owned());
        let parts = self.on_disk(move |folder| folder.find_parts(&key, &upload)).await?;
        Ok(parts.into_iter().map(|(part, _)| part).collect())
    }

    async fn join_parts(&self, key: &Key, upload: &str, parts: &[PartInfo]) -> StoreResult<()> {
        let (key, upload, parts) = (key.clone(), upload.to_owned(), parts.to_vec());
        self.on_disk(move |folder| folder.join(&key, &upload, &parts)).await
    }

    async fn abort_parts(&self, key: &Key, upload: &str) -> StoreResult<()> {
        let (key, upload) = (key.clone(), upload.to_owned());
        self.on_disk(move |folder| match folder.upload_folder(&key, &upload) {
            Ok((path, _)) => fs::remove_dir_all(path).map_err(StoreError::other),
            Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        })
        .await
    }
}
