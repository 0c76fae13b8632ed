//! The page as this server hands it out: told that the API is beside it, and allowed to reach who signs people in.
//!
//! A site is files that any host serves; only the page itself and the list of the service worker, which holds the page's
//! hash, are changed on their way out.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// How the page says where its API is, before and after.
const NOWHERE: &str = r#"<meta name="api" content="">"#;
const HERE: &str = r#"<meta name="api" content="/">"#;
/// Where the page's policy says whom it may ask.
const ASKS: &str = "connect-src 'self'";

/// The page and its service worker, read anew each time: the site may be built meanwhile.
pub(crate) struct Page {
    before: String,
    after: String,
}

impl Page {
    /// The page in a folder, with origins that it may ask beside its own. `None` where the folder has none that was
    /// built for this.
    pub(crate) fn read(folder: &Path, origins: &[String]) -> Option<Self> {
        let before = std::fs::read_to_string(folder.join("index.html")).ok()?;
        if !before.contains(NOWHERE) {
            return None;
        }
        let mut after = before.replacen(NOWHERE, HERE, 1);
        if !origins.is_empty() {
            after = after.replacen(ASKS, &format!("{ASKS} {}", origins.join(" ")), 1);
        }
        Some(Self { before, after })
    }

    /// The page.
    pub(crate) fn html(self) -> String {
        self.after
    }

    /// The service worker of the folder, which keeps this page and not the one of the file.
    pub(crate) fn service_worker(&self, folder: &Path) -> Option<String> {
        let script = std::fs::read_to_string(folder.join("service-worker.js")).ok()?;
        let hash = |page: &str| STANDARD.encode(Sha256::digest(page));
        let own = hash(&self.after);
        // Another page is another version of the site.
        let version = format!("const VERSION = \"{:.8}-", own.replace(['/', '+', '='], "_"));
        Some(script.replacen(&hash(&self.before), &own, 1).replacen("const VERSION = \"", &version, 1))
    }
}

/// The origins of an issuer's addresses, as a policy names them.
pub(crate) fn origin(address: &str) -> Option<String> {
    let url = reqwest::Url::parse(address).ok()?;
    let plain = url.origin().ascii_serialization();
    (plain != "null").then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<meta content=\"connect-src 'self'; img-src 'self'\"><meta name=\"api\" content=\"\">";

    #[test]
    fn the_page_is_told_and_its_service_worker_believes_it() {
        let folder = tempfile::tempdir().unwrap();
        let hash = STANDARD.encode(Sha256::digest(PAGE));
        std::fs::write(folder.path().join("index.html"), PAGE).unwrap();
        let script = format!("const VERSION = \"0123\";\nconst FILES = [[\"./\",\"{hash}\"]];\n");
        std::fs::write(folder.path().join("service-worker.js"), script).unwrap();
        let page = Page::read(folder.path(), &["https://id.example".to_owned()]).unwrap();
        let script = page.service_worker(folder.path()).unwrap();
        let html = page.html();
        assert!(html.contains("connect-src 'self' https://id.example; img-src 'self'"), "{html}");
        assert!(html.contains(HERE) && !html.contains(NOWHERE), "{html}");
        assert!(script.contains(&STANDARD.encode(Sha256::digest(&html))) && !script.contains(&hash), "{script}");
        assert!(!script.contains("\"0123\""), "another version: {script}");
    }

    #[test]
    fn a_page_that_names_its_api_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("index.html"), PAGE.replace("content=\"\"", "content=\"https://a\""))
            .unwrap();
        assert!(Page::read(folder.path(), &[]).is_none(), "nothing to change");
    }

    #[test]
    fn origins_are_taken_out_of_addresses() {
        assert_eq!(origin("https://id.example:8443/realms/a").as_deref(), Some("https://id.example:8443"));
        assert_eq!(origin("no address"), None);
    }
}
