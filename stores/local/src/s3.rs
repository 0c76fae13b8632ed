//! The S3 protocol over the folder: the operations that signed URLs and the S3 adapter use.

use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use augment_stores_port::{Area, Key, ObjectStore, PartInfo, StoreError};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput, CompleteMultipartUploadOutput,
    CopyPartResult, CopySource, CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteObjectInput,
    DeleteObjectOutput, ETag, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, ListObjectsV2Input,
    ListObjectsV2Output, ListPartsInput, ListPartsOutput, Object, Part, PutObjectInput, PutObjectOutput,
    PutObjectTaggingInput, PutObjectTaggingOutput, StreamingBlob, Timestamp, UploadPartCopyInput, UploadPartCopyOutput,
    UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Error, S3Request, S3Response, S3Result, s3_error};

use crate::folder::{self, Folder, HEAD, IncomingFile, ObjectHead, ObjectMeta, base64_of, checksum};

/// The bucket of originals.
pub const ORIGINALS_BUCKET: &str = "delta-originals";
/// The bucket of results.
pub const RESULTS_BUCKET: &str = "delta-results";

/// Called with the key of every object that a client has uploaded.
pub type PutHook = Arc<dyn Fn(&Key) + Send + Sync>;

/// Bytes per chunk of a download.
const PIECE: u64 = 256 << 10;
/// Keys per listing, as in S3.
const MAX_LISTED: usize = 1000;
/// The media type of objects sent without one.
const UNTYPED: &str = "application/octet-stream";
/// Bytes of metadata per object, names and values together, as in S3.
const MAX_METADATA: usize = 2048;

/// The server's side of the S3 protocol.
#[derive(Clone)]
pub(crate) struct FolderS3 {
    pub(crate) folder: Folder,
    /// Called for every object that a client uploads.
    pub(crate) on_put: Option<PutHook>,
}

impl std::fmt::Debug for FolderS3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FolderS3").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// The client's description of an object.
fn meta_of(content_type: Option<s3s::dto::ContentType>, metadata: Option<s3s::dto::Metadata>) -> S3Result<ObjectMeta> {
    let metadata: std::collections::BTreeMap<String, String> =
        metadata.into_iter().flatten().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    if metadata.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MAX_METADATA {
        return Err(s3_error!(MetadataTooLarge));
    }
    Ok(ObjectMeta { content_type: content_type.map_or_else(|| UNTYPED.to_owned(), |t| t.to_string()), metadata })
}

/// An object's metadata in the protocol's form.
fn metadata(head: &ObjectHead) -> Option<s3s::dto::Metadata> {
    (!head.metadata.is_empty()).then(|| head.metadata.clone().into_iter().collect())
}

/// The number of a part.
fn part_number(number: i32) -> S3Result<u32> {
    let number = u32::try_from(number).ok().filter(|number| (1..=10_000).contains(number));
    number.ok_or_else(|| s3_error!(InvalidArgument, "part numbers are 1 to 10000"))
}

/// The range in `x-amz-copy-source-range`.
fn copied_range(text: &str) -> Option<std::ops::Range<u64>> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    Some(first.parse().ok()?..last.parse::<u64>().ok()?.checked_add(1)?)
}

fn area(bucket: &str) -> S3Result<Area> {
    match bucket {
        ORIGINALS_BUCKET => Ok(Area::Originals),
        RESULTS_BUCKET => Ok(Area::Results),
        _ => Err(s3_error!(NoSuchBucket)),
    }
}

/// The key of a request; invalid ones are refused before any file access.
fn key(bucket: &str, name: &str) -> S3Result<Key> {
    Key::parse(area(bucket)?, name).map_err(|_| s3_error!(InvalidArgument, "the key is not allowed"))
}

fn failed(error: &StoreError) -> S3Error {
    match error {
        StoreError::NotFound => s3_error!(NoSuchKey),
        StoreError::Refused(why) => S3Error::with_message(s3s::S3ErrorCode::InvalidArgument, why.clone()),
        _ => s3_error!(InternalError),
    }
}

