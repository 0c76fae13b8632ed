//! Uploads an image under an id, and resumes what an earlier attempt began.

use std::ops::ControlFlow;

use super::content::FileContent;
use super::send::is_large;
use super::{Client, ClientError, ClientResult};
use crate::{Image, Limits, ObjectName, Reservation, State, Target, UploadRequest};

/// An image to upload.
pub struct Upload<'a> {
    /// The announcement. With an id, a repeated upload finds what an earlier one left.
    pub request: &'a UploadRequest,
    /// The image.
    pub original: &'a FileContent,
    /// The zip of results, if the client made them.
    pub results: Option<&'a FileContent>,
    /// The server's limits.
    pub limits: &'a Limits,
    /// What an earlier attempt did, if the caller kept it.
    pub started: Option<StartedUpload>,
    /// Receives the steps of the upload.
    pub observer: &'a (dyn Fn(UploadEvent<'_>) + 'a),
}

impl<'a> Upload<'a> {
    /// An upload of an image without results.
    #[must_use]
    pub fn new(request: &'a UploadRequest, original: &'a FileContent, limits: &'a Limits) -> Self {
        Self { request, original, results: None, limits, started: None, observer: &|_| {} }
    }

    fn tell(&self, event: UploadEvent<'_>) {
        (self.observer)(event);
    }
}

impl std::fmt::Debug for Upload<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upload").field("request", self.request).field("started", &self.started).finish_non_exhaustive()
    }
}

/// A reservation, and which of its files are in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartedUpload {
    /// The reservation.
    pub reservation: Reservation,
    /// Whether the image arrived.
    pub original_arrived: bool,
    /// Whether the zip of results arrived.
    pub results_arrived: bool,
}

impl StartedUpload {
    /// A reservation without files.
    #[must_use]
    pub const fn new(reservation: Reservation) -> Self {
        Self { reservation, original_arrived: false, results_arrived: false }
    }
}

