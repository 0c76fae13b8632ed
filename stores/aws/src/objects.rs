//! Objects in S3.

use std::ops::Range;

use async_trait::async_trait;
use augment_stores_port::{
    Area, Key, ObjectInfo, ObjectStore, PartInfo, StoreError, StoreResult, UNCOMPLETED, announced,
};
use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, CompletedMultipartUpload, CompletedPart, Tag, Tagging};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::errors::of_s3;

/// The tag of the buckets' lifecycle rules, with the values `standard` and `extended`.
const RETENTION: &str = "retention";
/// Keys per listing request.
const LISTED_AT_ONCE: usize = 1000;

/// Objects in two buckets.
#[derive(Clone, Debug)]
pub struct S3Objects {
    client: Client,
    originals: String,
    results: String,
}

impl S3Objects {
    /// Objects in the buckets of originals and of results.
    #[must_use]
    pub fn new(client: Client, originals: &str, results: &str) -> Self {
        Self { client, originals: originals.to_owned(), results: results.to_owned() }
    }

    fn bucket(&self, area: Area) -> &str {
        match area {
            Area::Originals => &self.originals,
            Area::Results => &self.results,
        }
    }
}

fn digest(text: &str) -> Option<[u8; 32]> {
    // The checksum of a multipart object has a part count appended and does not cover the whole.
    STANDARD.decode(text).ok()?.try_into().ok()
}

fn part_number(number: u32) -> StoreResult<i32> {
    i32::try_from(number).map_err(|_| StoreError::Refused("part numbers are 1 to 10000".to_owned()))
}

#[async_trait]
impl ObjectStore for S3Objects {
    async fn head(&self, key: &Key) -> StoreResult<ObjectInfo> {
        let request = self.client.head_object().bucket(self.bucket(key.area())).key(key.name());
        let found = request.checksum_mode(ChecksumMode::Enabled).send().await.map_err(|error| of_s3(&error))?;
        Ok(ObjectInfo {
            size: found.content_length().and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
            content_type: found.content_type().map(str::to_owned),
            sha256: found.checksum_sha256().and_then(digest),
            etag: found.e_tag().unwrap_or_default().to_owned(),
            metadata: found
                .metadata()
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
                .collect(),
        })
    }

    async fn read(&self, key: &Key, from: u64, length: u64) -> StoreResult<Bytes> {
        if length == 0 {
            return self.head(key).await.map(|_| Bytes::new());
        }
        let request = self.client.get_object().bucket(self.bucket(key.area())).key(key.name());
        let range = format!("bytes={from}-{}", from.saturating_add(length - 1));
        match request.range(range).send().await {
            Ok(found) => Ok(found.body.collect().await.map_err(StoreError::other)?.into_bytes()),
            // The range starts after the end.
            Err(error) if error.code() == Some("InvalidRange") => Ok(Bytes::new()),
            Err(error) => Err(of_s3(&error)),
        }
    }

    async fn put(&self, key: &Key, content_type: &str, bytes: Bytes) -> StoreResult<()> {
        let request = self.client.put_object().bucket(self.bucket(key.area())).key(key.name());
        let checksum = STANDARD.encode(Sha256::digest(&bytes));
        let request = request.content_type(content_type).checksum_sha256(checksum).body(ByteStream::from(bytes));
        request.send().await.map(drop).map_err(|error| of_s3(&error))
    }