/// The error of a multipart upload.
fn parts_failed(error: &StoreError) -> S3Error {
    match error {
        StoreError::NotFound => s3_error!(NoSuchUpload),
        StoreError::Precondition => s3_error!(InvalidPart),
        error => failed(error),
    }
}

/// Refuses a part whose checksum is not what the upload was begun with, as S3 does.
fn check_part(folder: &Folder, key: &Key, upload: &str, has_checksum: bool) -> S3Result<()> {
    match folder.is_checksummed(key, upload) {
        Ok(checksummed) if checksummed == has_checksum => Ok(()),
        Ok(true) => Err(s3_error!(InvalidRequest, "the upload was begun with SHA256, and the part has no checksum")),
        Ok(false) => Err(s3_error!(InvalidRequest, "the upload was begun without SHA256, and the part has a checksum")),
        Err(error) => Err(parts_failed(&error)),
    }
}

impl FolderS3 {
    /// Receives a body in chunks and checks its length and checksum.
    async fn receive(
        &self,
        body: Option<StreamingBlob>,
        length: Option<i64>,
        expected: Option<&str>,
    ) -> S3Result<IncomingFile> {
        let mut body = body.ok_or_else(|| s3_error!(IncompleteBody))?;
        let mut incoming = self.folder.begin().map_err(|error| failed(&error))?;
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|_| s3_error!(IncompleteBody))?;
            let write = move || incoming.write(&piece).map(|()| incoming);
            let written = tokio::task::spawn_blocking(write).await.map_err(|_| s3_error!(InternalError))?;
            incoming = written.map_err(|_| s3_error!(InternalError))?;
        }
        if length.is_some_and(|length| u64::try_from(length) != Ok(incoming.size())) {
            return Err(s3_error!(IncompleteBody));
        }
        if expected.is_some_and(|expected| expected != base64_of(&incoming.sha256())) {
            return Err(s3_error!(BadDigest, "the SHA-256 differs from x-amz-checksum-sha256"));
        }
        Ok(incoming)
    }

    async fn store(
        &self,
        incoming: IncomingFile,
        name: String,
        about: ObjectMeta,
        target: PathBuf,
    ) -> S3Result<ObjectHead> {
        tokio::task::spawn_blocking(move || incoming.finish(&name, &about, &target))
            .await
            .map_err(|_| s3_error!(InternalError))?
            .map_err(|_| s3_error!(InternalError))
    }

    fn notify(&self, key: &Key) {
        if let Some(on_put) = &self.on_put {
            on_put(key);
        }
    }

    async fn open(&self, key: Key) -> S3Result<(std::fs::File, ObjectHead)> {
        let folder = self.folder.clone();
        tokio::task::spawn_blocking(move || folder::open(&folder.path(&key)))
            .await
            .map_err(|_| s3_error!(InternalError))?
            .map_err(|error| failed(&error))
    }
}

fn modified(head: &ObjectHead) -> Timestamp {
    Timestamp::from(std::time::UNIX_EPOCH + std::time::Duration::from_secs(head.modified))
}

/// Streams a range of a file.
fn pieces(file: std::fs::File, from: u64, length: u64) -> StreamingBlob {
    let state = (Some(file), from, length);
    StreamingBlob::wrap(stream::try_unfold(state, |(file, from, left)| async move {
        let Some(mut file) = file.filter(|_| left > 0) else { return Ok(None) };
        let read = move || {
            let mut bytes = vec![0; left.min(PIECE) as usize];
            file.seek(SeekFrom::Start(HEAD + from))?;
            file.read_exact(&mut bytes)?;
            std::io::Result::Ok((bytes, file))
        };
        let (bytes, file) = tokio::task::spawn_blocking(read).await.map_err(std::io::Error::other)??;
        let length = bytes.len() as u64;
        std::io::Result::Ok(Some((Bytes::from(bytes), (Some(file), from + length, left - length))))
    }))
}

