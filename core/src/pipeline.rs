//! The flow of one image: decode → plan → render → encode → the entries of the output dataset.

mod source;
mod warnings;
mod work;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::augmenter::Augmenter;
use crate::codec::{self, Encoding, Format, Header};
use crate::digest::Digest;
use crate::engine::{RenderContext, execute_rows_until};
use crate::error::{Context, Error, ErrorKind, Result};
use crate::flips;
use crate::formats::{
    Dataset, Frame, Item, LabelFormat, LabelWriter, MaskFile, OutputLabels, Split, extension_of, masks,
    outlines::Outlines,
};
use crate::geometry::Size;
use crate::image::{Fill, Rows as _};
use crate::labels::{Classes, Dropped, LabelPolicy, Labels, ObjectState, Visibility, keep_or_drop};
use crate::limits::Limits;
use crate::output::{LabelCounts, Line, Unchanged, output_bases};
use crate::plan::{Plan, Recipe};

use self::warnings::{PASSES, told_of_unchanged, unusable};

pub use crate::engine::{Sample, Stop};
pub(crate) use source::drawn_from;
pub use source::{CopyKind, Raw};

/// The version that manifests name: outputs of one version are the same bytes everywhere.
pub const ENGINE: &str = env!("CARGO_PKG_VERSION");

/// What is the same for all images of a run. Shared by all workers.
#[derive(Debug)]
pub struct RunSpec {
    augmenter: Augmenter,
    /// The splits that go through unchanged.
    unchanged: BTreeSet<Option<Split>>,
    label_format: LabelFormat,
    label_writer: LabelWriter,
    /// Makes objects of masks, where objects are wanted and the input has masks alone.
    outlines: Option<Outlines>,
    /// What a person should know about the recipe over the dataset.
    warnings: Vec<String>,
    /// Whether the bytes of every source are kept, since some output may be them.
    keeps_bytes: bool,
}

/// A source, decoded once for all of its copies. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Name of the source.
    pub name: String,
    /// Hash of its bytes.
    pub digest: Digest,
    /// Its number among the sources of the same content.
    pub twin: u32,
    /// Pixels and labels.
    pub sample: Sample,
    header: Header,
    icc: Option<Arc<[u8]>>,
    /// The bytes, where an output takes some as they are.
    raw: Option<Arc<Raw>>,
    masks: Vec<MaskFile>,
    split: Option<Split>,
    /// The size of the frame that the labels of an unchanged output are in.
    labeled_size: Size,
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
    /// The labels and the masks in pixels of the output, to draw over it.
    pub placed: Labels,
}

/// Fetches another image of the dataset by its hash, for mixing steps.
pub type Partner<'a> = dyn Fn(Digest) -> Result<Sample> + 'a;

/// What a plan is rendered as.
struct Rendering<'a> {
    output: String,
    /// What of the output the source's bytes are.
    unchanged: Option<Unchanged>,
    copy: Option<u32>,
    seed: u64,
    encoding: Encoding,
    background: Fill,
    policy: &'a LabelPolicy,
    stop: &'a Stop,
}

impl RunSpec {
    /// A run of a recipe over a dataset, its labels written in a format.
    #[must_use]
    pub fn new(recipe: Recipe, seed: u64, input: &Dataset, labels: LabelFormat, limits: Limits) -> Self {
        let (dataset, outlines) = &Outlines::applied(input, labels);
        let skips_flips = dataset.is_unpaired() && !recipe.labels.flip_unpaired && recipe.mirrors();
        let doubles_numbers = recipe.mixes() && masks::number_things(dataset);
        let told = [(skips_flips, flips::WARNING), (doubles_numbers, masks::MIXED)];
        let (unchanged, label_format) = (dataset.unchanged_splits(&recipe.augment), labels.written_as());
        let mut warnings: Vec<String> =
            told.into_iter().filter(|(holds, _)| *holds).map(|(_, warning)| warning.to_owned()).collect();
        warnings.extend(told_of_unchanged(dataset, &unchanged, label_format));
        let recipe = if skips_flips { recipe.without_mirrors() } else { recipe };
        Self {
            unchanged,
            augmenter: Augmenter::new(recipe, seed).with_classes(Arc::clone(&dataset.classes)).with_limits(limits),
            warnings,
            label_format,
            label_writer: LabelWriter::new(labels, input),
            outlines: outlines.clone(),
            keeps_bytes: false,
        }
    }

