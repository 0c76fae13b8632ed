//! The recipe: what a user writes, checked and ready to draw from.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::split::SplitChoice;
use crate::codec::{Encoding, Format, Header, PngCompression, Subsampling};
use crate::digest::Digest;
use crate::geometry::Size;
use crate::image::Fill;
use crate::labels::LabelPolicy;
use crate::reading::Reading;
use crate::sampling::{Facts, IntRange, Random, StepIdentity};
use crate::transforms::{self, Configured};

/// Seeds up to here are the same number in every JSON reader.
pub(super) const MAX_SEED: u64 = (1 << 53) - 1;
/// The JPEG quality from which chroma is not halved by itself.
const FULL_CHROMA_FROM: u8 = 95;
/// Copies of one image at most.
pub(super) const MAX_COUNT: u64 = 100_000;

/// A checked recipe.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// Where all chance comes from; `None` when the user leaves it to a fresh draw.
    pub seed: Option<u64>,
    /// Copies of every image.
    pub count: u32,
    /// Which splits of the dataset are augmented; the others go through unchanged.
    pub augment: SplitChoice,
    /// How sources are read.
    pub input: Reading,
    /// How outputs are written.
    pub output: OutputOptions,
    /// Which objects stay.
    pub labels: LabelPolicy,
    /// The steps in order.
    pub steps: Vec<Step>,
    /// Whether steps that mirror run.
    pub(super) draws_mirrors: bool,
    pub(super) steps_json: Value,
}

/// How outputs are written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutputOptions {
    /// The file format.
    pub format: OutputFormat,
    /// JPEG quality, 1 to 100.
    pub quality: u8,
    /// JPEG chroma subsampling; without it the source's where its format is kept, else by the quality.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subsampling: Option<Subsampling>,
    /// PNG: fast or small.
    pub compression: PngCompression,
    /// What transparent pixels lie on where the format has no alpha.
    pub background: Fill,
    /// Whether each source itself is written too.
    pub include_original: bool,
}

impl Default for OutputOptions {
    fn default() -> Self {
        Self {
            format: OutputFormat::Jpeg,
            quality: 90,
            subsampling: None,
            compression: PngCompression::default(),
            background: Fill([255; 3]),
            include_original: false,
        }
    }
}

impl OutputOptions {
    /// How to encode the outputs of a source.
    #[must_use]
    pub fn encoding(&self, source: &Header) -> Encoding {
        let kept = source.subsampling.filter(|_| self.format == OutputFormat::Keep);
        // Who asks for this much quality wants no color smeared over its neighbors.
        let usual = if self.quality >= FULL_CHROMA_FROM { Subsampling::Full } else { Subsampling::Quarter };
        let subsampling = self.subsampling.or(kept).unwrap_or(usual);
        let jpeg = Encoding::Jpeg { quality: self.quality, subsampling };
        let png = Encoding::Png { compression: self.compression };
        match (self.format, source.format) {
            (OutputFormat::Jpeg, _) | (OutputFormat::Keep, Format::Jpeg) => jpeg,
            (OutputFormat::WebP, _) | (OutputFormat::Keep, Format::WebP) => Encoding::WebP,
            // Formats that are read but not written become the lossless one.
            (OutputFormat::Png | OutputFormat::Keep, _) => png,
        }
    }
}

/// The file format of outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputFormat {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// Lossless WebP.
    WebP,
    /// The source's; PNG for BMP, GIF and TIFF.
    Keep,
}

impl OutputFormat {
    /// All of them by their names in JSON.
    pub const NAMES: &[&str] = &["jpeg", "png", "webp", "keep"];
}

/// One step of a recipe.
#[derive(Clone, Debug)]
pub struct Step {
    /// What its draws are named by.
    pub identity: StepIdentity,
    /// How likely it is to run.
    pub probability: f64,
    /// What it does.
    pub body: StepBody,
}

/// A transform or a group.
#[derive(Clone, Debug)]
pub enum StepBody {
    /// A transform with its parameters set.
    Transform {
        /// Draws its numbers.
        configured: Arc<dyn Configured>,
        /// Whether it wants to know the boxes.
        needs_labels: bool,
    },
    /// Some of several steps.
    Group(Group, Vec<Step>),
}

/// How a group picks.
#[derive(Clone, Debug)]
pub enum Group {
    /// One, by these weights.
    OneOf(Vec<f64>),
    /// This many different ones, in the recipe's order.
    SomeOf(IntRange),
    /// All.
    Sequence,
}

impl Group {
    /// The names of groups in recipes.
    pub const NAMES: &[&str] = &["one_of", "some_of", "sequence"];
}

impl Recipe {
    /// The same recipe with a seed.
    #[must_use]
    pub const fn with_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The same recipe, whose steps that mirror do not run; the others draw what they drew.
    #[must_use]
    pub const fn without_mirrors(mut self) -> Self {
        self.draws_mirrors = false;
        self
    }

    /// Whether any step mirrors, as one draw of each shows.
    #[must_use]
    pub fn mirrors(&self) -> bool {
        self.steps.iter().any(Step::mirrors)
    }

    /// The recipe as JSON, with everything that was left out filled in but for the steps' defaults.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut json = serde_json::json!({
            "version": 1,
            "count": self.count,
            "output": self.output,
            "labels": self.labels,
            "steps": self.steps_json,
        });
        if let Some(seed) = self.seed {
            json["seed"] = seed.into();
        }
        if self.augment != SplitChoice::Usual {
            json["augment"] = self.augment.to_string().into();
        }
        if !self.input.is_usual() {
            json["input"] = serde_json::json!(self.input);
        }
        json
    }

    /// Whether any step mixes images, so that the whole dataset must be known before the first draw.
    #[must_use]
    pub fn mixes(&self) -> bool {
        any_transform(&self.steps_json, &|op| {
            transforms::find(op).is_some_and(|entry| entry.descriptor.kind == transforms::Kind::Mixing)
        })
    }
}

impl Step {
    fn mirrors(&self) -> bool {
        match &self.body {
            _ if self.probability == 0.0 => false,
            StepBody::Group(_, steps) => steps.iter().any(Self::mirrors),
            StepBody::Transform { configured, .. } => {
                let (size, source) = (Size::new(64, 64), Digest::of(b""));
                let facts = Facts { size, boxes: &[], labeled: false, partners: &[], source };
                let drawn = configured.draw(&facts, &mut Random::for_step(0, source, 0, &self.identity));
                drawn.is_ok_and(|action| action.mirrors(size))
            }
        }
    }
}

fn any_transform(steps: &Value, wanted: &dyn Fn(&str) -> bool) -> bool {
    steps
        .as_array()
        .into_iter()
        .flatten()
        .any(|step| step["op"].as_str().is_some_and(wanted) || any_transform(&step["steps"], wanted))
}

/// A step's JSON object: `op` and the numbers.
pub(super) fn step_json(op: &str, numbers: Value) -> Value {
    let mut step = Map::new();
    step.insert("op".into(), op.into());
    if let Value::Object(numbers) = numbers {
        step.extend(numbers);
    }
    Value::Object(step)
}
