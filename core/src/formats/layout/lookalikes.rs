//! Groups of pictures whose names say nothing, which have the names of another group and look like its masks.
//!
//! A group is a folder, a folder at any depth with all below it, the files of one ending, one first or last word, or one
//! name. Files of two groups belong together by the rest of their paths.

use std::collections::{BTreeMap, BTreeSet};

use super::look::Look;
use super::tokens::{by_core, by_folder, is_word, tokens};
use super::words::{are_apart, base, parent, split_extension, split_of, stem_of};
use crate::filled::filled;

/// Pictures of a group that are looked at.
const LOOKED_AT: usize = 3;
/// A name in more groups than this tells nothing: numbers in class folders.
const MOST_GROUPS: usize = 8;
/// Pairs of groups that are looked at in each way to group.
const MOST_PAIRS: usize = 50;
/// So many pictures at least are a group by a pattern of names.
const FEWEST: usize = 2;
/// From this many pictures on, folders of as many belong together by the order of their names.
const ORDERED: usize = 3;

/// A group of pictures that may be masks of those of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::formats) struct Lookalike<'a> {
    /// The group: a folder, or a pattern of names.
    pub(in crate::formats) group: String,
    /// The group of the photographs.
    pub(in crate::formats) of: String,
    /// Its pictures.
    pub(in crate::formats) pictures: Vec<&'a str>,
}

/// A picture's group, and what it is called in it.
type Entry<'a> = (String, String, &'a str);

/// A way to group pictures: what is the same of two in different groups is the second of an entry.
type Way<'a> = Box<dyn Fn(&[&'a str]) -> Vec<Entry<'a>>>;

fn within(folder: &str, pattern: &str) -> String {
    if folder.is_empty() { pattern.to_owned() } else { format!("{folder}/{pattern}") }
}

/// All ways to group pictures, those that say most first.
fn ways<'a>() -> Vec<Way<'a>> {
    fn each<'a>(of: impl Fn(&'a str) -> Vec<(String, String)> + 'static) -> Way<'a> {
        Box::new(move |images| {
            let entries = |image: &'a str| of(image).into_iter().map(move |(group, key)| (group, key, image));
            images.iter().flat_map(|image| entries(image)).collect()
        })
    }
    let split = |image: &str| split_of(image).map(|split| split.to_string()).unwrap_or_default();
    vec![
        // `x/cat/1.png` and `y/cat/1.jpg`.
        each(|image| {
            let slashes = parent(image).match_indices('/').map(|(at, _)| at);
            let below = |at: usize| (image[..at].to_owned(), split_extension(&image[at..]).0.to_lowercase());
            slashes.map(below).collect()
        }),
        each(move |image| vec![(parent(image).to_owned(), format!("{} {}", split(image), stem_of(image)))]),
        each(|image| {
            let folder = parent(image);
            vec![(within(folder, &format!("*.{}", split_extension(image).1)), format!("{folder}/{}", stem_of(image)))]
        }),
        // `a_rgb.png` and `a_labels.png`, and `a.png` and `a_labels.png`.
        each(|image| {
            let (folder, tokens) = (parent(image), tokens(image));
            let pattern = |word: &str| within(folder, &format!("*{word}.{}", split_extension(image).1));
            let whole = (within(folder, "*"), format!("{folder}/{}", tokens.join(" ")));
            match &tokens[..] {
                [rest @ .., word] if is_word(word) && !rest.is_empty() => {
                    vec![(pattern(word), format!("{folder}/{}", rest.join(" "))), whole]
                }
                _ => vec![whole],
            }
        }),
        each(|image| {
            let (folder, tokens) = (parent(image), tokens(image));
            match &tokens[..] {
                [word, rest @ ..] if is_word(word) && !rest.is_empty() => {
                    vec![(within(folder, &format!("{word}*")), format!("{folder}/{}", rest.join(" ")))]
                }
                _ => Vec::new(),
            }
        }),
        // `7/photo.png` and `7/ids.png`.
        each(|image| match parent(image) {
            "" => Vec::new(),
            _ if !tokens(image).iter().all(|token| is_word(token)) => Vec::new(),
            folder => vec![(format!("*/{}", base(image)), folder.to_owned())],
        }),
        Box::new(|images| by_core(by_folder(images).into_iter())),
    ]
}

/// Folders of as many pictures, by the order of these.
fn by_order<'a>(images: &[&'a str]) -> Vec<Entry<'a>> {
    let folders = by_folder(images).into_iter().filter(|(_, files)| files.len() >= ORDERED);
    let entries = |(folder, mut files): (&'a str, Vec<&'a str>)| {
        files.sort_unstable();
        let count = files.len();
        let entry = move |(at, file): (usize, &'a str)| (folder.to_owned(), format!("{count} {at}"), file);
        files.into_iter().enumerate().map(entry).collect::<Vec<_>>()
    };
    folders.flat_map(entries).collect()
}

/// Finds such groups among photographs.
pub(super) fn lookalikes<'a>(images: &[&'a str], look: &mut dyn FnMut(&str) -> Option<Look>) -> Vec<Lookalike<'a>> {
    let mut images = images.to_vec();
    let mut found: Vec<Lookalike<'a>> = Vec::new();
    let mut take = |entries: Vec<Entry<'a>>, images: &mut Vec<&'a str>, is_mask: &dyn Fn(&Look, &Look) -> bool| {
        let new = alike(&entries, is_mask, look);
        let known: BTreeSet<&str> = filled(new.iter().flat_map(|known| &known.pictures).copied());
        images.retain(|image| !known.contains(image));
        found.extend(new);
    };
    for way in ways() {
        take(way(&images), &mut images, &|mask, photograph| mask.is_of(photograph));
    }
    let strictly = |mask: &Look, photograph: &Look| mask.is_of(photograph) && mask.numbers && !photograph.numbers;
    take(by_order(&images), &mut images, &strictly);
    found
}