    async fn delete(&self, key: &Key) -> StoreResult<()> {
        let request = self.client.delete_object().bucket(self.bucket(key.area())).key(key.name());
        match request.send().await.map_err(|error| of_s3(&error)) {
            Ok(_) | Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn set_retention(&self, key: &Key, retention: &str) -> StoreResult<()> {
        let tag = Tag::builder().key(RETENTION).value(retention).build().map_err(StoreError::other)?;
        let tags = Tagging::builder().tag_set(tag).build().map_err(StoreError::other)?;
        let request = self.client.put_object_tagging().bucket(self.bucket(key.area())).key(key.name());
        request.tagging(tags).send().await.map(drop).map_err(|error| of_s3(&error))
    }

    async fn list(&self, area: Area, prefix: &str, limit: usize) -> StoreResult<Vec<Key>> {
        let mut keys = Vec::new();
        let mut token = None;
        while keys.len() < limit {
            let at_once = i32::try_from((limit - keys.len()).min(LISTED_AT_ONCE)).unwrap_or(i32::MAX);
            let request = self.client.list_objects_v2().bucket(self.bucket(area)).prefix(prefix).max_keys(at_once);
            let page = request.set_continuation_token(token).send().await.map_err(|error| of_s3(&error))?;
            for object in page.contents() {
                keys.push(Key::parse(area, object.key().unwrap_or_default())?);
            }
            token = page.next_continuation_token().map(str::to_owned);
            if token.is_none() {
                break;
            }
        }
        Ok(keys)
    }

    async fn begin_parts(&self, key: &Key, content_type: &str) -> StoreResult<String> {
        let request = self.client.create_multipart_upload().bucket(self.bucket(key.area())).key(key.name());
        let begun = request
            .content_type(content_type)
            // S3 takes parts that are signed with a checksum only if the upload begins with its algorithm.
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .set_metadata(Some(announced().into_iter().collect()))
            .tagging(format!("{}={}", UNCOMPLETED.0, UNCOMPLETED.1))
            .send()
            .await
            .map_err(|error| of_s3(&error))?;
        begun.upload_id().map(str::to_owned).ok_or_else(|| StoreError::other("S3 returned no upload id"))
    }

    async fn put_part(&self, key: &Key, upload: &str, number: u32, bytes: Bytes) -> StoreResult<PartInfo> {
        let size = bytes.len() as u64;
        let sha256 = STANDARD.encode(Sha256::digest(&bytes));
        let request = self.client.upload_part().bucket(self.bucket(key.area())).key(key.name()).upload_id(upload);
        let request = request.part_number(part_number(number)?).checksum_sha256(&sha256).body(ByteStream::from(bytes));
        let put = request.send().await.map_err(|error| of_s3(&error))?;
        Ok(PartInfo { number, size, etag: put.e_tag().unwrap_or_default().to_owned(), sha256: Some(sha256) })
    }

    async fn copy_part(
        &self,
        key: &Key,
        upload: &str,
        number: u32,
        from: &Key,
        range: Range<u64>,
    ) -> StoreResult<PartInfo> {
        let size = range.end.checked_sub(range.start).filter(|size| *size > 0);
        let size = size.ok_or_else(|| StoreError::Refused("a part has at least one byte".to_owned()))?;
        let source = format!("{}/{}", self.bucket(from.area()), augment_stores_port::sigv4::encode(from.name(), true));
        let request = self.client.upload_part_copy().bucket(self.bucket(key.area())).key(key.name()).upload_id(upload);
        let request = request.part_number(part_number(number)?).copy_source(source);
        let request = request.copy_source_range(format!("bytes={}-{}", range.start, range.end - 1));
        let copied = request.send().await.map_err(|error| of_s3(&error))?;
        let made = copied.copy_part_result();
        let etag = made.and_then(|part| part.e_tag()).unwrap_or_default().to_owned();
        let sha256 = made.and_then(|part| part.checksum_sha256()).map(str::to_owned);
        Ok(PartInfo { number, size, etag, sha256 })
    }

    async fn parts(&self, key: &Key, upload: &str) -> StoreResult<Vec<PartInfo>> {
        let mut parts = Vec::new();
        let mut marker = None;
        loop {
            let request = self.client.list_parts().bucket(self.bucket(key.area())).key(key.name()).upload_id(upload);
            let page = request.set_part_number_marker(marker).send().await.map_err(|error| of_s3(&error))?;
            for part in page.parts() {
                parts.push(PartInfo {
                    number: part.part_number().and_then(|number| number.try_into().ok()).unwrap_or_default(),
                    size: part.size().and_then(|size| size.try_into().ok()).unwrap_or_default(),
                    etag: part.e_tag().unwrap_or_default().to_owned(),
                    sha256: part.checksum_sha256().map(str::to_owned),
                });
            }
            marker = page.next_part_number_marker().map(str::to_owned);
            if marker.is_none() || page.is_truncated() != Some(true) {
                parts.sort_by_key(|part| part.number);
                return Ok(parts);
            }
        }
    }

    async fn join_parts(&self, key: &Key, upload: &str, parts: &[PartInfo]) -> StoreResult<()> {
        let mut whole = CompletedMultipartUpload::builder();
        for part in parts {
            let number = i32::try_from(part.number).map_err(|_| StoreError::Precondition)?;
            let joined = CompletedPart::builder().part_number(number).e_tag(&part.etag);
            whole = whole.parts(joined.set_checksum_sha256(part.sha256.clone()).build());
        }
        let request = self.client.complete_multipart_upload().bucket(self.bucket(key.area())).key(key.name());
        let request = request.upload_id(upload).multipart_upload(whole.build());
        request.send().await.map(drop).map_err(|error| of_s3(&error))
    }

    async fn abort_parts(&self, key: &Key, upload: &str) -> StoreResult<()> {
        let request = self.client.abort_multipart_upload().bucket(self.bucket(key.area())).key(key.name());
        match request.upload_id(upload).send().await.map_err(|error| of_s3(&error)) {
            Ok(_) | Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
