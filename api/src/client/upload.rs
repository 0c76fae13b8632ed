//! Uploading a file whole or in parts; parts in the store are not sent again.

use super::content::FileContent;
use super::transfer::Put;
use super::{Client, ClientResult};
use crate::{Image, Limits, ObjectName, PartRequest, PartsRequest, Reservation, Target, UploadRequest};

/// Receives the bytes sent so far; a retried part counts again from its start.
pub type Progress<'a> = dyn Fn(u64) + 'a;

/// Part URLs per request: few, so that none expires while earlier parts are sent.
const PARTS_AT_ONCE: usize = 8;

/// The result of an upload.
#[derive(Clone, Debug, PartialEq)]
pub struct Uploaded {
    /// The image.
    pub image: Image,
    /// Bytes sent.
    pub sent: u64,
}

impl Client {
    /// Reserves an id, sends the image and the results, and completes the upload.
    ///
    /// # Errors
    /// As [`Client::config`](super::Client::config), the store's refusals, and files that cannot be read.
    pub async fn upload(
        &self,
        request: &UploadRequest,
        original: &FileContent,
        results: Option<&FileContent>,
        limits: &Limits,
        progress: &Progress<'_>,
    ) -> ClientResult<Uploaded> {
        let reservation = self.reserve(request).await?;
        let Reservation { id, original: target, results: results_target, .. } = reservation;
        let mut sent = self.send(&id, ObjectName::Original, original, &target, limits, progress).await?;
        if let (Some(results), Some(target)) = (results, results_target) {
            let before = original.size();
            let rest = |bytes| progress(before + bytes);
            sent += self.send(&id, ObjectName::Results, results, &target, limits, &rest).await?;
        }
        Ok(Uploaded { image: self.complete(&id).await?, sent })
    }

    /// Sends one file of a reserved upload, a large one in parts. Returns the bytes sent.
    ///
    /// # Errors
    /// As [`Client::upload`].
    pub async fn send(
        &self,
        id: &str,
        object: ObjectName,
        content: &FileContent,
        target: &Target,
        limits: &Limits,
        progress: &Progress<'_>,
    ) -> ClientResult<u64> {
        if content.size() > limits.multipart_from_bytes {
            return self.send_parts(id, object, content, progress).await;
        }
        self.put(Put { target, content, from: 0, length: content.size(), progress }).await?;
        Ok(content.size())
    }

    /// Sends the missing parts of one file of a reserved upload. Also resumes after a restart, since the server knows
    /// which parts arrived.
    ///
    /// # Errors
    /// As [`Client::upload`].
    pub async fn send_parts(
        &self,
        id: &str,
        object: ObjectName,
        content: &FileContent,
        progress: &Progress<'_>,
    ) -> ClientResult<u64> {
        let status = self.begin_parts(id, object).await?;
        let range = |number: u32| {
            let from = u64::from(number - 1) * status.part_bytes;
            (from, status.part_bytes.min(content.size().saturating_sub(from)))
        };
        let arrived =
            |number: u32| status.parts.iter().any(|part| part.number == number && part.size == range(number).1);
        let count = u32::try_from(status.part_count).unwrap_or(u32::MAX);
        let missing: Vec<u32> = (1..=count).filter(|number| !arrived(*number)).collect();
        let mut done: u64 = (1..=count).filter(|number| arrived(*number)).map(|number| range(number).1).sum();
        let mut sent = 0;
        progress(done);
        for numbers in missing.chunks(PARTS_AT_ONCE) {
            let mut parts = Vec::with_capacity(numbers.len());
            for number in numbers {
                let (from, length) = range(*number);
                parts.push(PartRequest { number: *number, sha256: content.sha256(from, length).await? });
            }
            for part in self.part_urls(id, &PartsRequest { object, parts }).await?.parts {
                let (from, length) = range(part.number);
                let more = |bytes| progress(done + bytes);
                self.put(Put { target: &part.target, content, from, length, progress: &more }).await?;
                done += length;
                sent += length;
            }
        }
        self.join_parts(id, object).await?;
        Ok(sent)
    }
}
