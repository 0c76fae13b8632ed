//! A layout: what it holds, how it is laid out, and the set that comes of it, as files in memory.

use std::collections::BTreeMap;

use augment_core::formats::LabelFormat;

use crate::scene::{Kind, Picture, Thing};

/// How some tool or trainer lays a dataset out.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) name: &'static str,
    /// What its pictures show.
    pub(crate) kind: Kind,
    /// The splits whose pictures it holds.
    pub(crate) splits: &'static [&'static str],
    /// Whether it says which split a picture is in.
    pub(crate) told: bool,
    /// Whether it labels objects.
    pub(crate) objects: bool,
    /// What the levels or colors of its masks mean.
    pub(crate) mask: Option<Numbers>,
    /// Whether its images have a class each.
    pub(crate) classes: bool,
    /// The names of the classes as it spells them.
    pub(crate) names: [&'static str; 3],
    /// What is lost of a coordinate in its last digit, in pixels.
    pub(crate) rounds: f64,
    /// The box of a thing by the rules of its format.
    pub(crate) bound: fn(&Thing) -> [f64; 4],
    /// What its labels hold of an outline.
    pub(crate) outlines: Outlines,
    /// The format that its labels come back in, where that is one that this judge reads.
    pub(crate) own: Option<LabelFormat>,
    /// Whether a file labels each image, in the format that it comes back in: then what is not moved keeps its bytes.
    pub(crate) keeps: bool,
    pub(crate) lay: fn(&Self, &[Picture]) -> Set,
}

/// What labels hold of an outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outlines {
    /// The corners.
    Drawn,
    /// The box around it.
    Bounded,
}

/// What the pixels of a mask mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// 0 is the ground, a class is one more than its index.
    Classes,
    /// 255 is any object.
    Binary,
    /// The colors of [`COLORS`], itself or by a palette.
    Colors,
}

/// The colors of masks, the ground first.
pub(crate) const COLORS: [[u8; 3]; 4] = [[0, 0, 0], [128, 0, 0], [0, 128, 0], [128, 128, 0]];

pub(crate) const ALL: &[&str] = &["train", "val", "test"];
pub(crate) const TWO: &[&str] = &["train", "val"];
pub(crate) const ONE: &[&str] = &["train"];

impl Layout {
    /// Boxes in all splits, to build layouts from.
    pub(crate) const BOXES: Self = Self {
        name: "",
        kind: Kind::Boxes,
        splits: ALL,
        told: true,
        objects: true,
        mask: None,
        classes: false,
        names: ["cat", "dog", "traffic light"],
        rounds: 0.0,
        bound: Thing::bound,
        outlines: Outlines::Drawn,
        own: None,
        keeps: false,
        lay: |_, _| Set::default(),
    };

    /// The set of its own pictures.
    pub(crate) fn drawn(&self) -> Set {
        let mut pictures = crate::scene::pictures(self.kind);
        pictures.retain(|picture| self.splits.contains(&picture.split));
        (self.lay)(self, &pictures)
    }

    pub(crate) fn name_of(&self, thing: &Thing) -> &'static str {
        self.names[thing.class]
    }

    /// `names` with something between.
    pub(crate) fn joined(&self, between: &str) -> String {
        self.names.join(between)
    }
}

/// Files in memory, and what is known of every image among them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Set {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) sources: BTreeMap<String, Source>,
    /// The image that was added last.
    last: String,
}

/// What is known of an image.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) picture: Picture,
    /// The files that label it alone.
    pub(crate) labels: Vec<String>,
    /// Its mask.
    pub(crate) mask: Option<String>,
    /// The class of all of it.
    pub(crate) class: Option<String>,
}

impl Set {
    /// A part of another set.
    pub(crate) fn of(files: BTreeMap<String, Vec<u8>>, sources: BTreeMap<String, Source>) -> Self {
        Self { files, sources, last: String::new() }
    }

    /// Adds a file.
    pub(crate) fn file(&mut self, name: impl Into<String>, content: impl Into<Vec<u8>>) {
        let name = name.into();
        assert!(self.files.insert(name.clone(), content.into()).is_none(), "{name} is there already");
    }

    /// Adds a picture's file under a name, whose extension says in which format.
    pub(crate) fn image(&mut self, name: impl Into<String>, picture: &Picture) {
        let name = name.into();
        self.file(name.clone(), picture.file(name.rsplit('.').next().unwrap_or_default()));
        let source = Source { picture: picture.clone(), labels: Vec::new(), mask: None, class: None };
        self.sources.insert(name.clone(), source);
        self.last = name;
    }

    fn last(&mut self) -> &mut Source {
        self.sources.get_mut(&self.last).expect("an image comes before what labels it")
    }

    /// Adds a file that labels the last image.
    pub(crate) fn label(&mut self, name: impl Into<String>, content: impl Into<Vec<u8>>) {
        let name = name.into();
        self.file(name.clone(), content);
        self.last().labels.push(name);
    }

    /// Adds the mask of the last image.
    pub(crate) fn mask(&mut self, name: impl Into<String>, content: impl Into<Vec<u8>>) {
        let name = name.into();
        self.file(name.clone(), content);
        self.last().mask = Some(name);
    }

    /// Says what all of the last image shows.
    pub(crate) fn class(&mut self, class: &str) {
        self.last().class = Some(class.to_owned());
    }
}

/// A split as a layout spells it: one of three names.
pub(crate) fn spelled(split: &str, names: [&'static str; 3]) -> &'static str {
    names[ALL.iter().position(|known| *known == split).expect("a split of the scenes")]
}

/// A line for every picture of a split.
pub(crate) fn listed(pictures: &[Picture], split: &str, line: impl Fn(&Picture) -> String) -> String {
    pictures.iter().filter(|picture| picture.split == split).map(|picture| line(picture) + "\n").collect()
}
