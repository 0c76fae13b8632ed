//! Objects in memory, and a signer for requests to the same store.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use base64::Engine as _;
use bytes::{Bytes, BytesMut};
use sha2::{Digest, Sha256};

use crate::Clock;
use crate::error::{StoreError, StoreResult};
use crate::key::{Area, Key};
use crate::object::{ObjectInfo, ObjectStore, PartInfo};
use crate::sign::{SignedRequest, Signer, UploadRules, announced, check_seconds, upload_headers};

/// Objects in a map. Signed URLs start with `memory:` and contain a grant that only this store knows.
pub struct MemoryObjects {
    inner: Mutex<Inner>,
    clock: Clock,
}

#[derive(Default)]
struct Inner {
    objects: BTreeMap<Key, Object>,
    uploads: BTreeMap<String, MultipartUpload>,
    grants: BTreeMap<String, Grant>,
    made: u64,
}

#[derive(Clone)]
struct Object {
    bytes: Bytes,
    content_type: String,
    sha256: Option<[u8; 32]>,
    metadata: BTreeMap<String, String>,
}

struct MultipartUpload {
    key: Key,
    content_type: String,
    parts: BTreeMap<u32, Bytes>,
}

struct Grant {
    request: SignedRequest,
    key: Key,
    part: Option<(String, u32)>,
}

/// The answer to a signed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The bytes of a `GET`.
    pub body: Bytes,
}

impl std::fmt::Debug for MemoryObjects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryObjects").finish_non_exhaustive()
    }
}

impl MemoryObjects {
    /// An empty store.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { inner: Mutex::default(), clock }
    }

    /// Puts an object with metadata, as S3 clients can.
    pub fn put_with(&self, key: &Key, content_type: &str, metadata: BTreeMap<String, String>, bytes: Bytes) {
        let sha256 = Some(Sha256::digest(&bytes).into());
        let object = Object { bytes, content_type: content_type.to_owned(), sha256, metadata };
        self.lock().objects.insert(key.clone(), object);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a signed request like a server: 200; 403 if it was not signed like this; 400 for a wrong checksum; 404.
    #[must_use]
    pub fn request(&self, method: &str, url: &str, headers: &BTreeMap<String, String>, body: Bytes) -> Reply {
        let reply = |status| Reply { status, body: Bytes::new() };
        let mut inner = self.lock();
        let Some(grant) = inner.grants.get(url) else { return reply(403) };
        let signed = &grant.request.headers;
        let changed = signed.iter().any(|(name, value)| headers.get(name) != Some(value));
        let added = headers.keys().any(|name| name.starts_with("x-amz-") && !signed.contains_key(name));
        if grant.request.method != method || changed || added || grant.request.expires_ms < (self.clock)() {
            return reply(403);
        }
        let key = grant.key.clone();
        if method == "GET" {
            let found = inner.objects.get(&key);
            return found.map_or(reply(404), |object| Reply { status: 200, body: object.bytes.clone() });
        }
        let sha256: [u8; 32] = Sha256::digest(&body).into();
        let checksum = base64::engine::general_purpose::STANDARD.encode(sha256);
        let header = |name: &str| headers.get(name).map(String::as_str).unwrap_or_default();
        if header("content-length") != body.len().to_string() || header("x-amz-checksum-sha256") != checksum {
            return reply(400);
        }
        match grant.part.clone() {
            None => {
                let content_type = header("content-type").to_owned();
                let metadata = headers
                    .iter()
                    .filter_map(|(name, value)| Some((name.strip_prefix("x-amz-meta-")?.to_owned(), value.clone())));
                let metadata = metadata.collect();
                inner.objects.insert(key, Object { bytes: body, content_type, sha256: Some(sha256), metadata });
            }
            Some((upload, number)) => match inner.uploads.get_mut(&upload) {
                Some(upload) => {
                    upload.parts.insert(number, body);
                }
                None => return reply(404),
            },
        }
        reply(200)
    }

    fn grant(
        &self,
        method: &'static str,
        key: &Key,
        headers: BTreeMap<String, String>,
        seconds: u64,
        part: Option<(String, u32)>,
    ) -> StoreResult<SignedRequest> {
        check_seconds(seconds)?;
        let mut inner = self.lock();
        inner.made += 1;
        let name = crate::sigv4::encode(key.name(), true);
        let url = format!("memory:{:?}/{name}?grant={}", key.area(), inner.made);
        let expires_ms = (self.clock)() + seconds * 1000;
        let request = SignedRequest { method, url: url.clone(), headers, expires_ms };
        inner.grants.insert(url, Grant { request: request.clone(), key: key.clone(), part });
        Ok(request)
    }
}

impl Signer for MemoryObjects {
    fn put(&self, key: &Key, rules: &UploadRules) -> StoreResult<SignedRequest> {
        rules.check()?;
        if rules.content_type.is_none() {
            return Err(StoreError::Refused("an object has a media type".to_owned()));
        }
        self.grant("PUT", key, upload_headers(rules), rules.seconds, None)
    }

