//! Images that are named one by one: what lies beside each of them belongs to it.
//!
//! The root of such an image is the folder that holds its `images/` folder (or, where the image is in none, the folder
//! that it is in). From there its label file is taken by its stem (beside it, or in `annotations/`, `labels/`, `xml/`
//! and `masks/`), the files that name classes, and those JSON files that speak of it: the same labels as when the
//! whole root is given.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::{Group, OnDisk, group_of};

const IMAGE_FOLDERS: [&str; 5] = ["images", "imgs", "img", "image", "jpegimages"];
const SPLITS: [&str; 6] = ["train", "training", "val", "valid", "validation", "test"];
const LABEL_FOLDERS: [&str; 6] = ["annotations", "annotation", "labels", "xml", "masks", "mask"];
const PARTNERS: [&str; 5] = [".xml", ".txt", "_mask.png", ".png", ".json"];
const CLASS_LISTS: [&str; 4] = ["classes.txt", "labels.txt", "data.yaml", "data.yml"];
/// JSON files larger than this are not searched for an image's name.
const MOST_JSON_BYTES: u64 = 1 << 30;

/// The named files and what lies beside them, one group for each root.
pub(super) fn groups(files: Vec<PathBuf>) -> Vec<Group> {
    let mut by_root: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
    for file in files {
        by_root.entry(root_of(&file)).or_default().insert(file);
    }
    by_root.into_iter().map(|(root, named)| group(root, &named)).collect()
}

fn group(root: PathBuf, named: &BTreeSet<PathBuf>) -> Group {
    let mut all = named.clone();
    let folders = label_folders(&root);
    for file in named.iter().filter(|file| is_image(file)) {
        let inside = file.strip_prefix(&root).unwrap_or(file);
        // `images/train/a.jpg` has `labels/train/a.txt`: the folder of images gives way to that of labels.
        let rest: PathBuf =
            inside.components().skip_while(|part| is_one_of(part.as_os_str().to_str(), &IMAGE_FOLDERS)).collect();
        let split = inside.components().next().filter(|part| is_one_of(part.as_os_str().to_str(), &SPLITS));
        let mut places = vec![file.clone()];
        places.extend(folders.iter().map(|folder| folder.join(&rest)));
        if let Some(split) = split {
            // `train/images/a.jpg` has `train/labels/a.txt`.
            let rest: PathBuf = inside.components().skip(2).collect();
            places.extend(label_folders(&root.join(split)).iter().map(|folder| folder.join(&rest)));
        }
        for place in places {
            let Some(stem) = place.file_stem().and_then(|stem| stem.to_str()) else { continue };
            all.extend(PARTNERS.iter().map(|end| place.with_file_name(format!("{stem}{end}"))).filter(|path| {
                path.is_file()
                    && !(is_image(path)
                        && path.parent() == file.parent()
                        && !path.to_string_lossy().ends_with("_mask.png"))
            }));
        }
    }
    let mut lists = vec![root.clone()];
    lists.extend(folders);
    for file in lists.iter().flat_map(|folder| files_in(folder)) {
        let base = file.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_ascii_lowercase();
        if CLASS_LISTS.contains(&base.as_str()) || base.ends_with(".names") || speaks_of(&file, named) {
            all.insert(file);
        }
    }
    let mut group = group_of(&root);
    for path in all {
        let inside = path.strip_prefix(&root).unwrap_or(&path);
        let parts: Option<Vec<&str>> = inside.components().map(|part| part.as_os_str().to_str()).collect();
        if let Some(parts) = parts {
            let name = parts.join("/");
            let size = path.metadata().map_or(0, |facts| facts.len());
            group.add(name, OnDisk(path, size));
        }
    }
    group
}

/// The folder that names are relative to.
fn root_of(file: &Path) -> PathBuf {
    let folder = file.parent().unwrap_or(file);
    let structural =
        |path: &&Path| is_one_of(name_of(path), &IMAGE_FOLDERS) || is_one_of(name_of(path), &LABEL_FOLDERS);
    let Some(images) = folder.ancestors().take(3).find(structural) else { return folder.to_owned() };
    match images.parent() {
        Some(split) if is_one_of(name_of(split), &SPLITS) => split.parent().unwrap_or(split).to_owned(),
        Some(root) => root.to_owned(),
        None => folder.to_owned(),
    }
}

fn name_of(path: &Path) -> Option<&str> {
    path.file_name().and_then(|name| name.to_str())
}

fn is_one_of(name: Option<&str>, names: &[&str]) -> bool {
    name.is_some_and(|name| names.contains(&name.to_ascii_lowercase().as_str()))
}

fn is_image(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    is_one_of(extension, &["jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff"])
}

fn label_folders(root: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = entries(root).filter(|path| path.is_dir()).collect();
    folders.retain(|path| is_one_of(name_of(path), &LABEL_FOLDERS));
    folders.sort();
    folders
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    entries(folder).filter(|path| path.is_file()).collect()
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// Whether a JSON file holds the name of one of the images.
fn speaks_of(file: &Path, named: &BTreeSet<PathBuf>) -> bool {
    let is_json = is_one_of(file.extension().and_then(|extension| extension.to_str()), &["json"]);
    if !is_json || file.metadata().map_or(true, |facts| facts.len() > MOST_JSON_BYTES) {
        return false;
    }
    let Ok(text) = fs::read_to_string(file) else { return false };
    named.iter().filter(|path| is_image(path)).any(|path| name_of(path).is_some_and(|name| text.contains(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(files: &[&str], named: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for file in files {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, r#"{"file_name": "a.jpg"}"#).unwrap();
        }
        let groups = groups(named.iter().map(|name| root.join(name)).collect());
        groups.iter().flat_map(Group::names).map(str::to_owned).collect()
    }

    #[test]
    fn an_image_brings_its_labels_along_and_nothing_else() {
        let voc = ["images/a.jpg", "images/b.jpg", "annotations/a.xml", "annotations/b.xml"];
        assert_eq!(names(&voc, &["images/a.jpg"]), ["annotations/a.xml", "images/a.jpg"]);
        let yolo = ["data.yaml", "images/train/a.jpg", "labels/train/a.txt", "labels/train/b.txt"];
        assert_eq!(names(&yolo, &["images/train/a.jpg"]), ["data.yaml", "images/train/a.jpg", "labels/train/a.txt"]);
        let split = ["data.yaml", "train/images/a.jpg", "train/labels/a.txt"];
        assert_eq!(names(&split, &["train/images/a.jpg"]), ["data.yaml", "train/images/a.jpg", "train/labels/a.txt"]);
        let coco = ["a.jpg", "b.jpg", "labels.json", "a_mask.png"];
        assert_eq!(names(&coco, &["a.jpg"]), ["a.jpg", "a_mask.png", "labels.json"]);
        assert_eq!(names(&coco, &["b.jpg"]), ["b.jpg"]);
    }
}
