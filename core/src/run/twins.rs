//! Images of the same content: each but the first is drawn again, and one in two splits is a leak.

use std::collections::BTreeMap;

use crate::digest::Digest;
use crate::files::Files;
use crate::formats::{Dataset, Split};

/// Leaks that are named; beyond, they are counted.
const MAX_NAMED: usize = 20;

/// Numbers the images of the same content and split, by name, and warns of those that stand in two splits.
/// Only files of one size are read for it.
pub(super) fn number(dataset: &mut Dataset, files: &impl Files) {
    let mut by_size: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (at, item) in dataset.items.iter().enumerate() {
        by_size.entry(files.size(&item.name).unwrap_or_default()).or_default().push(at);
    }
    let mut by_content: BTreeMap<Digest, Vec<usize>> = BTreeMap::new();
    for at in by_size.into_values().filter(|items| items.len() > 1).flatten() {
        // What cannot be read fails when its turn comes.
        if let Ok(digest) = files.digest(&dataset.items[at].name) {
            by_content.entry(digest).or_default().push(at);
        }
    }
    let mut leaks = Vec::new();
    for items in by_content.into_values().filter(|items| items.len() > 1) {
        let mut numbers: BTreeMap<Option<Split>, u32> = BTreeMap::new();
        for at in &items {
            let number = numbers.entry(dataset.items[*at].split.clone()).or_default();
            dataset.items[*at].twin = *number;
            *number += 1;
        }
        let mut first_of: BTreeMap<&Split, &str> = BTreeMap::new();
        for at in items {
            let item = &dataset.items[at];
            if let Some(split) = &item.split {
                first_of.entry(split).or_insert(&item.name);
            }
        }
        let names: Vec<&str> = first_of.into_values().collect();
        if names.len() > 1 {
            leaks.push(names.join(" and "));
        }
    }
    leaks.sort();
    let more = leaks.len().saturating_sub(MAX_NAMED);
    for pair in leaks.iter().take(MAX_NAMED) {
        dataset.warnings.push(format!("{pair} have the same content: a leak between splits"));
    }
    if more > 0 {
        dataset.warnings.push(format!("{more} more image(s) stand in two splits"));
    }
}
