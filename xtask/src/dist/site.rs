//! The files of the site: each named by its content, and every mention of it renamed with it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};

/// The page's name, and what a host serves for the folder itself.
pub(super) const PAGE: &str = "index.html";
const SERVICE_WORKER: &str = "service-worker.js";

/// Digits of the hash in a file's name: 64 bits of SHA-256.
const DIGITS: usize = 16;

/// Files whose text may name others, as `./NAME`.
const TEXTS: &[&str] = &["css", "html", "js", "webmanifest"];

/// A file's compressed forms.
pub(super) struct Packed {
    pub(super) name: String,
    pub(super) brotli: Vec<u8>,
    pub(super) gzip: Vec<u8>,
}

/// The files of a site under their final names.
#[derive(Default)]
pub(super) struct Site {
    files: BTreeMap<String, Vec<u8>>,
    /// From the name in the sources to the final one.
    names: BTreeMap<String, String>,
}

impl Site {
    /// Adds a file; whatever it names must have been added before.
    pub(super) fn add(&mut self, name: &str, bytes: Vec<u8>) -> anyhow::Result<()> {
        let bytes = self.renamed(name, bytes)?;
        let (stem, ending) = name.rsplit_once('.').with_context(|| format!("{name} has no ending"))?;
        let hashed = format!("{stem}-{}.{ending}", &digest(&bytes)[..DIGITS]);
        if self.names.insert(name.to_owned(), hashed.clone()).is_some() {
            bail!("two files are called {name}");
        }
        self.files.insert(hashed, bytes);
        Ok(())
    }

    /// Adds the page and the service worker, which keep their names.
    pub(super) fn finish(&mut self, page: &str, service_worker: &str) -> anyhow::Result<()> {
        let page = self.renamed(PAGE, page.as_bytes().to_vec())?;
        self.files.insert(PAGE.to_owned(), page);
        let mut list = Vec::new();
        for (name, bytes) in &self.files {
            // The folder itself is what is visited, so its address is what is kept.
            let address = if name == PAGE { "./" } else { name.as_str() };
            list.push(format!("[\"{address}\",\"{}\"]", base64(&Sha256::digest(bytes))));
        }
        let list = format!("const FILES = [{}];", list.join(","));
        let version = &digest(list.as_bytes())[..DIGITS];
        let text = format!("const VERSION = \"{version}\";\n{list}\n{service_worker}");
        self.files.insert(SERVICE_WORKER.to_owned(), text.into_bytes());
        Ok(())
    }

    /// A text with every `./NAME` of a file that there is under its final name; other files as they are.
    fn renamed(&self, name: &str, bytes: Vec<u8>) -> anyhow::Result<Vec<u8>> {
        if !TEXTS.contains(&ending(name)) {
            return Ok(bytes);
        }
        let text = String::from_utf8(bytes).with_context(|| format!("{name} is not text"))?;
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(at) = rest.find("./") {
            let (before, after) = rest.split_at(at + 2);
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c)).unwrap_or(after.len());
            let file = &after[..end];
            out.push_str(before);
            match self.names.get(file) {
                Some(hashed) => out.push_str(hashed),
                None if file.is_empty() || file == SERVICE_WORKER => out.push_str(file),
                None if name == PAGE || ending(name) == "webmanifest" => {
                    bail!("{name} names ./{file}, which there is not");
                }
                None => out.push_str(file),
            }
            rest = &after[end..];
        }
        out.push_str(rest);
        Ok(out.into_bytes())
    }

    /// All files by their final names.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// The names that files had before.
    pub(super) fn sources(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    /// The final name of a file.
    pub(super) fn name_of<'a>(&'a self, name: &'a str) -> &'a str {
        self.names.get(name).map_or(name, String::as_str)
    }

    /// Writes the site and its compressed forms; whatever else was in the folder goes.
    pub(super) fn write(&self, folder: &Path, packed: &[Packed]) -> anyhow::Result<()> {
        if folder.exists() {
            if folder.read_dir()?.next().is_some() && !folder.join(PAGE).exists() {
                bail!("{} is not an earlier site: empty it, or name another folder", folder.display());
            }
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)?;
        let put = |name: &str, bytes: &[u8]| {
            std::fs::write(folder.join(name), bytes).with_context(|| format!("{name} cannot be written"))
        };
        for (name, bytes) in self.files() {
            put(name, bytes)?;
        }
        for file in packed {
            put(&format!("{}.br", file.name), &file.brotli)?;
            put(&format!("{}.gz", file.name), &file.gzip)?;
        }
        Ok(())
    }
}

/// SHA-256 in hexadecimal digits.
pub(super) fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A file's ending without its dot.
pub(super) fn ending(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// Base64 as integrity attributes have it (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = char::from(ALPHABET[(bits >> (18 - 6 * place) & 63) as usize]);
            out.push(if place <= chunk.len() { letter } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Site, base64};

    fn site() -> Site {
        let mut site = Site::default();
        site.add("icon.svg", b"<svg/>".to_vec()).unwrap();
        site.add("app.js", b"load('./icon.svg', './worker')".to_vec()).unwrap();
        site
    }

    #[test]
    fn a_changed_file_changes_the_names_of_files_that_name_it() {
        let mut other = Site::default();
        other.add("icon.svg", b"<svg></svg>".to_vec()).unwrap();
        other.add("app.js", b"load('./icon.svg', './worker')".to_vec()).unwrap();
        assert_ne!(site().name_of("app.js"), other.name_of("app.js"), "the glue names the icon");
    }

    #[test]
    fn the_page_names_files_as_they_are_called() {
        let mut site = site();
        site.finish("<script src=\"./app.js\"></script><a href=\"./\">", "self;").unwrap();
        let page = String::from_utf8(site.files["index.html"].clone()).unwrap();
        assert!(page.contains(&format!("\"./{}\"", site.name_of("app.js"))), "{page}");
        let worker = String::from_utf8(site.files["service-worker.js"].clone()).unwrap();
        assert!(worker.contains("[\"./\",") && worker.contains(site.name_of("icon.svg")), "{worker}");
        assert!(Site::default().finish("<script src=\"./app.js\">", "").is_err(), "a file that is missing");
    }

    #[test]
    fn base64_is_the_one_of_the_standard() {
        let vectors = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, coded) in vectors {
            assert_eq!(base64(plain.as_bytes()), coded, "{plain:?}");
        }
    }
}
