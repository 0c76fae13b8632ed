//! The masks of a dataset's images: which files they are, what a person should know about them, and how they are written.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::dataset::THINGS;
use super::layout::{Lookalike, Pictures, split_extension};
use super::listed::about;
use super::{Dataset, MaskFile, extension_of, mask_entry_name};
use crate::codec::{self, Format};
use crate::error::{Context, Error, ErrorKind, Result};
use crate::labels::Mask;

/// What a person should know where things that masks number are mixed.
pub(crate) const MIXED: &str = "the recipe puts several images together, and their masks of instances keep their numbers: \
                                things of two images may have the same number in one output";

/// Whether some masks number things, one by one.
pub(crate) fn number_things(dataset: &Dataset) -> bool {
    dataset.items.iter().flat_map(|item| &item.masks).any(|mask| mask.role.contains("instance"))
}

/// The masks of every image that has some.
pub(super) type Masks = BTreeMap<usize, Vec<MaskFile>>;

/// The masks of images; what cannot be used is a problem or a warning of the dataset.
pub(super) fn of_images(pictures: &Pictures<'_>, dataset: &mut Dataset) -> Masks {
    if let [first, more @ ..] = &pictures.orphans[..] {
        let more = if more.is_empty() { String::new() } else { format!(" (and {} more masks)", more.len()) };
        dataset.problem(first, Error::new(ErrorKind::Label, format!("mask without image{more}")));
    }
    for known in &pictures.lookalikes {
        dataset.problem(&known.group, Error::new(ErrorKind::Label, words_about(known)));
    }
    let further = "mask(s) are passed over, since their images have another one for the same";
    dataset.warnings.extend(about(&pictures.further, further));
    let shared = "mask(s) are named as several images, and go with each of these";
    dataset.warnings.extend(about(&pictures.shared, shared));
    let file = |(role, name): &(Arc<str>, &str)| MaskFile { role: Arc::clone(role), name: (*name).to_owned() };
    let masks = pictures.masks.iter().map(|(at, masks)| (*at, masks.iter().map(file).collect())).collect();
    dataset.warnings.extend(blurred(&masks));
    dataset.warnings.extend(missing(&masks, &pictures.images));
    masks
}

fn words_about(known: &Lookalike<'_>) -> String {
    let of =
        if known.of.is_empty() { "the photographs beside it".to_owned() } else { format!("those in {}", known.of) };
    format!(
        "its {} picture(s) are named as {of} and look like their masks, but its own name does not say so; put them into a \
         folder masks, each under the name of its photograph, or give --labels none to take them as photographs",
        known.pictures.len()
    )
}

/// A warning about masks whose files do not keep values.
fn blurred(masks: &Masks) -> Option<String> {
    let is_jpeg = |file: &&MaskFile| matches!(split_extension(&file.name).1.as_str(), "jpg" | "jpeg" | "jpe" | "jfif");
    let files: Vec<&str> = masks.values().flatten().filter(is_jpeg).map(|file| file.name.as_str()).collect();
    let what = "mask(s) are JPEGs, which blur values: black and white are restored, others are taken as they are read; \
                save masks as PNG";
    about(&files, what)
}

/// Warnings about images that lack a mask in a role in which others have one.
fn missing(masks: &Masks, images: &[&str]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    // Images have as many things as they have.
    let roles = masks.values().flatten().filter(|file| !file.role.starts_with(THINGS));
    roles.for_each(|file| *counts.entry(&file.role).or_default() += 1);
    let warning = |(role, count): (&str, usize)| {
        let lacks = masks.iter().filter(|(_, files)| {
            files.iter().all(|file| !file.role.starts_with(THINGS)) && files.iter().all(|file| &*file.role != role)
        });
        let lacking: Vec<&str> = lacks.map(|(at, _)| images[*at]).collect();
        let kind = if role == Mask::CLASSES { "of classes" } else { role };
        about(&lacking, &format!("image(s) have other masks, but no mask {kind}, though {count} have one"))
    };
    counts.into_iter().filter_map(warning).collect()
}

/// The files of an output's masks, names and bytes: `own`, those of the source's `files`, where the image is the source's,
/// else PNGs.
pub(crate) fn written(
    masks: &[Arc<Mask>],
    output: &str,
    files: &[MaskFile],
    own: Option<&[Vec<u8>]>,
) -> Result<Vec<(String, Vec<u8>)>> {
    let file = |(at, mask): (usize, &Arc<Mask>)| {
        let (extension, bytes) = match files.get(at).zip(own.and_then(|own| own.get(at))) {
            Some((file, own)) => (extension_of(&file.name, Format::sniff(own).unwrap_or(Format::Png)), own.clone()),
            None => ("png", codec::encode_mask(mask).within(|| format!("its mask {}", mask.role()))?),
        };
        Ok((mask_entry_name(output, mask.role(), extension), bytes))
    };
    masks.iter().enumerate().map(file).collect()
}
