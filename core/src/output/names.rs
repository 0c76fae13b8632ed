//! Names of outputs: from the source's stem, its class folder and the copy.

use std::collections::BTreeMap;

use crate::digest::Digest;
use crate::formats::Item;

/// The path of each item's outputs without `_<copy>.<ext>`: `images/<stem>` or `images/<class>/<stem>`.
///
/// Sources that share a stem get eight digits of their own name's hash added, so that a name never depends on
/// the order or the number of the others.
#[must_use]
pub fn output_bases(items: &[Item]) -> Vec<String> {
    let plain: Vec<String> = items.iter().map(plain_base).collect();
    // Lower case, because some file systems take A and a for the same.
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for base in &plain {
        *uses.entry(base.to_lowercase()).or_default() += 1;
    }
    let shared = |base: &String| uses.get(&base.to_lowercase()).is_some_and(|count| *count > 1);
    let distinct = |(item, base): (&Item, String)| {
        if shared(&base) { format!("{base}-{}", &Digest::of(item.name.as_bytes()).to_hex()[..8]) } else { base }
    };
    items.iter().zip(plain).map(distinct).collect()
}

fn plain_base(item: &Item) -> String {
    let file = item.name.rsplit('/').next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    match &item.class {
        Some(class) => format!("images/{class}/{stem}"),
        None => format!("images/{stem}"),
    }
}
