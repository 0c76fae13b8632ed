//! Sending a file whole or in parts; parts that are there already are not sent again.

use super::content::FileContent;
use super::transfer::Put;
use super::{Client, ClientResult};
use crate::{Image, Limits, ObjectName, PartRequest, PartsRequest, Reservation, Target, UploadRequest};

/// Told how many bytes of an upload were sent so far; a piece that is sent again counts again from where it began.
pub type Progress<'a> = dyn Fn(u64) + 'a;

/// Parts whose addresses are asked for at once: few, so that none expires while the ones before it are sent.
const PARTS_AT_ONCE: usize = 8;

/// What an upload came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Uploaded {
    /// The image.
    pub image: Image,
    /// Bytes that were sent.
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

    /// Sends one file of a reserved upload: whole, or in parts where it is large. Gives the bytes sent.
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

    /// Sends one file of a reserved upload in parts, those that are missing. Works after a restart as well: the server
    /// knows what arrived.
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
        let place = |number: u32| {
            let from = u64::from(number - 1) * status.part_bytes;
            (from, status.part_bytes.min(content.size().saturating_sub(from)))
        };
        let there = |number: u32| status.parts.iter().any(|part| part.number == number && part.size == place(number).1);
        let count = u32::try_from(status.part_count).unwrap_or(u32::MAX);
        let missing: Vec<u32> = (1..=count).filter(|number| !there(*number)).collect();
        let mut done: u64 = (1..=count).filter(|number| there(*number)).map(|number| place(number).1).sum();
        let mut sent = 0;
        progress(done);
        for numbers in missing.chunks(PARTS_AT_ONCE) {
            let mut parts = Vec::with_capacity(numbers.len());
            for number in numbers {
                let (from, length) = place(*number);
                parts.push(PartRequest { number: *number, sha256: content.sha256(from, length).await? });
            }
            for part in self.part_urls(id, &PartsRequest { object, parts }).await?.parts {
                let (from, length) = place(part.number);
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
