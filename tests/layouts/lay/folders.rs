//! Layouts in which an image has a class: folders, and tables.

use augment_core::formats::LabelFormat;

use crate::scene::{Kind, Picture};
use crate::set::{ALL, Layout, Set, spelled};

const FOLDERS: Layout =
    Layout { kind: Kind::Boxes, objects: false, classes: true, own: Some(LabelFormat::None), ..Layout::BOXES };

pub(super) const LAYOUTS: &[Layout] = &[
    Layout { name: "imagefolder-splits", lay: splits, ..FOLDERS },
    Layout { name: "imagefolder-samenames", lay: same_names, ..FOLDERS },
    Layout { name: "imagefolder-eval", lay: in_eval, ..FOLDERS },
    Layout { name: "imagefolder-sets", splits: &["train", "test"], lay: in_sets, ..FOLDERS },
    Layout { name: "imagefolder-copied", lay: copied, ..FOLDERS },
    Layout { name: "imagefolder-trains", lay: trains, ..FOLDERS },
    Layout { name: "hf-classes-csv", lay: hugging_face, ..FOLDERS },
];

const CLASSES: [&str; 2] = ["cat", "dog"];

fn class_of(picture: &Picture) -> &'static str {
    CLASSES[picture.number % 2]
}

fn splits(_: &Layout, pictures: &[Picture]) -> Set {
    in_folders(pictures, |picture| picture.stem.clone())
}

/// A name for `val` that is one beside other splits alone.
fn in_eval(_: &Layout, pictures: &[Picture]) -> Set {
    in_named_folders(pictures, |picture| {
        format!("{}/{}", spelled(picture.split, ["train", "eval", "test"]), class_of(picture))
    })
}

/// As some archives are packed: a folder in a folder of its name.
fn in_sets(_: &Layout, pictures: &[Picture]) -> Set {
    in_named_folders(pictures, |picture| {
        let set = spelled(picture.split, ["training_set", "valid_set", "test_set"]);
        format!("{set}/{set}/{}", class_of(picture))
    })
}

/// A second set of the same shape in the folder of the first.
fn copied(_: &Layout, pictures: &[Picture]) -> Set {
    in_named_folders(pictures, |picture| {
        let root = ["scans", "scans/scans"][picture.place / 2 % 2];
        format!("{root}/{}/{}", picture.split, class_of(picture))
    })
}

/// A class that is called as a split is.
fn trains(_: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let class = ["train", "bus"][picture.number % 2];
        set.image(format!("{}/{class}/{}.jpg", picture.split, picture.stem), picture);
        set.class(class);
    }
    set
}

fn in_named_folders(pictures: &[Picture], folder: impl Fn(&Picture) -> String) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        set.image(format!("{}/{}.jpg", folder(picture), picture.stem), picture);
        set.class(class_of(picture));
    }
    set
}

/// The same names in every folder.
fn same_names(_: &Layout, pictures: &[Picture]) -> Set {
    in_folders(pictures, |picture| (picture.place / 2).to_string())
}

fn in_folders(pictures: &[Picture], stem: impl Fn(&Picture) -> String) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        set.image(format!("{}/{}/{}.jpg", picture.split, class_of(picture), stem(picture)), picture);
        set.class(class_of(picture));
    }
    set
}

/// A table a split instead of folders.
fn hugging_face(_: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for split in ALL {
        let mut table = String::from("file_name,label\n");
        for picture in pictures.iter().filter(|picture| picture.split == *split) {
            set.image(format!("{split}/{}.jpg", picture.stem), picture);
            set.class(class_of(picture));
            table += &format!("{}.jpg,{}\n", picture.stem, class_of(picture));
        }
        set.file(format!("{split}/metadata.csv"), table);
    }
    set
}
