//! The flow of one image: decode → plan → render → encode → the entries of the output dataset.

use std::cell::Cell;
use std::sync::Arc;

use crate::codec::{self, Encoding, Header, PngCompression};
use crate::digest::Digest;
use crate::engine::{Sample, Surroundings, execute_rows};
use crate::error::{Context, Error, ErrorKind, Result};
use crate::formats::{Dataset, Frame, Item, LabelFormat, LabelWriter, OutputLabels, mask_entry_name};
use crate::geometry::Size;
use crate::image::{Fill, Rows as _};
use crate::labels::{Classes, Dropped, LabelPolicy, Labels, Tracked, Visibility, survive};
use crate::limits::Limits;
use crate::output::{LabelCounts, Line, output_bases};
use crate::plan::{Plan, Recipe, Subject, draw_plan};

/// The version that manifests name: outputs of one version are the same bytes everywhere.
pub const ENGINE: &str = env!("CARGO_PKG_VERSION");

/// What is the same for all images of a run. Shared by all workers.
#[derive(Debug)]
pub struct Job {
    recipe: Recipe,
    seed: u64,
    limits: Limits,
    classes: Arc<Classes>,
    label_format: LabelFormat,
    label_writer: LabelWriter,
    /// Content hashes of all images, sorted; empty unless the recipe mixes.
    partners: Vec<Digest>,
}

/// A source, decoded once for all of its copies. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Name of the source.
    pub name: String,
    /// Hash of its bytes.
    pub digest: Digest,
    /// Pixels and labels.
    pub sample: Sample,
    header: Header,
    icc: Option<Arc<[u8]>>,
    class: Option<String>,
    extra: serde_json::Map<String, serde_json::Value>,
    labels_read: usize,
    labels_dropped: Vec<Dropped>,
    label_warnings: Vec<String>,
    image_warnings: Vec<String>,
}

/// One output: an image, its labels, its manifest line.
#[derive(Debug)]
pub struct Output {
    /// The manifest line; it names the image.
    pub line: Line,
    /// The image, encoded.
    pub image: Vec<u8>,
    /// The labels, written.
    pub labels: OutputLabels,
    /// The labels and the mask in pixels of the output, for whoever draws them.
    pub placed: Labels,
}

/// Fetches another image of the dataset by its hash, for mixing steps.
pub type Partner<'a> = dyn Fn(Digest) -> Result<Sample> + 'a;

/// Which output of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    /// The source itself, unaugmented.
    Original,
    /// The copy of a number, from 0.
    Augmented(u32),
}

impl Copy {
    /// The number of an augmented copy, as manifests have it.
    #[must_use]
    pub const fn number(self) -> Option<u32> {
        match self {
            Self::Original => None,
            Self::Augmented(number) => Some(number),
        }
    }
}

impl From<Option<u32>> for Copy {
    fn from(number: Option<u32>) -> Self {
        number.map_or(Self::Original, Self::Augmented)
    }
}

/// What a plan is rendered as.
struct Rendering<'a> {
    output: String,
    copy: Option<u32>,
    seed: u64,
    encoding: Encoding,
    background: Fill,
    policy: &'a LabelPolicy,
}

impl Job {
    /// A run of a recipe over a dataset, its labels written in a format.
    #[must_use]
    pub fn new(recipe: Recipe, seed: u64, dataset: &Dataset, labels: LabelFormat, limits: Limits) -> Self {
        Self {
            recipe,
            seed,
            limits,
            classes: Arc::clone(&dataset.classes),
            label_format: labels,
            label_writer: LabelWriter::new(labels, dataset),
            partners: Vec::new(),
        }
    }

    /// The same run with the content hashes of all images, which mixing steps choose from.
    #[must_use]
    pub fn with_partners(mut self, mut hashes: Vec<Digest>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        self.partners = hashes;
        self
    }

    /// The recipe as run, its seed filled in.
    #[must_use]
    pub fn recipe_json(&self) -> serde_json::Value {
        self.recipe.clone().with_seed(self.seed).to_json()
    }

    /// The recipe.
    pub(crate) const fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The classes of the dataset.
    pub(crate) fn classes(&self) -> &Classes {
        &self.classes
    }

    /// The bounds on what is read and made.
    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The writer of the labels.
    #[must_use]
    pub const fn label_writer(&self) -> &LabelWriter {
        &self.label_writer
    }