    fn put_part(&self, key: &Key, upload: &str, number: u32, rules: &UploadRules) -> StoreResult<SignedRequest> {
        rules.check()?;
        if rules.content_type.is_some() {
            return Err(StoreError::Refused("a part has no media type of its own".to_owned()));
        }
        self.grant("PUT", key, upload_headers(rules), rules.seconds, Some((upload.to_owned(), number)))
    }

    fn get(&self, key: &Key, seconds: u64, _: Option<&str>) -> StoreResult<SignedRequest> {
        self.grant("GET", key, BTreeMap::new(), seconds, None)
    }
}

/// What a store names the content of a part by.
fn etag(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[async_trait]
impl ObjectStore for MemoryObjects {
    async fn head(&self, key: &Key) -> StoreResult<ObjectInfo> {
        let inner = self.lock();
        let object = inner.objects.get(key).ok_or(StoreError::NotFound)?;
        Ok(ObjectInfo {
            size: object.bytes.len() as u64,
            content_type: Some(object.content_type.clone()),
            sha256: object.sha256,
            etag: etag(&object.bytes),
            metadata: object.metadata.clone(),
        })
    }

    async fn read(&self, key: &Key, from: u64, length: u64) -> StoreResult<Bytes> {
        let inner = self.lock();
        let bytes = &inner.objects.get(key).ok_or(StoreError::NotFound)?.bytes;
        let from = usize::try_from(from).map_or(bytes.len(), |from| from.min(bytes.len()));
        let to = usize::try_from(length).map_or(bytes.len(), |length| from.saturating_add(length).min(bytes.len()));
        Ok(bytes.slice(from..to))
    }

    async fn put(&self, key: &Key, content_type: &str, bytes: Bytes) -> StoreResult<()> {
        self.put_with(key, content_type, BTreeMap::new(), bytes);
        Ok(())
    }

    async fn delete(&self, key: &Key) -> StoreResult<()> {
        self.lock().objects.remove(key);
        Ok(())
    }

    async fn list(&self, area: Area, prefix: &str, limit: usize) -> StoreResult<Vec<Key>> {
        let inner = self.lock();
        let keys = inner.objects.keys().filter(|key| key.area() == area && key.name().starts_with(prefix));
        Ok(keys.take(limit).cloned().collect())
    }

    async fn begin_parts(&self, key: &Key, content_type: &str) -> StoreResult<String> {
        let mut inner = self.lock();
        inner.made += 1;
        let name = format!("upload{}", inner.made);
        let upload =
            MultipartUpload { key: key.clone(), content_type: content_type.to_owned(), parts: BTreeMap::new() };
        inner.uploads.insert(name.clone(), upload);
        Ok(name)
    }

    async fn put_part(&self, key: &Key, upload: &str, number: u32, bytes: Bytes) -> StoreResult<PartInfo> {
        let mut inner = self.lock();
        let upload = inner.uploads.get_mut(upload).filter(|upload| upload.key == *key).ok_or(StoreError::NotFound)?;
        let info = PartInfo { number, size: bytes.len() as u64, etag: etag(&bytes), sha256: None };
        upload.parts.insert(number, bytes);
        Ok(info)
    }

    async fn copy_part(
        &self,
        key: &Key,
        upload: &str,
        number: u32,
        from: &Key,
        range: Range<u64>,
    ) -> StoreResult<PartInfo> {
        let bytes = self.read(from, range.start, range.end.saturating_sub(range.start)).await?;
        ObjectStore::put_part(self, key, upload, number, bytes).await
    }

    async fn parts(&self, key: &Key, upload: &str) -> StoreResult<Vec<PartInfo>> {
        let inner = self.lock();
        let upload = inner.uploads.get(upload).filter(|upload| upload.key == *key).ok_or(StoreError::NotFound)?;
        let info = |(number, bytes): (&u32, &Bytes)| PartInfo {
            number: *number,
            size: bytes.len() as u64,
            etag: etag(bytes),
            sha256: None,
        };
        Ok(upload.parts.iter().map(info).collect())
    }

    async fn join_parts(&self, key: &Key, upload: &str, parts: &[PartInfo]) -> StoreResult<()> {
        let mut inner = self.lock();
        let found = inner.uploads.get(upload).filter(|upload| upload.key == *key).ok_or(StoreError::NotFound)?;
        let mut joined = BytesMut::new();
        for part in parts {
            let bytes = found.parts.get(&part.number).filter(|bytes| etag(bytes) == part.etag);
            joined.extend_from_slice(bytes.ok_or(StoreError::Precondition)?);
        }
        let content_type = found.content_type.clone();
        let object = Object { bytes: joined.freeze(), content_type, sha256: None, metadata: announced() };
        inner.uploads.remove(upload);
        inner.objects.insert(key.clone(), object);
        Ok(())
    }

    async fn abort_parts(&self, _: &Key, upload: &str) -> StoreResult<()> {
        self.lock().uploads.remove(upload);
        Ok(())
    }
}
