//! The words of a run about labels that cannot be used, and about images that go through it unchanged.

use std::collections::{BTreeMap, BTreeSet};

use crate::formats::{Dataset, LabelFormat, Rewrite, Split, about};
use crate::labels::Dropped;

/// What is added to warnings about labels whose file goes through a run as it is.
pub(super) const PASSES: &str = "; its label file passes as it is";

/// A warning about objects that are lost before any step is drawn: the input is at fault, not the augmentation. Where
/// the label file is copied as it is they are `kept` in it.
pub(super) fn unusable(dropped: &[Dropped], kept: bool) -> Option<String> {
    let first = dropped.first()?;
    let others = if dropped.len() > 1 { format!(" (and {} more)", dropped.len() - 1) } else { String::new() };
    let (index, reason) = (first.index, &first.reason);
    Some(match kept {
        true => format!("object {index} cannot be used: {reason}{others}{PASSES}"),
        false => format!("object {index} cannot be used and is left out: {reason}{others}"),
    })
}

/// What a person should know of the images that go through a run unchanged.
pub(super) fn told_of_unchanged(
    dataset: &Dataset,
    unchanged: &BTreeSet<Option<Split>>,
    format: LabelFormat,
) -> impl Iterator<Item = String> {
    let mut rewritten: BTreeMap<Rewrite, Vec<&str>> = BTreeMap::new();
    let mut in_none: Vec<&str> = Vec::new();
    for item in dataset.items.iter().filter(|item| unchanged.contains(&item.split)) {
        if let Some(why) = item.rewrite_of(format) {
            rewritten.entry(why).or_default().push(&item.name);
        }
        if item.split.is_none() {
            in_none.push(&item.name);
        }
    }
    let what = "image(s) are in no split, beside others in one, and go through unchanged";
    let rewritten: Vec<String> = rewritten.into_iter().filter_map(|(why, names)| about(&names, why.told())).collect();
    about(&in_none, what).into_iter().chain(rewritten)
}
