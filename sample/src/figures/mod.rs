//! The things that scenes are made of, each drawn from a few numbers.

mod ball;
mod car;
mod house;
mod mug;
mod person;
mod tree;

pub(crate) use ball::ball;
pub(crate) use car::car;
pub(crate) use house::house;
pub(crate) use mug::mug;
pub(crate) use person::{JOINTS, Person, Pose, SKELETON, person};
pub(crate) use tree::{conifer, tree};

/// The classes of the dataset by their indices.
pub(crate) const PERSON: usize = 0;
pub(crate) const CAR: usize = 1;
pub(crate) const TREE: usize = 2;
pub(crate) const HOUSE: usize = 3;
pub(crate) const BALL: usize = 4;
pub(crate) const MUG: usize = 5;
/// Their names.
pub(crate) const NAMES: [&str; 6] = ["person", "car", "tree", "house", "ball", "mug"];