    /// The outputs of every source, in order.
    pub fn copies(&self) -> impl ExactSizeIterator<Item = Copy> + use<> {
        let first = u32::from(self.recipe.output.include_original);
        let of = move |i: u32| if i < first { Copy::Original } else { Copy::Augmented(i - first) };
        (0..self.recipe.count.saturating_add(first)).map(of)
    }

    /// Decodes a source and places its labels.
    ///
    /// # Errors
    /// The decoder's and the labels', within the source's name.
    pub fn prepare(&self, item: &Item, bytes: &[u8], mask: Option<&[u8]>) -> Result<Prepared> {
        self.prepare_inner(item, bytes, mask).within(|| item.name.clone())
    }

    fn prepare_inner(&self, item: &Item, bytes: &[u8], mask: Option<&[u8]>) -> Result<Prepared> {
        let decoded = codec::decode(bytes, &self.limits)?;
        let mask = match mask {
            Some(bytes) => Some(codec::decode_mask(bytes, &self.limits).within(|| "its mask".to_owned())?),
            None => None,
        };
        let header = decoded.header;
        let frame = Frame { stored: header.stored, upright: header.upright(), orientation: header.orientation };
        let mut placed = item.place(&frame, mask)?;
        placed.warnings.extend(unusable(&placed.dropped));
        let dropped = placed.dropped.into_iter();
        Ok(Prepared {
            name: item.name.clone(),
            digest: Digest::of(bytes),
            sample: Sample::new(Arc::new(decoded.image), &placed.labels),
            header,
            icc: decoded.icc.map(Into::into),
            class: placed.labels.class,
            extra: placed.labels.extra,
            labels_read: placed.read,
            labels_dropped: dropped.map(|d| Dropped { index: d.index, partner: None, reason: d.reason }).collect(),
            label_warnings: placed.warnings,
            image_warnings: decoded.warnings,
        })
    }

    /// Draws and renders one output of a source; `base` is its path without copy and extension.
    ///
    /// # Errors
    /// A step that does not fit the image, a partner's errors, the encoder's; within the source's name.
    pub fn render(&self, source: &Prepared, base: &str, copy: Copy, partner: &Partner<'_>) -> Result<Output> {
        self.render_inner(source, base, copy, partner).within(|| source.name.clone())
    }

    /// The plan of one output of a source.
    ///
    /// # Errors
    /// `Recipe` when a step does not fit the image.
    pub fn plan(&self, source: &Prepared, copy: Copy) -> Result<Plan> {
        self.plan_for(source.digest, source.sample.image.size(), &source.sample.objects, copy)
    }

    /// The plan of one output of an image that is known by its hash, size and objects alone.
    pub(crate) fn plan_for(&self, source: Digest, size: Size, objects: &[Tracked], copy: Copy) -> Result<Plan> {
        let Copy::Augmented(number) = copy else { return Ok(Plan::default()) };
        let subject = Subject { source, size, objects, classes: &self.classes, partners: &self.partners };
        draw_plan(&self.recipe, self.seed, number, &subject)
    }

    fn render_inner(&self, source: &Prepared, base: &str, copy: Copy, partner: &Partner<'_>) -> Result<Output> {
        let plan = self.plan(source, copy)?;
        let number = copy.number();
        let encoding = self.recipe.output.encoding(source.header.format);
        let suffix = number.map_or_else(|| "original".to_owned(), |number| number.to_string());
        let rendering = Rendering {
            output: format!("{base}_{suffix}.{}", encoding.format().extension()),
            copy: number,
            seed: self.seed,
            encoding,
            background: self.recipe.output.background,
            policy: &self.recipe.labels,
        };
        self.produce(source, &plan, rendering, partner)
    }

    /// Remakes the output of a manifest line from its source.
    ///
    /// # Errors
    /// `Replay` when the source is another or a step is unknown; otherwise as [`Job::render`].
    pub fn replay(&self, source: &Prepared, line: &Line, partner: &Partner<'_>) -> Result<Output> {
        self.replay_inner(source, line, partner).within(|| line.output.clone())
    }

