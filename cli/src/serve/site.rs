//! Serves the built page from a folder.

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
/// Shown if the page is not built.
const MISSING: &str = "<!doctype html><html lang=\"en\"><title>Delta Augment</title><p>The page is not built. \
                       The API is at <a href=\"/v1/openapi.json\">/v1/openapi.json</a>.";

/// The built page, if any.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    folder: Option<PathBuf>,
    /// Further origins that the page may contact.
    origins: Vec<String>,
}

impl Site {
    /// The given folder, or the default build folder.
    pub(crate) fn find(named: Option<&Path>, origins: Vec<String>) -> anyhow::Result<Self> {
        let is_site = |folder: &Path| folder.join("index.html").is_file();
        match named {
            Some(folder) if is_site(folder) => Ok(Self { folder: Some(folder.to_owned()), origins }),
            Some(folder) => bail!("{}: there is no index.html; build the page into it first", folder.display()),
            None => Ok(Self { folder: Some(PathBuf::from(BUILT)).filter(|folder| is_site(folder)), origins }),
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
        // File names contain content hashes, except for the page and its service worker.
        let path = request.uri().path();
        let changes = matches!(path, "/" | "/index.html" | "/service-worker.js");
        let own = if changes && request.method() == Method::GET { self.adapted(&folder, path) } else { None };
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

    /// The changed page or service worker.
    fn adapted(&self, folder: &Path, path: &str) -> Option<Response> {
        let page = Page::read(folder, &self.origins)?;
        if path != "/service-worker.js" {
            return Some(Html(page.html()).into_response());
        }
        let script = HeaderValue::from_static("text/javascript; charset=utf-8");
        Some(([(header::CONTENT_TYPE, script)], page.service_worker(folder)?).into_response())
    }
}
