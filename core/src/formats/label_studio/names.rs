//! The image that a task of Label Studio is about: its addresses are the server's, not those of the files beside an export.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::formats::layout::{base, split_extension};
use crate::formats::sketch::json;

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

/// The first address that ends like the name of a file, to show.
pub(super) fn shown(addresses: &[String]) -> &str {
    let is_file = |address: &&String| !split_extension(base(address)).1.is_empty();
    addresses.iter().find(is_file).or(addresses.first()).map_or("a task without an image", |address| base(address))
}

#[cfg(test)]
mod tests {
    use super::*;

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
