//! The page's view of the upload cache: files in the browser's own file system that wait for upload. Workers write
//! them.

use js_sys::Promise;
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use crate::browser;

/// The folder of the cache, with one folder for each job.
const FOLDER: &str = "jobs";

/// The result of a method that returns a promise; `None` if there is no such method, or it fails.
async fn await_method(of: &JsValue, method: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let promise: Promise = browser::call(of, method, arguments)?.dyn_into().ok()?;
    JsFuture::from(promise).await.ok()
}

/// The result of a method of the browser's storage.
async fn storage(method: &str) -> Option<JsValue> {
    let navigator: JsValue = window().navigator().into();
    await_method(&browser::property(&navigator, "storage")?, method, &[]).await
}

/// Bytes that this site uses in the browser, and its quota; `None` if the browser does not say.
pub async fn usage() -> Option<(u64, u64)> {
    let estimate = storage("estimate").await?;
    let number = |name| browser::property(&estimate, name)?.as_f64().map(|number| number as u64);
    Some((number("usage")?, number("quota")?))
}

async fn folder() -> Option<JsValue> {
    await_method(&storage("getDirectory").await?, "getDirectoryHandle", &[FOLDER.into()]).await
}

/// A file of a job.
pub async fn file(job: &str, name: &str) -> Option<File> {
    let folder = await_method(&folder().await?, "getDirectoryHandle", &[job.into()]).await?;
    let handle = await_method(&folder, "getFileHandle", &[name.into()]).await?;
    Some(await_method(&handle, "getFile", &[]).await?.unchecked_into())
}

/// Removes a file of a job.
pub async fn remove(job: &str, name: &str) {
    if let Some(folder) = folder().await
        && let Some(folder) = await_method(&folder, "getDirectoryHandle", &[job.into()]).await
    {
        let _ = await_method(&folder, "removeEntry", &[name.into()]).await;
    }
}

/// Removes all files of a job.
pub async fn clear(job: &str) {
    if let Some(folder) = folder().await {
        remove_entry(&folder, job).await;
    }
}

/// Removes the files of all other jobs.
pub async fn clear_others(kept: &[String]) {
    if let Some(folder) = folder().await {
        for name in names(&folder).await.iter().filter(|name| !kept.contains(name)) {
            remove_entry(&folder, name).await;
        }
    }
}

/// Removes the zips of runs from the browser's own file system, but not the upload cache; returns how many.
pub async fn remove_results() -> usize {
    let Some(root) = storage("getDirectory").await else { return 0 };
    let mut removed = 0;
    for name in names(&root).await.iter().filter(|name| *name != FOLDER) {
        removed += usize::from(remove_entry(&root, name).await);
    }
    removed
}

async fn remove_entry(folder: &JsValue, name: &str) -> bool {
    let options = browser::object(&[("recursive", true.into())]);
    await_method(folder, "removeEntry", &[name.into(), options]).await.is_some()
}

/// The names in a folder: the bindings have no typed form of this asynchronous iterator.
async fn names(folder: &JsValue) -> Vec<String> {
    let mut found = Vec::new();
    let Some(names) = browser::call(folder, "keys", &[]) else { return found };
    while let Some(step) = await_method(&names, "next", &[]).await {
        let Some(name) = browser::property(&step, "value").and_then(|name| name.as_string()) else { break };
        found.push(name);
    }
    found
}
