//! The built page, from a folder.

use std::path::{Path, PathBuf};

use anyhow::bail;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use tower::ServiceExt;
use tower_http::services::ServeDir;

use super::page::Page;

/// Where `cargo xtask dist` puts the page.
const BUILT: &str = "dist";
/// Shown where no page was built.
const MISSING: &str = "<!doctype html><html lang=\"en\"><title>Delta Augment</title><p>The page is not built. \
                       The API is at <a href=\"/v1/openapi.json\">/v1/openapi.json</a>.";

/// The page, if there is one.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    folder: Option<PathBuf>,
    /// Origins that the page may ask beside its own.
    asks: Vec<String>,
}

impl Site {
    /// The folder that was named, or the one where the page is built.
    pub(crate) fn find(named: Option<&Path>, asks: Vec<String>) -> anyhow::Result<Self> {
        let is_site = |folder: &Path| folder.join("index.html").is_file();
        match named {
            Some(folder) if is_site(folder) => Ok(Self { folder: Some(folder.to_owned()), asks }),
            Some(folder) => bail!("{}: there is no index.html; build the page into it first", folder.display()),
            None => Ok(Self { folder: Some(PathBuf::from(BUILT)).filter(|folder| is_site(folder)), asks }),
        }
    }

    pub(crate) const fn is_built(&self) -> bool {
        self.folder.is_some()
    }

    pub(crate) async fn answer(self, request: Request) -> Response {
        let Some(folder) = self.folder.clone() else {
            let found = if request.uri().path() == "/" { StatusCode::OK } else { StatusCode::NOT_FOUND };
            return (found, Html(MISSING)).into_response();
        };
        // Names of files hold a hash of what they are; the page and its service worker keep theirs.
        let path = request.uri().path();
        let changes = matches!(path, "/" | "/index.html" | "/service-worker.js");
        let own = if changes && request.method() == Method::GET { self.own(&folder, path) } else { None };
        let mut response = if let Some(own) = own {
            own
        } else {
            let files = ServeDir::new(folder).precompressed_br().precompressed_gzip();
            match files.oneshot(request).await {
                Ok(response) => response.map(axum::body::Body::new),
                Err(never) => match never {},
            }
        };
        let cache = if changes { "no-cache" } else { "public, max-age=31536000, immutable" };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        response
    }

    /// What is changed on its way out: the page, and the service worker that keeps it.
    fn own(&self, folder: &Path, path: &str) -> Option<Response> {
        let page = Page::read(folder, &self.asks)?;
        if path != "/service-worker.js" {
            return Some(Html(page.html()).into_response());
        }
        let script = HeaderValue::from_static("text/javascript; charset=utf-8");
        Some(([(header::CONTENT_TYPE, script)], page.service_worker(folder)?).into_response())
    }
}
