//! Downloads a job's zip: straight from the store, by a signed address and without a token.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, ProgressEvent, XmlHttpRequest, XmlHttpRequestResponseType};

use super::halt::{Halt, other_service};
use super::model::{Cloud, CloudJob, WaitReason};
use super::send::area;
use crate::browser;
use crate::network_audit;

/// A request that is aborted when its caller is dropped.
struct Running(XmlHttpRequest);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.set_onprogress(None);
        let _ = self.0.abort();
    }
}

/// Downloads the zip. Browsers keep a large blob on disk.
pub(super) async fn zip(cloud: Cloud, job: CloudJob) -> Result<Blob, Halt> {
    let client = cloud.client(job).ok_or_else(other_service)?;
    let target = client.job_results(&job.id()).await.map_err(|error| Halt::of(cloud, &error))?;
    network_audit::note_known(cloud.gallery.record, area(&target.url));
    let size = job.remote.with_untracked(|remote| Some(remote.as_ref()?.results.as_ref()?.size)).unwrap_or_default();
    job.progress.update(|progress| (progress.bytes, progress.of, progress.rate) = (0, size, 0.0));
    let refused = |_: JsValue| Halt::Failed("The browser cannot download the zip.".into());
    let request = XmlHttpRequest::new().map_err(refused)?;
    request.open_with_async(&target.method, &target.url, true).map_err(refused)?;
    request.set_response_type(XmlHttpRequestResponseType::Blob);
    for (name, value) in &target.headers {
        request.set_request_header(name, value).map_err(refused)?;
    }
    let come = Rc::new(Cell::new(0.0_f64));
    let counter = Rc::clone(&come);
    let count = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| counter.set(event.loaded()));
    request.set_onprogress(Some(count.as_ref().unchecked_ref()));
    let running = Running(request);
    let request = &running.0;
    request.send().map_err(refused)?;
    let begun = browser::now();
    while request.ready_state() != XmlHttpRequest::DONE {
        browser::sleep(60).await;
        let seconds = ((browser::now() - begun) / 1000.0).max(0.1);
        job.progress.update(|progress| (progress.bytes, progress.rate) = (come.get() as u64, come.get() / seconds));
    }
    let whole = request.response().ok().and_then(|response| response.dyn_into::<Blob>().ok());
    match (request.status().map_err(refused)?, whole) {
        (200, Some(zip)) if size == 0 || zip.size() as u64 == size => Ok(zip),
        (status @ (403 | 404), _) => Err(Halt::Failed(format!("The store refused the zip ({status}). Try again."))),
        _ => {
            let online = cloud.offline.online.get_untracked();
            Err(Halt::Wait(if online { WaitReason::Unreachable } else { WaitReason::Offline }))
        }
    }
}