    /// The same run with other splits that go through unchanged than the recipe says.
    #[must_use]
    pub fn leaving(mut self, unchanged: BTreeSet<Option<Split>>) -> Self {
        self.unchanged = unchanged;
        self
    }

    /// The splits that go through unchanged.
    #[must_use]
    pub const fn unchanged_splits(&self) -> &BTreeSet<Option<Split>> {
        &self.unchanged
    }

    /// Whether an item goes through unchanged, since its split is not augmented.
    #[must_use]
    pub fn leaves(&self, item: &Item) -> bool {
        self.unchanged.contains(&item.split)
    }

    /// The same run, in which any output may be its source's bytes: for lines of a manifest.
    #[must_use]
    pub const fn keeping_bytes(mut self) -> Self {
        self.keeps_bytes = true;
        self
    }

    /// The same run with the content hashes of all images, which mixing steps choose from.
    #[must_use]
    pub fn with_partners(mut self, hashes: Vec<Digest>) -> Self {
        self.augmenter = self.augmenter.with_partners(hashes);
        self
    }

    /// What a person should know about this recipe over this dataset.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The recipe as run, its seed filled in.
    #[must_use]
    pub fn recipe_json(&self) -> serde_json::Value {
        self.recipe().clone().with_seed(self.augmenter.seed()).to_json()
    }

    /// The recipe.
    pub(crate) const fn recipe(&self) -> &Recipe {
        self.augmenter.recipe()
    }

    /// The classes of the dataset.
    pub(crate) fn classes(&self) -> &Classes {
        self.augmenter.classes()
    }

    /// The bounds on what is read and made.
    pub(crate) const fn limits(&self) -> &Limits {
        self.augmenter.limits()
    }

    /// The writer of the labels.
    #[must_use]
    pub const fn label_writer(&self) -> &LabelWriter {
        &self.label_writer
    }

    /// The outputs of a source that is augmented, in order.
    #[must_use]
    pub fn copies(&self) -> Vec<CopyKind> {
        let first = u32::from(self.recipe().output.include_original);
        let of = |i: u32| if i < first { CopyKind::Original } else { CopyKind::Augmented(i - first) };
        (0..self.recipe().count.saturating_add(first)).map(of).collect()
    }

