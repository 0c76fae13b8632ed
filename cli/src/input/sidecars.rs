//! Parts of a dataset that are named by themselves, a folder of one split or a single image: what belongs to them in
//! the whole is brought along. What that is, the core says (`augment_core::formats::Around`); here the disk is walked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use augment_core::formats::{Around, Belongs, holds_companions, is_photograph, is_picture, root_depth};
use augment_core::limits::Limits;

use super::folder;
use super::on_disk::{Gathered, InputFiles, OnDisk, group_of};

/// Files about many images that are larger than this are not searched for an image's name.
const MAX_SEARCHED_BYTES: u64 = 1 << 30;

/// The root of a file or folder that is named by itself.
pub(super) fn root_of(path: &Path) -> PathBuf {
    let above = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let names: Vec<String> = above
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect();
    let depth = root_depth(&names.iter().map(String::as_str).collect::<Vec<_>>());
    above.ancestors().nth(names.len() - depth).unwrap_or(above).to_owned()
}

/// Adds the named files and folders of one root, and what belongs to them around.
pub(super) fn add(gathered: &mut Gathered, root: &Path, named: &BTreeSet<PathBuf>, outputs: &[PathBuf]) {
    let mut group = group_of(root);
    for path in named {
        if path.is_dir() {
            folder::walk(gathered, &mut group, root, path, outputs);
        } else {
            add_file(&mut group, root, path);
        }
    }
    if !named.contains(root) {
        let images: Vec<String> = group.names().filter(|name| is_picture(name)).map(str::to_owned).collect();
        let known: BTreeSet<String> = group.names().map(str::to_owned).collect();
        let mut found = Vec::new();
        list(root, true, outputs, &mut found);
        let named = |path: PathBuf| Some((name_in(root, &path).filter(|name| !known.contains(name))?, path));
        let found: Vec<(String, PathBuf)> = found.into_iter().filter_map(named).collect();
        let others: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).filter(|name| is_picture(name)).collect();
        let around = Around::new(images, &others);
        for (name, path) in &found {
            let belongs = match around.belongs(name) {
                // A picture from outside is a mask or nothing: no one named it.
                Belongs::Yes => !is_picture(name) || !shows_photograph(path),
                Belongs::IfItNames => {
                    is_small(path) && fs::read_to_string(path).is_ok_and(|text| around.is_named_in(&text))
                }
                Belongs::No => false,
            };
            if belongs {
                add_file(&mut group, root, path);
            }
        }
    }
    gathered.push(group);
}

/// Groups named paths by their roots.
pub(super) fn by_root(paths: &[PathBuf]) -> BTreeMap<PathBuf, BTreeSet<PathBuf>> {
    let mut roots: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
    for path in paths {
        roots.entry(root_of(path)).or_default().insert(path.clone());
    }
    for (root, named) in &mut roots {
        // The whole root was named, too.
        if named.contains(root) {
            named.retain(|path| path == root);
        }
    }
    roots
}

fn add_file(group: &mut InputFiles, root: &Path, path: &Path) {
    if let Some(name) = name_in(root, path) {
        let size = path.metadata().map_or(0, |facts| facts.len());
        group.add(name, OnDisk(path.to_owned(), size));
    }
}

/// A path within a root, with forward slashes; `None` where a part of it is not UTF-8.
fn name_in(root: &Path, path: &Path) -> Option<String> {
    let inside = path.strip_prefix(root).unwrap_or(path);
    let parts: Option<Vec<&str>> = inside.components().map(|part| part.as_os_str().to_str()).collect();
    parts.map(|parts| parts.join("/"))
}

fn shows_photograph(path: &Path) -> bool {
    is_small(path) && fs::read(path).is_ok_and(|bytes| is_photograph(&bytes, &Limits::default()))
}

fn is_small(path: &Path) -> bool {
    path.metadata().is_ok_and(|facts| facts.len() <= MAX_SEARCHED_BYTES)
}

/// The files of a root and of those folders in it that can hold what belongs to images elsewhere. Below such a folder
/// any name will do: a city, a class.
fn list(folder: &Path, at_root: bool, outputs: &[PathBuf], found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries.into_iter().filter(|path| !outputs.contains(path) && !path.is_symlink()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if augment_core::files::is_hidden(name) {
            continue;
        }
        if path.is_file() {
            found.push(path);
        } else if path.is_dir() && (!at_root || holds_companions(name)) {
            list(&path, false, outputs, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use augment_core::files::Files as _;

    fn names(files: &[&str], named: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("set");
        for file in files {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, r#"{"file_name": "a.jpg"}"#).unwrap();
        }
        let paths: Vec<PathBuf> = named.iter().map(|name| root.join(name)).collect();
        super::super::open(&paths, &[], Limits::default()).names().to_vec()
    }

    #[test]
    fn an_image_brings_its_labels_along_and_nothing_else() {
        let voc = ["images/a.jpg", "images/b.jpg", "annotations/a.xml", "annotations/b.xml"];
        assert_eq!(names(&voc, &["images/a.jpg"]), ["annotations/a.xml", "images/a.jpg"]);
        let yolo = ["data.yaml", "images/train/a.jpg", "images/val/a.jpg", "labels/train/a.txt"];
        assert_eq!(names(&yolo, &["images/train/a.jpg"]), ["data.yaml", "images/train/a.jpg", "labels/train/a.txt"]);
        let split = ["data.yaml", "train/images/a.jpg", "train/labels/a.txt"];
        assert_eq!(names(&split, &["train"]), ["data.yaml", "train/images/a.jpg", "train/labels/a.txt"]);
        let coco = ["a.jpg", "b.jpg", "labels.json", "a_mask.png"];
        assert_eq!(names(&coco, &["a.jpg"]), ["a.jpg", "a_mask.png", "labels.json"]);
        assert_eq!(names(&coco, &["b.jpg"]), ["b.jpg"]);
        let standard = ["annotations/instances_train2017.json", "train2017/a.jpg", "val2017/b.jpg"];
        assert_eq!(names(&standard, &["train2017"]), ["annotations/instances_train2017.json", "train2017/a.jpg"]);
    }

    #[test]
    fn folders_that_have_nothing_to_do_with_it_are_not_entered() {
        assert_eq!(names(&["images/a.jpg", "notes/b.json"], &["images"]), ["images/a.jpg"]);
        assert_eq!(names(&["photos/a.jpg", "b.json"], &["photos"]), ["a.jpg"]);
    }

    #[test]
    fn a_photograph_from_outside_is_not_brought_along() {
        use augment_core::codec::{Encoding, PngCompression, encode};
        use augment_core::geometry::Size;
        use augment_core::image::{Channels, Fill, Image};
        let picture = |level: fn(usize) -> u8| {
            let samples = (0..64 * 48 * 3).map(level).collect();
            let image = Image::from_samples(Size::new(64, 48), Channels::Rgb, samples).unwrap();
            let png = Encoding::Png { compression: PngCompression::default() };
            encode(&image, &png, None, Fill::BLACK).unwrap()
        };
        let photograph = picture(|at| (at * 7 % 251) as u8 ^ (at >> 5) as u8);
        let mask = picture(|at| if at % 192 > 90 { 255 } else { 0 });
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("set");
        let files = [
            ("images/a.png", &photograph),
            ("labels/a.png", &photograph),
            ("images/b.png", &mask),
            ("labels/b.png", &mask),
        ];
        for (name, bytes) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let found = super::super::open(&[root.join("images")], &[], Limits::default()).names().to_vec();
        assert_eq!(found, ["images/a.png", "images/b.png", "labels/b.png"]);
    }
}
