//! Sends a file, or one part of it, to the object store with a presigned `PUT`.

use super::content::FileContent;
use super::{Client, ClientError, ClientResult};
use crate::Target;

/// Receives the bytes sent so far; a retried part counts again from its start.
pub type Progress<'a> = dyn Fn(u64) + 'a;

/// A range of a file and its signed request.
pub(super) struct Put<'a> {
    pub(super) target: &'a Target,
    pub(super) content: &'a FileContent,
    pub(super) from: u64,
    pub(super) length: u64,
    pub(super) progress: &'a Progress<'a>,
}

impl Client {
    /// Sends a range of a file.
    pub(super) async fn put(&self, put: Put<'_>) -> ClientResult<()> {
        let status = send(self, &put).await?;
        if (200..300).contains(&status) {
            (put.progress)(put.length);
            return Ok(());
        }
        Err(ClientError::Answer { status, what: "the upload to the object store".to_owned() })
    }
}

#[cfg(not(target_arch = "wasm32"))]
async fn send(client: &Client, &Put { target, content, from, length, progress }: &Put<'_>) -> ClientResult<u16> {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Bytes per chunk of the body.
    const PIECE: u64 = 256 << 10;
    /// How often progress is reported.
    const REPORT_EVERY: std::time::Duration = std::time::Duration::from_millis(100);

    let handed = Arc::new(AtomicU64::new(0));
    let request = || {
        // Every attempt starts over, and so does its progress.
        handed.store(0, Ordering::Relaxed);
        let (content, counter) = (content.clone(), Arc::clone(&handed));
        let pieces = futures_util::stream::try_unfold(0, move |at| {
            let (content, counter) = (content.clone(), Arc::clone(&counter));
            async move {
                if at >= length {
                    return Ok(None);
                }
                let piece = content.read(from + at, PIECE.min(length - at)).await?;
                let next = at + piece.len() as u64;
                counter.store(next, Ordering::Relaxed);
                Ok::<_, ClientError>(Some((piece, next)))
            }
        });
        let mut request = client.http.put(&target.url).body(reqwest::Body::wrap_stream(pieces));
        for (name, value) in &target.headers {
            request = request.header(name, value);
        }
        request.send()
    };
    let mut sending = std::pin::pin!(client.retry.run(request));
    loop {
        match tokio::time::timeout(REPORT_EVERY, &mut sending).await {
            Ok(answer) => return Ok(answer?.status().as_u16()),
            Err(_) => progress(handed.load(Ordering::Relaxed)),
        }
    }
}

/// Browsers report upload progress only through `XMLHttpRequest`.
#[cfg(target_arch = "wasm32")]
async fn send(client: &Client, put: &Put<'_>) -> ClientResult<u16> {
    let retry = &client.retry;
    let mut tried = 1;
    loop {
        let outcome = send_once(put).await;
        let passing = match &outcome {
            Ok(status) => *status >= 500 || *status == 429,
            Err(ClientError::Network(_)) => true,
            Err(_) => false,
        };
        let wait = retry.wait(tried, None).filter(|_| passing && tried < retry.tries);
        let Some(wait) = wait else { return outcome };
        tried += 1;
        super::retry::sleep(wait).await;
    }
}

#[cfg(target_arch = "wasm32")]
async fn send_once(&Put { target, content, from, length, progress }: &Put<'_>) -> ClientResult<u16> {
    use std::cell::Cell;
    use std::rc::Rc;

    use wasm_bindgen::prelude::Closure;
    use wasm_bindgen::{JsCast, JsValue};

    /// Aborts the request when the future is dropped, which cancels the upload.
    struct Running(web_sys::XmlHttpRequest);
    impl Drop for Running {
        fn drop(&mut self) {
            let _ = self.0.abort();
        }
    }

    let broken = |_: JsValue| ClientError::Network("the browser cannot send the file".to_owned());
    let request = web_sys::XmlHttpRequest::new().map_err(broken)?;
    request.open_with_async(&target.method, &target.url, true).map_err(broken)?;
    for (name, value) in &target.headers {
        // The browser sets the length itself and forbids setting it.
        if !name.eq_ignore_ascii_case("content-length") {
            request.set_request_header(name, value).map_err(broken)?;
        }
    }
    let running = Running(request.clone());
    let sent = Rc::new(Cell::new(0.0_f64));
    let counter = Rc::clone(&sent);
    let count = Closure::<dyn FnMut(web_sys::ProgressEvent)>::new(move |event: web_sys::ProgressEvent| {
        counter.set(event.loaded());
    });
    let upload = request.upload().map_err(broken)?;
    upload.set_onprogress(Some(count.as_ref().unchecked_ref()));
    let body = match content {
        FileContent::Blob(blob) => blob.slice_with_f64_and_f64(from as f64, (from + length) as f64).map_err(broken)?,
        FileContent::Bytes(_) => {
            let bytes = js_sys::Uint8Array::from(content.read(from, length).await?.as_ref());
            web_sys::Blob::new_with_u8_array_sequence(&js_sys::Array::of1(&bytes)).map_err(broken)?
        }
    };
    request.send_with_opt_blob(Some(&body)).map_err(broken)?;
    // Polling also reports the progress.
    while request.ready_state() != web_sys::XmlHttpRequest::DONE {
        super::retry::sleep(std::time::Duration::from_millis(50)).await;
        progress(sent.get() as u64);
    }
    upload.set_onprogress(None);
    let status = request.status().map_err(broken)?;
    drop(running);
    if status == 0 { Err(ClientError::Network("the connection failed".to_owned())) } else { Ok(status) }
}