fn alike<'a>(
    entries: &[Entry<'a>],
    is_mask: &dyn Fn(&Look, &Look) -> bool,
    look: &mut dyn FnMut(&str) -> Option<Look>,
) -> Vec<Lookalike<'a>> {
    let mut groups: BTreeMap<&str, BTreeMap<&str, &'a str>> = BTreeMap::new();
    let mut by_key: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (group, key, image) in entries {
        by_key.entry(key).or_default().insert(group);
        groups.entry(group).or_default().insert(key, image);
    }
    let mut common: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for of in by_key.values().filter(|of| (2..=MOST_GROUPS).contains(&of.len())) {
        for one in of {
            for other in of.iter().filter(|other| *other != one) {
                *common.entry((one, other)).or_default() += 1;
            }
        }
    }
    let nearly_all = |((one, _), count): &(&(&str, &str), &usize)| **count * 10 >= groups[one].len() * 9;
    let pairs: Vec<(&str, &str)> = common.iter().filter(nearly_all).map(|(pair, _)| *pair).take(MOST_PAIRS).collect();
    let mut found: Vec<Lookalike<'a>> = Vec::new();
    for (one, other) in pairs {
        if found.iter().any(|known| known.group == one || known.group == other) {
            continue;
        }
        let (masks, photographs) = (&groups[one], &groups[other]);
        let both = masks.iter().filter_map(|(key, mask)| Some((*mask, *photographs.get(key)?)));
        let both: Vec<(&str, &str)> =
            both.filter(|(mask, photograph)| mask != photograph && !are_apart(mask, photograph)).collect();
        if one.contains('*') && both.len() < FEWEST {
            continue;
        }
        let step = both.len().div_ceil(LOOKED_AT).max(1);
        let mut looked = both.iter().step_by(step).filter_map(|(mask, photograph)| look(mask).zip(look(photograph)));
        let Some((mask, photograph)) = looked.next() else { continue };
        if is_mask(&mask, &photograph) && looked.all(|(mask, photograph)| is_mask(&mask, &photograph)) {
            let pictures = masks.values().copied().collect();
            found.push(Lookalike { group: one.to_owned(), of: other.to_owned(), pictures });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::look::tests::{jpeg_photograph, png_areas};
    use super::*;
    use crate::limits::Limits;

    fn found(images: &[&str]) -> Vec<(String, String)> {
        let (photograph, mask) = (jpeg_photograph(), png_areas());
        let mut look =
            |name: &str| Look::of(if name.ends_with("jpg") { &photograph } else { &mask }, &Limits::default());
        lookalikes(images, &mut look).into_iter().map(|known| (known.group, known.of)).collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect()
    }

    #[test]
    fn groups_of_masks_are_known_by_their_pictures() {
        for (images, known) in [
            (&["photo/a.jpg", "photo/b.jpg", "ideal/a.png", "ideal/b.png"][..], &[("ideal", "photo")][..]),
            (&["x/train/a.jpg", "x/val/a.jpg", "y/train/a.png", "y/val/a.png"], &[("y", "x")]),
            (&["a.jpg", "b.jpg", "ideal/a.png"], &[("ideal", "")]),
            (&["x/1/a.jpg", "x/2/a.jpg", "x/3/a.jpg", "y/1/a.png", "y/2/a.png", "y/3/a.png"], &[("y", "x")]),
            (&["t/a.jpg", "t/b.jpg", "t/a.png", "t/b.png"], &[("t/*.png", "t/*.jpg")]),
            (&["a_sat.jpg", "b_sat.jpg", "a_veg.png", "b_veg.png"], &[("*veg.png", "*sat.jpg")]),
            (&["sat1.jpg", "sat2.jpg", "veg1.png", "veg2.png"], &[("veg*", "sat*")]),
            (&["7/rgb.jpg", "7/ids.png", "8/rgb.jpg", "8/ids.png"], &[("*/ids.png", "*/rgb.jpg")]),
            (&["x/p1.jpg", "x/p2.jpg", "y/q01_z.png", "y/q02_z.png"], &[("y", "x")]),
            (&["x/k.jpg", "x/l.jpg", "x/m.jpg", "y/1.png", "y/2.png", "y/3.png"], &[("y", "x")]),
        ] {
            assert_eq!(found(images), pairs(known), "{images:?}");
        }
    }

    #[test]
    fn class_folders_of_equal_names_stay_class_folders() {
        assert_eq!(found(&["cat/0.jpg", "cat/1.jpg", "dog/0.jpg", "dog/1.jpg"]), []);
        assert_eq!(found(&["cat/0.png", "cat/1.png", "dog/0.png", "dog/1.png"]), []);
        assert_eq!(found(&["cat/0.jpg", "cat/1.jpg", "dog/2.png", "dog/3.png"]), []);
        assert_eq!(found(&["train/1.jpg", "train/2.png", "val/1.png", "val/2.jpg"]), [], "splits have equal names");
        assert_eq!(found(&["red_car.jpg", "blue_car.png", "train/x.jpg", "val/y.png"]), []);
    }
}