    fn replay_inner(&self, source: &Prepared, line: &Line, partner: &Partner<'_>) -> Result<Output> {
        if source.digest != line.source_sha256 {
            return Err(Error::new(ErrorKind::Replay, format!("'{}' is not the source that was used", source.name)));
        }
        let rendering = Rendering {
            output: line.output.clone(),
            copy: line.copy,
            seed: line.seed,
            encoding: line.encoding,
            background: line.background,
            policy: &line.policy,
        };
        let mut output = self.produce(source, &Plan::from_json(&line.steps)?, rendering, partner)?;
        // The file may have moved since: the line keeps the name that it was read under.
        output.line.source.clone_from(&line.source);
        Ok(output)
    }

    fn produce(
        &self,
        source: &Prepared,
        plan: &Plan,
        rendering: Rendering<'_>,
        partner: &Partner<'_>,
    ) -> Result<Output> {
        let (objects_read, keypoints_read) = (Cell::new(source.labels_read), Cell::new(keypoints_of(&source.sample)));
        let counted = |digest: Digest| {
            let sample = partner(digest)?;
            objects_read.update(|read| read + sample.objects.len());
            keypoints_read.update(|read| read + keypoints_of(&sample));
            Ok(sample)
        };
        let around =
            Surroundings { classes: &self.classes, policy: rendering.policy, limits: &self.limits, partner: &counted };
        let mut rows = execute_rows(plan, source.sample.clone(), &around)?;
        let size = rows.size();
        let image = codec::encode_rows(&mut rows, &rendering.encoding, source.icc.as_deref(), rendering.background)?;
        let (mask, objects) = rows.into_labels();

        let mut counts = LabelCounts {
            format: self.label_format,
            read: objects_read.get(),
            dropped: source.labels_dropped.clone(),
            keypoints_read: keypoints_read.get(),
            warnings: source.label_warnings.clone(),
            ..LabelCounts::default()
        };
        let mut labels = self.survivors(objects, source, rendering.policy, size, &mut counts);
        labels.mask = mask.map(Arc::unwrap_or_clone);
        let mut written = self.label_writer.render(&rendering.output, size, &labels)?;
        if let Some(mask) = &labels.mask {
            let png = Encoding::Png { compression: PngCompression::Fast };
            let bytes = codec::encode(mask, &png, None, Fill::BLACK).within(|| "its mask".to_owned())?;
            written.entries.push((mask_entry_name(&rendering.output), bytes));
        }
        let line = Line {
            sha256: Digest::of(&image),
            output: rendering.output,
            source: source.name.clone(),
            source_sha256: source.digest,
            copy: rendering.copy,
            seed: rendering.seed,
            engine: ENGINE.to_owned(),
            width: size.width,
            height: size.height,
            steps: plan.to_json(),
            encoding: rendering.encoding,
            background: rendering.background,
            policy: *rendering.policy,
            labels: counts,
            warnings: source.image_warnings.clone(),
        };
        Ok(Output { line, image, labels: written, placed: labels })
    }

    fn survivors(
        &self,
        tracked: Vec<Tracked>,
        source: &Prepared,
        policy: &LabelPolicy,
        size: Size,
        counts: &mut LabelCounts,
    ) -> Labels {
        let mut objects = Vec::with_capacity(tracked.len());
        for tracked in tracked {
            match survive(tracked, policy, size) {
                Ok(object) => {
                    counts.keypoints_kept += labelled(&object.keypoints);
                    objects.push(object);
                }
                Err(dropped) => counts.dropped.push(dropped),
            }
        }
        counts.kept = objects.len();
        Labels { objects, mask: None, class: source.class.clone(), extra: source.extra.clone() }
    }
}

/// A warning about objects that are lost before any step is drawn: the input is at fault, not the augmentation.
fn unusable(dropped: &[Dropped]) -> Option<String> {
    let first = dropped.first()?;
    let others = if dropped.len() > 1 { format!(" (and {} more)", dropped.len() - 1) } else { String::new() };
    Some(format!("object {} cannot be used and is left out: {}{others}", first.index, first.reason))
}

fn keypoints_of(sample: &Sample) -> usize {
    sample.objects.iter().map(|tracked| labelled(tracked.keypoints())).sum()
}

fn labelled(keypoints: &[crate::labels::Keypoint]) -> usize {
    keypoints.iter().filter(|keypoint| keypoint.visibility != Visibility::Absent).count()
}

/// The paths of all outputs of a dataset, item by item, without copy and extension.
#[must_use]
pub fn bases(dataset: &Dataset) -> Vec<String> {
    output_bases(&dataset.items)
}
