//! What lies around a part of a dataset and belongs to it: the same files that it has in the whole.
//!
//! The root of a file or folder is the innermost folder above it whose name is not one of the layout's own (`images`,
//! `train`). From there come the label files and masks of its images by the rule of [`LabelPairs`], the lists of names,
//! and those files about many images that name one of its own.

use super::label_pairs::LabelPairs;
use super::masks;
use super::naming::{CELL_ENDS, names};
use super::pairing::Worded;
use super::words::{are_apart, base, composed, folder, split_extension};

/// Ends of texts that are looked into for names of images.
const ABOUT_MANY: [&str; 9] = ["json", "jsonl", "ndjson", "csv", "tsv", "xml", "txt", "lst", "data"];

/// How many of the folders above a file, outermost first, make up the path of its root. A folder in one
/// of the layout's (`train/cat`, `images/default`) is not a root.
#[must_use]
pub fn root_depth(above: &[&str]) -> usize {
    let structural = |at: usize| folder(above[at]).is_structural();
    let climb = |mut depth: usize| {
        while depth > 0 && structural(depth - 1) {
            depth -= 1;
        }
        depth
    };
    let depth = climb(above.len());
    let inside = depth == above.len() && depth > 1 && structural(depth - 2);
    if inside { climb(depth - 1) } else { depth }
}

/// Whether a folder of a root can hold what belongs to images elsewhere in it.
#[must_use]
pub fn holds_companions(name: &str) -> bool {
    folder(name).is_structural()
}

/// Whether a file belongs to a part of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belongs {
    /// It does.
    Yes,
    /// It does where its text names an image of the part: see [`Around::is_named_in`].
    IfItNames,
    /// It does not.
    No,
}

/// A part of a dataset, by the names of its images within the root.
#[derive(Debug)]
pub struct Around {
    images: Vec<String>,
    partners: LabelPairs,
    others: LabelPairs,
    worded: Worded,
}

impl Around {
    /// The part of these images, beside `others` of the same root.
    #[must_use]
    pub fn new(images: Vec<String>, others: &[&str]) -> Self {
        let names: Vec<&str> = images.iter().map(String::as_str).collect();
        let (partners, worded) = (LabelPairs::new(&names), Worded::new(&names));
        let others: Vec<&str> = others.iter().copied().filter(|name| !masks::may_be_mask(name)).collect();
        Self { images, partners, others: LabelPairs::new(&others), worded }
    }

    /// Whether a file, by its name within the root, belongs to the part.
    #[must_use]
    pub fn belongs(&self, name: &str) -> Belongs {
        let extension = split_extension(name).1;
        let is_list = matches!(extension.as_str(), "yaml" | "yml" | "names" | "labels")
            || matches!(base(name).to_ascii_lowercase().as_str(), "classes.txt" | "_classes.txt" | "labels.txt")
            || extension == "csv" && base(name).to_ascii_lowercase().contains("class")
            || crate::formats::mask_lists::is_list_name(name);
        // A file that lies where one of the others has its own is that one's, though it have the same stem.
        let placed = || self.partners.has_placed(name);
        let of_others = || !placed() && self.others.has_placed(name);
        if is_list {
            Belongs::Yes
        } else if ABOUT_MANY.contains(&extension.as_str()) {
            match (of_others(), self.partners.has_of(name)) {
                (true, _) => Belongs::No,
                (false, true) => Belongs::Yes,
                (false, false) => Belongs::IfItNames,
            }
        } else if crate::formats::listing::is_picture(name) {
            let is_near = |at: usize| !are_apart(&self.images[at], name);
            let worded = || self.worded.of(name).into_iter().filter(|at| is_near(*at)).count() == 1;
            let own = masks::may_be_mask(name) && !of_others() && (self.partners.has_of(name) || worded());
            if own { Belongs::Yes } else { Belongs::No }
        } else {
            Belongs::No
        }
    }

    /// Whether a text names an image of the part, by its file name or, first on a line, by its stem; a note that mentions one
    /// does not.
    #[must_use]
    pub fn is_named_in(&self, text: &str) -> bool {
        let text = composed(text);
        self.images.iter().any(|image| {
            let base = composed(base(image));
            let base = base.as_ref();
            let stem = split_extension(base).0;
            let first = |line: &str| line.trim_start().split(CELL_ENDS).next() == Some(stem);
            names(&text, base) || text.lines().any(first)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_lie_above_the_folders_of_the_layout() {
        for (above, root) in [
            ("home ds images train", "home ds"),
            ("home ds train images", "home ds"),
            ("home ds train2017", "home ds"),
            ("home VOC2012 JPEGImages", "home VOC2012"),
            ("home ds train cat", "home ds"),
            ("home ds images default", "home ds"),
            ("home ds cat", "home ds cat"),
            ("home ds", "home ds"),
            ("train", ""),
        ] {
            let above: Vec<&str> = above.split(' ').collect();
            assert_eq!(above[..root_depth(&above)].join(" "), root, "{above:?}");
        }
    }

    #[test]
    fn an_image_brings_its_labels_along_and_nothing_else() {
        let around = Around::new(vec!["images/train/a.jpg".to_owned()], &["images/train/b.jpg"]);
        for name in ["labels/train/a.txt", "data.yaml", "masks/train/a.png", "annotations/train/a.xml"] {
            assert_eq!(around.belongs(name), Belongs::Yes, "{name}");
        }
        let around = Around::new(vec!["train/1_sat.jpg".to_owned()], &["train/2_sat.jpg"]);
        assert_eq!(around.belongs("train/1_mask.png"), Belongs::Yes, "by what the names have in common");
        assert_eq!(around.belongs("train/2_mask.png"), Belongs::No);
        let around = Around::new(vec!["images/train/a.jpg".to_owned()], &["images/train/b.jpg"]);
        for name in ["annotations/instances.json", "train.txt"] {
            assert_eq!(around.belongs(name), Belongs::IfItNames, "{name}");
        }
        for name in ["images/train/b.jpg", "masks/train/b.png", "labels/train/b.txt", "README.md"] {
            assert_eq!(around.belongs(name), Belongs::No, "{name}");
        }
        assert!(around.is_named_in("{\"file_name\": \"a.jpg\"}") && around.is_named_in("b\na 1\n"), "by name or stem");
        assert!(around.is_named_in("ImageID,Source\na,x\n"), "as Open Images names it");
        assert!(!around.is_named_in("How a.jpg was taken:\nby night\n"), "a note labels nothing");
        assert!(!around.is_named_in("0 0.5 0.5 0.1 0.1"), "numbers name nothing");
    }
}