    /// The name of the label file that an output may have as it is.
    pub(crate) fn own_labels<'a>(&self, item: &'a Item) -> Option<&'a str> {
        item.own_label_file(self.label_format).filter(|_| self.leaves(item))
    }

    /// Decodes a source and places its labels.
    ///
    /// # Errors
    /// The decoder's and the labels', within the source's name.
    pub fn prepare(&self, item: &Item, raw: Raw) -> Result<Prepared> {
        self.prepare_inner(item, raw).within(|| item.name.clone())
    }

    fn prepare_inner(&self, item: &Item, raw: Raw) -> Result<Prepared> {
        let bytes = &raw.image;
        let decoded = codec::decode_as(bytes, self.limits(), &self.recipe().input)?;
        let mut warnings = Vec::new();
        let masks = item.decode_masks(raw.masks.iter().map(Vec::as_slice), self.limits(), &mut warnings)?;
        let header = decoded.header;
        let frame = Frame { stored: header.stored, upright: header.upright(), orientation: header.orientation };
        let mut placed = item.place_on(&frame, masks, self.leaves(item))?;
        // What is clipped or left out here stays in a file that is copied.
        let kept = self.own_labels(item).is_some();
        if kept && !placed.warnings.is_empty() && placed.labels.masks.is_empty() {
            placed.warnings.iter_mut().for_each(|warning| warning.push_str(PASSES));
        }
        placed.warnings.extend(warnings);
        if let Some(outlines) = &self.outlines {
            outlines.add(&mut placed, self.limits().max_objects)?;
        }
        placed.warnings.extend(unusable(&placed.dropped, kept));
        let dropped = placed.dropped.into_iter();
        let digest = Digest::of(bytes);
        let sample = Sample::new(Arc::new(decoded.image), &placed.labels);
        let keeps =
            self.leaves(item) || self.keeps_bytes || self.leaves_some(drawn_from(digest, item.twin), &header, &sample);
        Ok(Prepared {
            name: item.name.clone(),
            digest,
            twin: item.twin,
            raw: keeps.then(|| Arc::new(raw)),
            masks: item.masks.clone(),
            split: item.split.clone(),
            labeled_size: placed.size,
            sample,
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

    /// Whether some copy of a source is the source's own bytes.
    fn leaves_some(&self, digest: Digest, header: &Header, sample: &Sample) -> bool {
        let encoding = self.recipe().output.encoding(header);
        let empty = |copy| {
            self.plan_for(digest, sample.image.size(), &sample.objects, copy).is_ok_and(|plan| plan.steps.is_empty())
        };
        header.is_written_as(&encoding) && self.copies().into_iter().any(empty)
    }

    /// Draws and renders one output of a source; `base` is its path without copy and extension.
    ///
    /// # Errors
    /// A step that does not fit the image, a partner's errors, the encoder's; within the source's name.
    pub fn render(&self, source: &Prepared, base: &str, copy: CopyKind, partner: &Partner<'_>) -> Result<Output> {
        self.render_until(source, base, copy, partner, &Stop::default())
    }

    /// As [`RunSpec::render`], but it can be stopped.
    ///
    /// # Errors
    /// As [`RunSpec::render`], and `Stopped`.
    pub fn render_until(
        &self,
        source: &Prepared,
        base: &str,
        copy: CopyKind,
        partner: &Partner<'_>,
        stop: &Stop,
    ) -> Result<Output> {
        self.render_inner(source, base, copy, partner, stop).within(|| source.name.clone())
    }

    /// The plan of one output of a source.
    ///
    /// # Errors
    /// `Recipe` when a step does not fit the image.
    pub fn plan(&self, source: &Prepared, copy: CopyKind) -> Result<Plan> {
        let drawn_from = drawn_from(source.digest, source.twin);
        self.plan_for(drawn_from, source.sample.image.size(), &source.sample.objects, copy)
    }

    /// The plan of one output of an image that is known by what its draws come from, its size and objects alone.
    pub(crate) fn plan_for(&self, source: Digest, size: Size, objects: &[ObjectState], copy: CopyKind) -> Result<Plan> {
        let CopyKind::Augmented(number) = copy else { return Ok(Plan::default()) };
        self.augmenter.plan(source, size, objects, number)
    }

    fn render_inner(
        &self,
        source: &Prepared,
        base: &str,
        copy: CopyKind,
        partner: &Partner<'_>,
        stop: &Stop,
    ) -> Result<Output> {
        let plan = self.plan(source, copy)?;
        let encoding = self.recipe().output.encoding(&source.header);
        let unchanged = match copy {
            CopyKind::Untouched => Some(Unchanged::All),
            _ => (plan.steps.is_empty() && source.header.is_written_as(&encoding)).then_some(Unchanged::Image),
        };
        let extension = encoding.format().extension();
        let rendering = Rendering {
            output: match copy {
                CopyKind::Original => format!("{base}_original.{extension}"),
                CopyKind::Augmented(number) => format!("{base}_{number}.{extension}"),
                CopyKind::Untouched => format!("{base}.{}", extension_of(&source.name, source.header.format)),
            },
            unchanged,
            copy: copy.number(),
            seed: self.augmenter.seed(),
            encoding,
            background: self.recipe().output.background,
            policy: &self.recipe().labels,
            stop,
        };
        self.produce(source, &plan, rendering, partner)
    }

    /// Remakes the output of a manifest line from its source.
    ///
    /// # Errors
    /// `Replay` when the source is another or a step is unknown; otherwise as [`RunSpec::render`].
    pub fn replay(&self, source: &Prepared, line: &Line, partner: &Partner<'_>) -> Result<Output> {
        self.replay_inner(source, line, partner).within(|| line.output.clone())
    }

    fn replay_inner(&self, source: &Prepared, line: &Line, partner: &Partner<'_>) -> Result<Output> {
        if source.digest != line.source_sha256 {
            return Err(Error::new(ErrorKind::Replay, format!("'{}' is not the source that was used", source.name)));
        }
        let rendering = Rendering {
            output: line.output.clone(),
            unchanged: line.unchanged,
            copy: line.copy,
            seed: line.seed,
            encoding: line.encoding,
            background: line.background,
            policy: &line.policy,
            stop: &Stop::default(),
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
        let around = RenderContext {
            classes: self.classes(),
            policy: rendering.policy,
            limits: self.limits(),
            partner: &counted,
        };
        let raw = rendering.unchanged.and(source.raw.as_deref());
        let (image, size, masks, objects) = match raw {
            Some(raw) => {
                let Sample { image, masks, objects } = source.sample.clone();
                (raw.image.clone(), image.size(), masks, objects)
            }
            None => {
                let mut rows = execute_rows_until(plan, source.sample.clone(), &around, rendering.stop)?;
                let size = rows.size();
                let (encoding, icc) = (&rendering.encoding, source.icc.as_deref());
                let image = codec::encode_rows(&mut rows, encoding, icc, rendering.background)?;
                let (masks, objects) = rows.into_labels();
                (image, size, masks, objects)
            }
        };

        let mut counts = LabelCounts {
            format: self.label_format,
            read: objects_read.get(),
            dropped: source.labels_dropped.clone(),
            keypoints_read: keypoints_read.get(),
            warnings: source.label_warnings.clone(),
            ..LabelCounts::default()
        };
        let mut labels = self.survivors(objects, source, rendering.policy, size, &mut counts);
        let as_it_is = raw.filter(|_| rendering.unchanged == Some(Unchanged::All));
        let size_of_labels = if as_it_is.is_some() { source.labeled_size } else { size };
        labels.masks = masks;
        labels.masks.extend(self.label_writer.paint(size_of_labels, &labels, &mut counts.warnings)?.map(Arc::new));
        let mut written = self.write_labels(source, &rendering, size_of_labels, &labels, as_it_is)?;
        // Other kinds of files stay only where everything does: beside augmented ones all masks are PNGs.
        let are_png = |raw: &&Raw| raw.masks.iter().all(|mask| Format::sniff(mask) == Some(Format::Png));
        let own_masks = as_it_is.or_else(|| raw.filter(are_png)).map(|raw| &raw.masks[..]);
        written.entries.extend(masks::written(&labels.masks, &rendering.output, &source.masks, own_masks)?);
        let line = Line {
            sha256: Digest::of(&image),
            output: rendering.output,
            source: source.name.clone(),
            source_sha256: source.digest,
            twin: source.twin,
            split: source.split.clone(),
            unchanged: raw.and(rendering.unchanged),
            copy: rendering.copy,
            seed: rendering.seed,
            engine: ENGINE.to_owned(),
            width: size.width,
            height: size.height,
            steps: plan.to_json(),
            input: self.recipe().input,
            encoding: rendering.encoding,
            background: rendering.background,
            policy: *rendering.policy,
            labels: counts,
            warnings: if raw.is_some() { Vec::new() } else { source.image_warnings.clone() },
        };
        Ok(Output { line, image, labels: written, placed: labels })
    }

    /// The label files of an output; `as_it_is` has those that the source's own bytes are.
    fn write_labels(
        &self,
        source: &Prepared,
        rendering: &Rendering<'_>,
        size: Size,
        labels: &Labels,
        as_it_is: Option<&Raw>,
    ) -> Result<OutputLabels> {
        let mut written = self.label_writer.render(&rendering.output, source.split.as_ref(), size, labels)?;
        if let (Some(own), [(_, bytes)]) = (as_it_is.and_then(|raw| raw.labels.as_ref()), &mut written.entries[..]) {
            bytes.clone_from(own);
        }
        Ok(written)
    }

    fn survivors(
        &self,
        tracked: Vec<ObjectState>,
        source: &Prepared,
        policy: &LabelPolicy,
        size: Size,
        counts: &mut LabelCounts,
    ) -> Labels {
        let mut objects = Vec::with_capacity(tracked.len());
        for tracked in tracked {
            counts.mirrored += usize::from(tracked.is_repeat());
            match keep_or_drop(tracked, policy, size) {
                Ok(object) => {
                    counts.keypoints_kept += labeled(&object.keypoints);
                    objects.push(object);
                }
                Err(dropped) => counts.dropped.push(dropped),
            }
        }
        counts.kept = objects.len();
        Labels { objects, masks: Vec::new(), class: source.class.clone(), extra: source.extra.clone() }
    }
}

fn keypoints_of(sample: &Sample) -> usize {
    sample.objects.iter().map(|tracked| labeled(tracked.keypoints())).sum()
}

fn labeled(keypoints: &[crate::labels::Keypoint]) -> usize {
    keypoints.iter().filter(|keypoint| keypoint.visibility != Visibility::Absent).count()
}

/// The paths of all outputs of a dataset, item by item, without copy and extension.
#[must_use]
pub fn bases(dataset: &Dataset) -> Vec<String> {
    output_bases(&dataset.items)
}
