//! Layouts in which an image has a class: folders, and tables.

use augment_core::formats::LabelFormat;

use crate::scene::{Kind, Picture};
use crate::set::{ALL, Layout, Set};

const FOLDERS: Layout =
    Layout { kind: Kind::Boxes, objects: false, classes: true, own: Some(LabelFormat::None), ..Layout::BOXES };

pub(super) const LAYOUTS: &[Layout] = &[
    Layout { name: "imagefolder-splits", lay: splits, ..FOLDERS },
    Layout { name: "imagefolder-samenames", lay: same_names, ..FOLDERS },
    Layout { name: "hf-classes-csv", lay: hugging_face, ..FOLDERS },
];

const CLASSES: [&str; 2] = ["cat", "dog"];

fn class_of(picture: &Picture) -> &'static str {
    CLASSES[picture.number % 2]
}

fn splits(_: &Layout, pictures: &[Picture]) -> Set {
    in_folders(pictures, |picture| picture.stem.clone())
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
