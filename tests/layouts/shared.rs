//! The sets that lie beside the project, laid out by other hands: their files, and their truth by picture.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::read::{is_of_classes, plain_stem};
use crate::scene::{Form, Kind, Picture, Point, SPLITS, Thing, Tilt};
use crate::set::{Layout, Set, Source};

/// `truth.json`: objects by kind of scene, split and picture.
type Truth = BTreeMap<String, BTreeMap<String, Vec<Entry>>>;

#[derive(Deserialize)]
struct Entry {
    stem: String,
    objects: Vec<Object>,
}

#[derive(Deserialize)]
struct Object {
    name: String,
    points: Vec<Point>,
    #[serde(rename = "colour")]
    color: [u8; 3],
}

/// Folders and endings of files that label images, though they are images themselves.
const LABELS: [&str; 6] = ["mask", "annot", "ann_dir", "gtfine", "segmentation", "labels/"];

/// Where the sets are, if they are.
fn root() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/layouts");
    root.is_dir().then_some(root)
}

/// The set of a layout, if it is there.
pub(crate) fn set(layout: &Layout) -> Option<Set> {
    let root = root()?;
    let folder = root.join(layout.name);
    if !folder.is_dir() {
        return None;
    }
    let mut set = Set::default();
    collect(&folder, &folder, &mut set);
    let truth = std::fs::read(root.join("truth.json")).expect("the sets have a truth");
    let truth: Truth = serde_json::from_slice(&truth).expect("the truth is JSON");
    let pictures = pictures(layout, &truth);
    for name in set.files.keys() {
        if let Some(picture) = picture_of(layout, &pictures, name) {
            set.sources.insert(name.clone(), source(layout, &set, name, picture));
        }
    }
    assert_eq!(set.sources.len(), pictures.len(), "{}: images of {} pictures", layout.name, pictures.len());
    Some(set)
}

/// All files of a folder.
fn collect(root: &Path, folder: &Path, set: &mut Set) {
    for entry in std::fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            collect(root, &path, set);
        } else {
            let name =
                path.strip_prefix(root).expect("it is inside").to_str().expect("a plain name").replace('\\', "/");
            set.file(name, std::fs::read(&path).expect("a file can be read"));
        }
    }
}

/// The pictures that a layout holds.
fn pictures(layout: &Layout, truth: &Truth) -> Vec<Picture> {
    let kind = match layout.kind {
        Kind::Boxes | Kind::Poses => "box",
        Kind::Rings => "poly",
        Kind::Mixed => "mix",
        Kind::Turned => "obb",
    };
    let splits = SPLITS.iter().filter(|(split, _)| layout.splits.contains(split));
    let entries = splits.flat_map(|(split, _)| truth[kind][*split].iter().enumerate().map(move |at| (*split, at)));
    let picture = |(split, (place, entry)): (&'static str, (usize, &Entry))| Picture {
        stem: entry.stem.clone(),
        number: entry.stem.trim_start_matches("img_").parse().expect("a number"),
        place,
        split,
        things: entry.objects.iter().map(|object| thing(layout.kind, object)).collect(),
    };
    entries.map(picture).collect()
}

fn thing(kind: Kind, object: &Object) -> Thing {
    let class = ["cat", "dog", "traffic light"].iter().position(|name| *name == object.name);
    let form = match kind {
        Kind::Poses => Form::Pose,
        // Only that it is one counts: its corners are the outline.
        Kind::Turned => Form::Turned(Tilt { middle: [0.0; 2], sides: [0.0; 2], degrees: 0.0 }),
        _ if object.points.len() == 4 => Form::Box,
        _ => Form::Ring,
    };
    Thing { class: class.expect("a known name"), outline: object.points.clone(), form, color: object.color }
}

/// The picture that an image file shows: by its stem, else by its number in its split.
fn picture_of(layout: &Layout, pictures: &[Picture], name: &str) -> Option<Picture> {
    let lower = name.to_lowercase();
    if !is_picture(&lower) || is_label(&lower) {
        return None;
    }
    let in_split = |picture: &&Picture| is_in(picture.split, &lower);
    let base = lower.rsplit('/').next().unwrap_or_default();
    if let Some(picture) = pictures.iter().find(|picture| base.contains(&picture.stem)) {
        return Some(picture.clone());
    }
    // Classes of folders are by turns: the files of one count on by two.
    if layout.classes {
        let (class, place): (usize, usize) =
            (usize::from(lower.contains("/dog/")), base.split('.').next()?.parse().ok()?);
        let mut of_class = pictures.iter().filter(in_split).filter(|picture| picture.number % 2 == class);
        return of_class.nth(place).cloned();
    }
    let place: usize = base.split(['_', '.']).find(|part| part.len() == 6)?.parse().ok()?;
    pictures.iter().filter(in_split).find(|picture| picture.place == place).cloned()
}

fn is_picture(lower: &str) -> bool {
    [".jpg", ".png", ".gif"].iter().any(|end| lower.ends_with(end))
}

fn is_label(lower: &str) -> bool {
    LABELS.iter().any(|word| lower.contains(word))
}

/// Whether a path has a folder of a split in it.
fn is_in(split: &str, lower: &str) -> bool {
    let folders: &[&str] = match split {
        "train" => &["train/", "training/"],
        "val" => &["val/", "valid/", "validation/"],
        _ => &["test/"],
    };
    folders.iter().any(|folder| lower.contains(folder))
}

/// What is known of an image: files of its stem label it, an image of its stem in its split is its mask.
fn source(layout: &Layout, set: &Set, name: &str, picture: Picture) -> Source {
    let stem = |name: &str| plain_stem(name.rsplit('/').next().unwrap_or_default()).to_owned();
    let alike = |file: &&String| *file != name && stem(file) == stem(name);
    let labels = set.files.keys().filter(alike).cloned().collect();
    let is_mask = |file: &&String| {
        let lower = file.to_lowercase();
        let elsewhere = SPLITS.iter().any(|(split, _)| *split != picture.split && is_in(split, &lower));
        is_picture(&lower) && is_label(&lower) && is_of_classes(file) && !elsewhere
    };
    let mask = set.files.keys().filter(alike).find(is_mask);
    let class = layout.classes.then(|| name.rsplit('/').nth(1).unwrap_or_default().to_owned());
    Source { mask: mask.cloned(), picture, labels, class }
}
