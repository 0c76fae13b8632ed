//! Addresses of images as names of files: those of a server, of a bucket, and percent-encoded names.

use super::layout::base;

/// Letters of the code before the name of a file that was uploaded.
const CODE_LENGTH: usize = 8;

/// Whether a name could be an address, or have encoded letters.
pub(super) fn is_address(name: &str) -> bool {
    name.contains("://") || name.contains(['?', '#', '%'])
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
}