/// A step of an upload.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UploadEvent<'a> {
    /// The announcement goes to the server.
    Reserving,
    /// An id is reserved.
    Reserved(&'a Reservation),
    /// A file goes to the store.
    Sending(ObjectName, &'a Target),
    /// Bytes of a file sent so far; a retried part counts again from its start.
    Sent(ObjectName, u64),
    /// A file is in the store.
    Arrived(ObjectName),
    /// The server verifies the files.
    Verifying,
    /// The reservation no longer works; another attempt needs a new one.
    Lapsed,
}

/// An uploaded image.
#[derive(Clone, Debug, PartialEq)]
pub enum Uploaded {
    /// It was sent, with this many bytes now.
    Sent(Image, u64),
    /// It was already in the store.
    Present(Image),
}

impl Uploaded {
    /// The image.
    #[must_use]
    pub fn into_image(self) -> Image {
        match self {
            Self::Sent(image, _) | Self::Present(image) => image,
        }
    }
}

/// The image under a taken id.
#[derive(Debug, PartialEq)]
enum TakenId {
    /// The same content, complete.
    Complete(Box<Image>),
    /// The caller's unfinished upload of the same content.
    Unfinished,
    /// Another image, perhaps a hidden one.
    Foreign,
}

impl TakenId {
    fn of(found: ClientResult<Image>, sha256: &str) -> ClientResult<Self> {
        match found {
            Ok(image) if image.sha256 == sha256 && image.state != State::Pending => Ok(Self::Complete(Box::new(image))),
            Ok(image) if image.sha256 == sha256 && image.mine => Ok(Self::Unfinished),
            Ok(_) => Ok(Self::Foreign),
            Err(error) if error.status() == Some(404) => Ok(Self::Foreign),
            Err(error) => Err(error),
        }
    }
}

/// How to go on with an unfinished upload that the server does not complete.
#[derive(Debug, PartialEq, Eq)]
enum Remedy {
    /// Send the missing parts.
    SendParts,
    /// Delete it and begin again.
    Restart,
}

impl Remedy {
    fn of(error: ClientError, in_parts: bool) -> ClientResult<Self> {
        match error.status() {
            Some(409) if in_parts => Ok(Self::SendParts),
            Some(409 | 422) => Ok(Self::Restart),
            _ => Err(error),
        }
    }
}

/// Whether an error ends a reservation: it expired, was removed, or does not fit the files.
fn has_lapsed(error: &ClientError) -> bool {
    matches!(error.status(), Some(400 | 403 | 404 | 409 | 422))
}

impl Client {
    /// Reserves an id, sends the image and the results, and completes the upload. If the id is taken by the same image,
    /// sends only what is missing; if it is taken by another image, uses a new id. Uploads of one id take turns.
    ///
    /// # Errors
    /// As [`Client::config`](super::Client::config), the store's refusals, and files that cannot be read.
    pub async fn upload(&self, upload: &Upload<'_>) -> ClientResult<Uploaded> {
        let _turn = match &upload.request.id {
            Some(id) => Some(self.turns.wait(id).await),
            None => None,
        };
        if let Some(started) = &upload.started {
            let sent = self.send_files(upload, started).await;
            if !sent.as_ref().is_err_and(has_lapsed) {
                return sent;
            }
        }
        upload.tell(UploadEvent::Reserving);
        let reserved = match (self.reserve(upload.request).await, &upload.request.id) {
            (Err(error), Some(id)) if error.status() == Some(409) => match self.resume(upload, id).await? {
                ControlFlow::Break(uploaded) => return Ok(uploaded),
                ControlFlow::Continue(request) => self.reserve(&request).await?,
            },
            (reserved, _) => reserved?,
        };
        upload.tell(UploadEvent::Reserved(&reserved));
        self.send_files(upload, &StartedUpload::new(reserved)).await
    }

    /// Finishes the upload under a taken id, or continues with the request to begin again with.
    async fn resume(&self, upload: &Upload<'_>, id: &str) -> ClientResult<ControlFlow<Uploaded, UploadRequest>> {
        let request = upload.request.clone();
        match TakenId::of(self.image(id).await, &request.sha256)? {
            TakenId::Complete(image) => Ok(ControlFlow::Break(Uploaded::Present(*image))),
            TakenId::Foreign => Ok(ControlFlow::Continue(UploadRequest { id: None, ..request })),
            // An earlier attempt stopped here, perhaps after its file had arrived.
            TakenId::Unfinished => match self.complete(id).await {
                Ok(image) => Ok(ControlFlow::Break(Uploaded::Present(image))),
                Err(error) => {
                    let in_parts = is_large(upload.original, upload.limits) && upload.results.is_none();
                    match Remedy::of(error, in_parts)? {
                        Remedy::SendParts => {
                            let object = ObjectName::Original;
                            let progress = |bytes| upload.tell(UploadEvent::Sent(object, bytes));
                            let bytes = self.send_parts(id, object, upload.original, &progress).await?;
                            upload.tell(UploadEvent::Verifying);
                            Ok(ControlFlow::Break(Uploaded::Sent(self.complete(id).await?, bytes)))
                        }
                        Remedy::Restart => {
                            self.delete(id).await?;
                            Ok(ControlFlow::Continue(request))
                        }
                    }
                }
            },
        }
    }

    /// Sends the files of a reservation that have not arrived, and completes the upload.
    async fn send_files(&self, upload: &Upload<'_>, started: &StartedUpload) -> ClientResult<Uploaded> {
        let Reservation { id, original, results, .. } = &started.reservation;
        let send = async {
            let mut bytes = 0;
            for (object, content, target, arrived) in [
                (ObjectName::Original, Some(upload.original), Some(original), started.original_arrived),
                (ObjectName::Results, upload.results, results.as_ref(), started.results_arrived),
            ] {
                let (Some(content), Some(target), false) = (content, target, arrived) else { continue };
                upload.tell(UploadEvent::Sending(object, target));
                let progress = |sent| upload.tell(UploadEvent::Sent(object, sent));
                bytes += self.send(id, object, content, target, upload.limits, &progress).await?;
                upload.tell(UploadEvent::Arrived(object));
            }
            upload.tell(UploadEvent::Verifying);
            Ok(Uploaded::Sent(self.complete(id).await?, bytes))
        };
        let sent = send.await;
        if sent.as_ref().is_err_and(has_lapsed) {
            upload.tell(UploadEvent::Lapsed);
        }
        sent
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn image(sha256: &str, state: State, mine: bool) -> Image {
        serde_json::from_value(json!({
            "id": "a1", "state": state, "filename": "a.jpg", "content_type": "image/jpeg", "size": 3, "sha256": sha256,
            "width": null, "height": null, "title": null, "tags": [], "group": null, "count": 1, "recipe": {},
            "run": "server", "visibility": "public", "retention": "standard", "mine": mine, "results": null,
            "made": null, "thumbnail": false, "error": null, "error_kind": null, "created_at": "", "updated_at": "",
            "expires_at": "",
        }))
        .unwrap()
    }

    fn refusal(status: u16) -> ClientError {
        ClientError::Answer { status, what: "a call".to_owned() }
    }

    #[test]
    fn a_taken_id_is_reused_only_for_the_same_content() {
        let taken = |image: Image| TakenId::of(Ok(image), "ab").unwrap();
        let complete = image("ab", State::Ready, false);
        assert_eq!(
            taken(complete.clone()),
            TakenId::Complete(Box::new(complete)),
            "another user's image serves as well"
        );
        assert_eq!(taken(image("ab", State::Pending, true)), TakenId::Unfinished, "an interrupted upload");
        assert_eq!(taken(image("ab", State::Pending, false)), TakenId::Foreign, "another user's upload");
        assert_eq!(taken(image("cd", State::Ready, true)), TakenId::Foreign, "other content");
        assert_eq!(TakenId::of(Err(refusal(404)), "ab").unwrap(), TakenId::Foreign, "a hidden image");
        assert_eq!(TakenId::of(Err(refusal(500)), "ab").unwrap_err().status(), Some(500), "a failure");
    }

    #[test]
    fn an_unfinished_upload_continues_in_parts_or_restarts() {
        for (status, in_parts, expected) in [
            (409, true, Some(Remedy::SendParts)),
            (409, false, Some(Remedy::Restart)),
            (422, true, Some(Remedy::Restart)),
            (403, true, None),
            (503, false, None),
        ] {
            assert_eq!(Remedy::of(refusal(status), in_parts).ok(), expected, "{status}, in parts: {in_parts}");
        }
    }
}
