//! One file on its way: sent whole or in parts, taken up where an earlier run stopped, passed over where it is there.

use std::collections::BTreeMap;
use std::sync::Arc;

use augment_api::client::{Client, ClientError, FileContent, Uploaded};
use augment_api::{Image, Limits, ObjectName, State, UploadRequest};
use augment_core::digest::Digest;
use tokio::sync::Mutex;

/// Letters and digits of the ids that are made from contents: about 95 bits.
const ID_DIGITS: usize = 16;

/// What became of one file.
pub(super) enum Pushed {
    /// It was uploaded, and so many bytes of it now.
    Sent(Image, u64),
    There(Image),
}

/// What sends files.
pub(super) struct Sender<'a> {
    client: &'a Client,
    limits: Limits,
    /// A lock for each id: files of one content have one id, and the second must find the first whole.
    turns: Mutex<BTreeMap<String, Arc<Mutex<()>>>>,
}

impl<'a> Sender<'a> {
    pub(super) fn new(client: &'a Client, limits: Limits) -> Self {
        Self { client, limits, turns: Mutex::default() }
    }

    /// Sends a file under the id of its announcement, if it is not there.
    pub(super) async fn push(&self, request: UploadRequest, content: &FileContent) -> anyhow::Result<Pushed> {
        let id = request.id.clone().unwrap_or_default();
        let turn = Arc::clone(self.turns.lock().await.entry(id).or_default());
        let _turn = turn.lock().await;
        match self.client.upload(&request, content, None, &self.limits, &|_| {}).await {
            Err(ClientError::Refused(problem)) if problem.status == 409 => self.taken(request, content).await,
            uploaded => uploaded.map(sent).map_err(Into::into),
        }
    }

    fn goes_in_parts(&self, content: &FileContent) -> bool {
        content.size() > self.limits.multipart_from_bytes
    }

    /// The id is taken: by the same file, whole or begun, or by somebody else's.
    async fn taken(&self, mut request: UploadRequest, content: &FileContent) -> anyhow::Result<Pushed> {
        let id = request.id.clone().unwrap_or_default();
        match self.client.image(&id).await {
            Ok(image) if image.sha256 == request.sha256 && image.state != State::Pending => {
                return Ok(Pushed::There(image));
            }
            Ok(image) if image.sha256 == request.sha256 && image.mine => {
                // An earlier run ended here. Perhaps the file arrived; else a large one goes on and others starts again.
                match self.client.complete(&id).await {
                    Ok(image) => return Ok(Pushed::There(image)),
                    Err(ClientError::Refused(problem)) if problem.status == 409 && self.goes_in_parts(content) => {
                        let bytes = self.client.send_parts(&id, ObjectName::Original, content, &|_| {}).await?;
                        return Ok(Pushed::Sent(self.client.complete(&id).await?, bytes));
                    }
                    Err(ClientError::Refused(problem)) if matches!(problem.status, 409 | 422) => {
                        self.client.delete(&id).await?;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            // Somebody else's image, which may not even be seen.
            Ok(_) => request.id = None,
            Err(error) if error.status() == Some(404) => request.id = None,
            Err(error) => return Err(error.into()),
        }
        Ok(sent(self.client.upload(&request, content, None, &self.limits, &|_| {}).await?))
    }
}

fn sent(uploaded: Uploaded) -> Pushed {
    Pushed::Sent(uploaded.image, uploaded.sent)
}

/// An id that is made of what is sent: the same again has the same one.
pub(super) fn id_of(what: &str) -> String {
    Digest::of(what.as_bytes()).to_hex()[..ID_DIGITS].to_owned()
}
