//! Sends one file of a reserved upload, whole or in parts; parts in the store are not sent again.

use super::content::FileContent;
use super::transfer::{Progress, Put};
use super::{Client, ClientResult};
use crate::{Limits, ObjectName, PartRequest, PartsRequest, Target};

/// Part URLs per request: few, so that none expires while earlier parts are sent.
const PARTS_AT_ONCE: usize = 8;

impl Client {
    /// Sends a file, a large one in parts. Returns the bytes sent.
    pub(super) async fn send(
        &self,
        id: &str,
        object: ObjectName,
        content: &FileContent,
        target: &Target,
        limits: &Limits,
        progress: &Progress<'_>,
    ) -> ClientResult<u64> {
        if is_large(content, limits) {
            return self.send_parts(id, object, content, progress).await;
        }
        self.put(Put { target, content, from: 0, length: content.size(), progress }).await?;
        Ok(content.size())
    }

    /// Sends the missing parts of a file. This also resumes after a restart, since the server knows which parts arrived.
    pub(super) async fn send_parts(
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

/// Whether a file is sent in parts.
pub(super) fn is_large(content: &FileContent, limits: &Limits) -> bool {
    content.size() > limits.multipart_from_bytes
}
