//! Where the files of a dataset lie: which belong together, which split an image is in, and what lies around an input.

mod around;
mod ends;
mod finder;
mod label_pairs;
mod lists;
mod look;
mod lookalikes;
mod masks;
mod naming;
mod pairing;
mod splits;
mod tokens;
mod words;

pub use around::{Around, Belongs, holds_companions, root_depth};
pub(super) use finder::{ImageFinder, split_in};
pub(super) use label_pairs::LabelPairs;
pub(super) use lists::Lists;
pub(super) use look::Look;
pub use look::is_photograph;
pub(super) use lookalikes::Lookalike;
pub(super) use masks::{Pictures, sort_pictures};
pub(super) use naming::names;
pub(super) use splits::{SplitFolders, paths};
pub(super) use words::{
    Role, base, composed, folder, folder_path, folders, has_picture_ending, is_file, parent, split_extension, stem_of,
};
