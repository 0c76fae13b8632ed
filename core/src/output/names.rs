//! Names of outputs: from the source's stem, its class folder and the copy.

use std::collections::BTreeMap;

use crate::digest::Digest;
use crate::formats::{Item, Split};

/// The path of each item's outputs without `_<copy>.<ext>`: `images/<stem>`, with the split and the class
/// of the item, where it has them, as folders between: `images/<split>/<class>/<stem>`.
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
    let stem = file.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map_or(file, |(stem, _)| stem);
    let folders = ["images"].into_iter().chain(item.split.as_ref().map(Split::name)).chain(item.class.as_deref());
    let mut path: String = folders.flat_map(|folder| [folder, "/"]).collect();
    path.push_str(stem);
    path
}
