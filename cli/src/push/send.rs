//! Sends files, one at a time for each id.

use std::collections::BTreeMap;
use std::sync::Arc;

use augment_api::client::{Client, FileContent, Upload, Uploaded};
use augment_api::{Limits, UploadRequest};
use augment_core::digest::Digest;
use tokio::sync::Mutex;

/// Hexadecimal digits of ids derived from contents: 64 bits.
const ID_DIGITS: usize = 16;

/// Sends files.
pub(super) struct Sender<'a> {
    client: &'a Client,
    limits: Limits,
    /// A lock for each id: files with the same content have the same id, and the second must find the first complete.
    turns: Mutex<BTreeMap<String, Arc<Mutex<()>>>>,
}

impl<'a> Sender<'a> {
    pub(super) fn new(client: &'a Client, limits: Limits) -> Self {
        Self { client, limits, turns: Mutex::default() }
    }

    /// Sends a file under the id of its announcement, unless it is there already.
    pub(super) async fn push(&self, request: UploadRequest, content: &FileContent) -> anyhow::Result<Uploaded> {
        let id = request.id.clone().unwrap_or_default();
        let turn = Arc::clone(self.turns.lock().await.entry(id).or_default());
        let _turn = turn.lock().await;
        Ok(self.client.upload(&Upload::new(&request, content, &self.limits)).await?)
    }
}

/// An id derived from the request, so that a repeat has the same id.
pub(super) fn id_of(what: &str) -> String {
    Digest::of(what.as_bytes()).to_hex()[..ID_DIGITS].to_owned()
}
