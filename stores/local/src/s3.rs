//! The folder as S3 speaks of it: only what signed addresses and the service's own calls need.

use std::io::{Read, Seek, SeekFrom};

use augment_stores_port::{Area, Key, ObjectStore, StoreError};
use base64::Engine as _;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, ETag, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput,
    PutObjectInput, PutObjectOutput, StreamingBlob, Timestamp, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Error, S3Request, S3Response, S3Result, s3_error};

use crate::folder::{self, Folder, HEAD, Head, Incoming};
use crate::server::{ORIGINALS_BUCKET, RESULTS_BUCKET};

/// Bytes of a piece that a download is sent in.
const PIECE: u64 = 256 << 10;

/// The server's side of the S3 protocol.
#[derive(Clone, Debug)]
pub(crate) struct FolderS3(pub(crate) Folder);

/// The key of a request; what could lead anywhere else is refused before it touches the disk.
fn key(bucket: &str, name: &str) -> S3Result<Key> {
    let area = match bucket {
        ORIGINALS_BUCKET => Area::Originals,
        RESULTS_BUCKET => Area::Results,
        _ => return Err(s3_error!(NoSuchBucket)),
    };
    Key::parse(area, name).map_err(|_| s3_error!(InvalidArgument, "the key is not allowed"))
}

fn failed(error: &StoreError) -> S3Error {
    match error {
        StoreError::NotFound => s3_error!(NoSuchKey),
        StoreError::Refused(why) => S3Error::with_message(s3s::S3ErrorCode::InvalidArgument, why.clone()),
        _ => s3_error!(InternalError),
    }
}

fn base64_of(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn checksum(head: &Head) -> Option<String> {
    hex::decode(&head.sha256).ok().map(|bytes| base64_of(&bytes))
}

impl FolderS3 {
    /// Takes a body in, piece by piece, and checks it against what the request promised.
    async fn receive(
        &self,
        body: Option<StreamingBlob>,
        length: Option<i64>,
        promised: Option<&str>,
    ) -> S3Result<Incoming> {
        let mut body = body.ok_or_else(|| s3_error!(IncompleteBody))?;
        let mut incoming = self.0.begin().map_err(|error| failed(&error))?;
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|_| s3_error!(IncompleteBody))?;
            let write = move || incoming.write(&piece).map(|()| incoming);
            let written = tokio::task::spawn_blocking(write).await.map_err(|_| s3_error!(InternalError))?;
            incoming = written.map_err(|_| s3_error!(InternalError))?;
        }
        if length.is_some_and(|length| u64::try_from(length) != Ok(incoming.size())) {
            return Err(s3_error!(IncompleteBody));
        }
        if promised.is_some_and(|promised| promised != base64_of(&incoming.sha256())) {
            return Err(s3_error!(BadDigest, "the bytes have another SHA-256 than x-amz-checksum-sha256"));
        }
        Ok(incoming)
    }

    async fn keep(
        &self,
        incoming: Incoming,
        name: String,
        content_type: String,
        place: std::path::PathBuf,
    ) -> S3Result<Head> {
        tokio::task::spawn_blocking(move || incoming.finish(&name, &content_type, &place))
            .await
            .map_err(|_| s3_error!(InternalError))?
            .map_err(|_| s3_error!(InternalError))
    }

    async fn open(&self, key: Key) -> S3Result<(std::fs::File, Head)> {
        let folder = self.0.clone();
        tokio::task::spawn_blocking(move || folder::open(&folder.path(&key)))
            .await
            .map_err(|_| s3_error!(InternalError))?
            .map_err(|error| failed(&error))
    }
}

fn modified(head: &Head) -> Timestamp {
    Timestamp::from(std::time::UNIX_EPOCH + std::time::Duration::from_secs(head.modified))
}

/// The bytes of a file from a place on.
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
        let content_type = input.content_type.map_or_else(|| "application/octet-stream".to_owned(), |t| t.to_string());
        let head = self.keep(incoming, key.name().to_owned(), content_type, self.0.path(&key)).await?;
        Ok(S3Response::new(PutObjectOutput {
            e_tag: Some(ETag::Strong(head.sha256.clone())),
            checksum_sha256: checksum(&head),
            ..Default::default()
        }))
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        let input = request.input;
        let key = key(&input.bucket, &input.key)?;
        let number = u32::try_from(input.part_number).ok().filter(|number| (1..=10_000).contains(number));
        let number = number.ok_or_else(|| s3_error!(InvalidArgument, "parts are numbered from 1 to 10000"))?;
        let place = self.0.part_path(&key, &input.upload_id, number).map_err(|_| s3_error!(NoSuchUpload))?;
        let incoming = self.receive(input.body, input.content_length, input.checksum_sha256.as_deref()).await?;
        let head = self.keep(incoming, key.name().to_owned(), String::new(), place).await?;
        Ok(S3Response::new(UploadPartOutput {
            e_tag: Some(ETag::Strong(head.sha256.clone())),
            checksum_sha256: checksum(&head),
            ..Default::default()
        }))
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
            ..Default::default()
        }))
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        let key = key(&request.input.bucket, &request.input.key)?;
        self.0.delete(&key).await.map_err(|error| failed(&error))?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }
}
