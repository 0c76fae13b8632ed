//! The page as this server delivers it: with the API's address and permission to contact the sign-in issuer.
//!
//! The site is static; only the page and the file list of its service worker, which has the page's hash, are changed.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The page's API meta tag before and after.
const WITHOUT_API: &str = r#"<meta name="api" content="">"#;
const WITH_API: &str = r#"<meta name="api" content="/">"#;
/// The directive of the page's policy for connections.
const CONNECT: &str = "connect-src 'self'";

/// The page, read on every request since the site may be rebuilt.
pub(crate) struct Page {
    before: String,
    after: String,
}

impl Page {
    /// The page in a folder, with further allowed origins. `None` if the folder has no page with an empty API meta tag.
    pub(crate) fn read(folder: &Path, origins: &[String]) -> Option<Self> {
        let before = std::fs::read_to_string(folder.join("index.html")).ok()?;
        if !before.contains(WITHOUT_API) {
            return None;
        }
        let mut after = before.replacen(WITHOUT_API, WITH_API, 1);
        if !origins.is_empty() {
            after = after.replacen(CONNECT, &format!("{CONNECT} {}", origins.join(" ")), 1);
        }
        Some(Self { before, after })
    }

    /// The page.
    pub(crate) fn html(self) -> String {
        self.after
    }

    /// The folder's service worker, with the hash of this page.
    pub(crate) fn service_worker(&self, folder: &Path) -> Option<String> {
        let script = std::fs::read_to_string(folder.join("service-worker.js")).ok()?;
        let hash = |page: &str| STANDARD.encode(Sha256::digest(page));
        let own = hash(&self.after);
        // A changed page is another version of the site.
        let version = format!("const VERSION = \"{:.8}-", own.replace(['/', '+', '='], "_"));
        Some(script.replacen(&hash(&self.before), &own, 1).replacen("const VERSION = \"", &version, 1))
    }
}

/// The origin of a URL, as in a policy.
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
    fn the_page_and_its_service_worker_match() {
        let folder = tempfile::tempdir().unwrap();
        let hash = STANDARD.encode(Sha256::digest(PAGE));
        std::fs::write(folder.path().join("index.html"), PAGE).unwrap();
        let script = format!("const VERSION = \"0123\";\nconst FILES = [[\"./\",\"{hash}\"]];\n");
        std::fs::write(folder.path().join("service-worker.js"), script).unwrap();
        let page = Page::read(folder.path(), &["https://id.example".to_owned()]).unwrap();
        let script = page.service_worker(folder.path()).unwrap();
        let html = page.html();
        assert!(html.contains("connect-src 'self' https://id.example; img-src 'self'"), "{html}");
        assert!(html.contains(WITH_API) && !html.contains(WITHOUT_API), "{html}");
        assert!(script.contains(&STANDARD.encode(Sha256::digest(&html))) && !script.contains(&hash), "{script}");
        assert!(!script.contains("\"0123\""), "another version: {script}");
    }

    #[test]
    fn a_page_with_an_api_address_is_not_changed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("index.html"), PAGE.replace("content=\"\"", "content=\"https://a\""))
            .unwrap();
        assert!(Page::read(folder.path(), &[]).is_none(), "no change");
    }

    #[test]
    fn origins_are_extracted_from_urls() {
        assert_eq!(origin("https://id.example:8443/realms/a").as_deref(), Some("https://id.example:8443"));
        assert_eq!(origin("not a URL"), None);
    }
}
