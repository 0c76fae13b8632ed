//! The image that a task of Label Studio is about: its addresses are the server's, not those of the files beside an export.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::formats::layout::{base, split_extension};
use crate::formats::sketch::json;

/// Letters of the code before the name of a file that was uploaded.
const CODE_LENGTH: usize = 8;

/// The addresses in a task, the one under `image` first.
pub(super) fn addresses(record: &str) -> Vec<String> {
    let top: BTreeMap<String, &RawValue> = json(record).unwrap_or_default();
    let inner =
        |name: &str| top.get(name).map(|raw| json::<BTreeMap<String, &RawValue>>(raw.get()).unwrap_or_default());
    // What an annotation is stored as by itself has its task inside.
    let data = inner("data").or_else(|| json(inner("task")?.get("data")?.get()).ok());
    let text = |raw: &&RawValue| json::<String>(raw.get()).ok().filter(|text| !text.is_empty());
    let fields = data.as_ref().unwrap_or(&top);
    let image = fields.get("image").and_then(text);
    let others = fields.iter().filter(|(name, _)| *name != "image").filter_map(|(_, raw)| text(raw));
    let upload = top.get("file_upload").and_then(text);
    image.into_iter().chain(upload).chain(others).collect()
}

/// The names that the file at an address may have: as it stands, decoded, and without the code that uploading adds.
pub(super) fn names(address: &str) -> Vec<String> {
    // Of local files the path is a parameter: `/data/local-files/?d=folder/a.jpg`.
    let path = match address.split_once("?d=").or_else(|| address.split_once("&d=")) {
        Some((_, path)) => path.split('&').next().unwrap_or_default(),
        None => address.split(['?', '#']).next().unwrap_or_default(),
    };
    let mut names = vec![path.to_owned()];
    if let Some(decoded) = percent_decoded(path) {
        names.push(decoded);
    }
    let bare: Vec<String> = names.iter().filter_map(|name| Some(without_code(base(name))?.to_owned())).collect();
    names.extend(bare);
    names
}

/// The first address that ends like the name of a file, to show.
pub(super) fn shown(addresses: &[String]) -> &str {
    let is_file = |address: &&String| !split_extension(base(address)).1.is_empty();
    addresses.iter().find(is_file).or(addresses.first()).map_or("a task without an image", |address| base(address))
}

fn without_code(name: &str) -> Option<&str> {
    let (code, name) = name.split_once('-')?;
    (code.len() == CODE_LENGTH && code.bytes().all(|byte| byte.is_ascii_hexdigit()) && !name.is_empty()).then_some(name)
}

/// `a%20b` as `a b`; `None` where nothing is encoded.
fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match code.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_server_are_names_of_files() {
        for (address, name) in [
            ("/data/upload/1/0a1b2c3d-a.jpg", "a.jpg"),
            ("/data/upload/1/0a1b2c3d-a.jpg", "/data/upload/1/0a1b2c3d-a.jpg"),
            ("/data/local-files/?d=set/images/a%20b.jpg", "set/images/a b.jpg"),
            ("https://host/x/a.jpg?signature=b.png", "https://host/x/a.jpg"),
            ("s3://bucket/a%C3%A9.jpg", "s3://bucket/aé.jpg"),
            ("100%.jpg", "100%.jpg"),
        ] {
            assert!(names(address).iter().any(|known| known == name), "{address}: {:?}", names(address));
        }
        assert!(!names("recorded-a.jpg").iter().any(|name| name == "a.jpg"), "a word is no code");
        assert_eq!(names("é%zz").last().unwrap(), "é%zz");
    }

    #[test]
    fn the_image_of_a_task_is_found_in_its_data() {
        let task = r#"{"data":{"caption":"x","image":"/u/a.jpg"},"file_upload":"a1b2c3d4-a.jpg","id":1}"#;
        assert_eq!(addresses(task), ["/u/a.jpg", "a1b2c3d4-a.jpg", "x"]);
        assert_eq!(addresses(r#"{"photo":"/u/a.jpg","id":1,"label":[]}"#), ["/u/a.jpg"], "the short export");
        assert_eq!(addresses(r#"{"task":{"data":{"image":"b.jpg"}},"result":[]}"#), ["b.jpg"]);
        assert!(addresses("3").is_empty() && addresses("{").is_empty(), "hostile");
        assert_eq!(shown(&addresses(task)), "a.jpg");
        assert_eq!(shown(&[]), "a task without an image");
    }
}