#[async_trait::async_trait]
impl S3 for FolderS3 {
    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let input = request.input;
        let key = key(&input.bucket, &input.key)?;
        let incoming = self.receive(input.body, input.content_length, input.checksum_sha256.as_deref()).await?;
        let about = meta_of(input.content_type, input.metadata)?;
        let head = self.store(incoming, key.name().to_owned(), about, self.folder.path(&key)).await?;
        self.notify(&key);
        Ok(S3Response::new(PutObjectOutput {
            e_tag: Some(ETag::Strong(head.sha256.clone())),
            checksum_sha256: checksum(&head),
            ..Default::default()
        }))
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        let input = request.input;
        let key = key(&input.bucket, &input.key)?;
        let number = part_number(input.part_number)?;
        let target = self.folder.part_path(&key, &input.upload_id, number).map_err(|_| s3_error!(NoSuchUpload))?;
        check_part(&self.folder, &key, &input.upload_id, input.checksum_sha256.is_some())?;
        let incoming = self.receive(input.body, input.content_length, input.checksum_sha256.as_deref()).await?;
        let head = self.store(incoming, key.name().to_owned(), ObjectMeta::default(), target).await?;
        Ok(S3Response::new(UploadPartOutput {
            e_tag: Some(ETag::Strong(head.sha256.clone())),
            checksum_sha256: checksum(&head),
            ..Default::default()
        }))
    }

    async fn upload_part_copy(
        &self,
        request: S3Request<UploadPartCopyInput>,
    ) -> S3Result<S3Response<UploadPartCopyOutput>> {
        let input = request.input;
        let to = key(&input.bucket, &input.key)?;
        let CopySource::Bucket { bucket, key: name, .. } = &input.copy_source else {
            return Err(s3_error!(InvalidArgument, "the copy source needs a bucket and a key"));
        };
        let from = key(bucket, name)?;
        let range = match input.copy_source_range.as_deref() {
            Some(text) => copied_range(text).ok_or_else(|| s3_error!(InvalidArgument, "the range cannot be parsed"))?,
            None => 0..self.open(from.clone()).await?.1.size,
        };
        // Checked first, so that a missing source has its own error.
        self.open(from.clone()).await?;
        let copied = self.folder.copy_part(&to, &input.upload_id, part_number(input.part_number)?, &from, range).await;
        let part = copied.map_err(|error| parts_failed(&error))?;
        let result =
            CopyPartResult { e_tag: Some(ETag::Strong(part.etag)), checksum_sha256: part.sha256, ..Default::default() };
        Ok(S3Response::new(UploadPartCopyOutput { copy_part_result: Some(result), ..Default::default() }))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        let (file, head) = self.open(key(&input.bucket, &input.key)?).await?;
        let range = input.range.map(|range| range.check(head.size)).transpose()?;
        let (from, to) = range.as_ref().map_or((0, head.size), |range| (range.start, range.end));
        Ok(S3Response::new(GetObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            body: Some(pieces(file, from, to - from)),
            content_disposition: input.response_content_disposition,
            content_length: Some((to - from) as i64),
            content_range: range.map(|_| format!("bytes {from}-{}/{}", to.saturating_sub(1), head.size)),
            content_type: head.content_type.parse().ok(),
            e_tag: Some(ETag::Strong(head.sha256.clone())),
            last_modified: Some(modified(&head)),
            metadata: metadata(&head),
            ..Default::default()
        }))
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = request.input;
        let (_, head) = self.open(key(&input.bucket, &input.key)?).await?;
        Ok(S3Response::new(HeadObjectOutput {
            checksum_sha256: checksum(&head),
            content_length: Some(head.size as i64),
            content_type: head.content_type.parse().ok(),
            e_tag: Some(ETag::Strong(head.sha256.clone())),
            last_modified: Some(modified(&head)),
            metadata: metadata(&head),
            ..Default::default()
        }))
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        let key = key(&request.input.bucket, &request.input.key)?;
        self.folder.delete(&key).await.map_err(|error| failed(&error))?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    /// Tags are ignored: retention is in the records, and there are no lifecycle rules.
    async fn put_object_tagging(
        &self,
        request: S3Request<PutObjectTaggingInput>,
    ) -> S3Result<S3Response<PutObjectTaggingOutput>> {
        self.open(key(&request.input.bucket, &request.input.key)?).await?;
        Ok(S3Response::new(PutObjectTaggingOutput::default()))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        let area = area(&input.bucket)?;
        let prefix = input.prefix.clone().unwrap_or_default();
        let mut keys = self.folder.list(area, &prefix, usize::MAX).await.map_err(|error| failed(&error))?;
        keys.sort();
        if let Some(after) = input.continuation_token.as_ref().or(input.start_after.as_ref()) {
            keys.retain(|key| key.name() > after.as_str());
        }
        let most = input.max_keys.and_then(|most| usize::try_from(most).ok()).unwrap_or(MAX_LISTED).min(MAX_LISTED);
        let more = keys.len() > most;
        keys.truncate(most);
        let last = keys.last().map(|key| key.name().to_owned());
        let object = |key: &Key| Object { key: Some(key.name().to_owned()), ..Default::default() };
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: Some(prefix),
            key_count: i32::try_from(keys.len()).ok(),
            contents: Some(keys.iter().map(object).collect()),
            is_truncated: Some(more),
            next_continuation_token: last.filter(|_| more),
            ..Default::default()
        }))
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let input = request.input;
        let key = key(&input.bucket, &input.key)?;
        let about = meta_of(input.content_type, input.metadata)?;
        let checksummed = match input.checksum_algorithm.as_ref().map(|algorithm| algorithm.as_str()) {
            None => false,
            Some("SHA256") => true,
            Some(_) => return Err(s3_error!(NotImplemented, "the only checksum here is SHA256")),
        };
        let begun = self.folder.begin_parts_with(&key, about, checksummed).await;
        let upload = begun.map_err(|error| failed(&error))?;
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(upload),
            ..Default::default()
        }))
    }

    async fn list_parts(&self, request: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        let input = request.input;
        let key = key(&input.bucket, &input.key)?;
        let parts = self.folder.parts(&key, &input.upload_id).await.map_err(|error| parts_failed(&error))?;
        let part = |part: PartInfo| Part {
            part_number: i32::try_from(part.number).ok(),
            size: i64::try_from(part.size).ok(),
            e_tag: Some(ETag::Strong(part.etag)),
            checksum_sha256: part.sha256,
            ..Default::default()
        };
        Ok(S3Response::new(ListPartsOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            is_truncated: Some(false),
            parts: Some(parts.into_iter().map(part).collect()),
            ..Default::default()
        }))
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = request.input;
        let key = key(&input.bucket, &input.key)?;
        let mut parts = Vec::new();
        for part in input.multipart_upload.and_then(|whole| whole.parts).unwrap_or_default() {
            let number = part.part_number.and_then(|number| u32::try_from(number).ok());
            let (Some(number), Some(etag)) = (number, part.e_tag) else { return Err(s3_error!(InvalidPart)) };
            check_part(&self.folder, &key, &input.upload_id, part.checksum_sha256.is_some())?;
            // Here the tag of a part is its SHA-256 too.
            let same = |sha256: &String| hex::decode(etag.value()).is_ok_and(|bytes| base64_of(&bytes) == *sha256);
            if !part.checksum_sha256.as_ref().is_none_or(same) {
                return Err(s3_error!(InvalidPart, "the checksum of a part differs"));
            }
            parts.push(PartInfo { number, size: 0, etag: etag.value().to_owned(), sha256: part.checksum_sha256 });
        }
        if parts.is_empty() || !parts.is_sorted_by(|a, b| a.number < b.number) {
            return Err(s3_error!(InvalidPartOrder));
        }
        self.folder.join_parts(&key, &input.upload_id, &parts).await.map_err(|error| parts_failed(&error))?;
        self.notify(&key);
        Ok(S3Response::new(CompleteMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            ..Default::default()
        }))
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let key = key(&request.input.bucket, &request.input.key)?;
        self.folder.abort_parts(&key, &request.input.upload_id).await.map_err(|error| failed(&error))?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }
}
