//! `delta augment`: a recipe over a dataset, on all processors, into a zip or a folder.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail};
use augment_core::codec;
use augment_core::digest::Digest;
use augment_core::error::Result;
use augment_core::formats::{LabelChoice, LabelFormat, LabelWriter};
use augment_core::labels::Labels;
use augment_core::limits::Limits;
use augment_core::output::contact_sheet::{self, Tile};
use augment_core::output::{Assembler, Summary};
use augment_core::pipeline::{Copy, Job, Output, Prepared, bases};
use augment_core::plan::{OutputFormat, Recipe};
use serde_json::json;

use crate::Outcome;
use crate::args::{AugmentArgs, FormatArg, LabelsArg};
use crate::bench::{Found, Partners, Raw};
use crate::console::Console;
use crate::input::Inputs;
use crate::recipe;
use crate::report::{Report, Troubles};
use crate::schedule::{self, Extent, Turn, Work};
use crate::target::{self, Target};

/// The largest seed: every JSON reader keeps it exactly.
const MOST_SEED: u64 = (1 << 53) - 1;

pub(crate) fn run(console: &Console, args: &AugmentArgs) -> anyhow::Result<Outcome> {
    let result = augment(console, args);
    if let (Err(error), true) = (&result, args.json) {
        console.result(json!({ "error": format!("{error:#}") }))?;
    }
    result
}

fn augment(console: &Console, args: &AugmentArgs) -> anyhow::Result<Outcome> {
    let began = Instant::now();
    let recipe = recipe_of(args)?;
    let seed = match args.seed.or(recipe.seed) {
        Some(seed) => seed,
        None => getrandom::u64().context("no fresh seed can be had; give one by --seed")? & MOST_SEED,
    };
    let mut limits = Limits::default();
    limits.max_pixels = args.max_pixels.unwrap_or(limits.max_pixels);
    let sheet = args.contact_sheet.as_deref().map(contact_sheet_format).transpose()?;
    // Begun early, so that a bad name costs no work.
    let target = Target::begin(&args.output)?;

    let outputs: Vec<&Path> =
        [Some(&args.output), args.contact_sheet.as_ref()].into_iter().flatten().map(AsRef::as_ref).collect();
    let inputs = Inputs::open(&args.inputs, &outputs, limits);
    let (choice, written) = match args.labels {
        LabelsArg::Auto => (LabelChoice::Auto, None),
        LabelsArg::None => (LabelChoice::Only(LabelFormat::None), Some(LabelFormat::None)),
        LabelsArg::Voc => (LabelChoice::Auto, Some(LabelFormat::Voc)),
        LabelsArg::Yolo => (LabelChoice::Auto, Some(LabelFormat::Yolo)),
        LabelsArg::Coco => (LabelChoice::Auto, Some(LabelFormat::Coco)),
    };
    let found = Found::open(inputs, choice, limits)?;
    let format = written.unwrap_or(found.dataset.format);
    let job = Job::new(recipe.clone(), seed, &found.dataset, format, limits);
    let jobs = args.jobs.map_or_else(available_jobs, usize::from);

    let mut troubles = Troubles::new(console);
    let mut assembler = Assembler::new(target);
    for note in &found.inputs.notes {
        troubles.note(note);
    }
    for (name, error) in &found.inputs.problems {
        assembler.fail(name, &troubles.failed(name, error));
    }
    for problem in &found.dataset.problems {
        assembler.fail(&problem.file, &troubles.failed(&problem.file, &problem.error));
    }
    let losses = LabelWriter::new(format, &found.dataset);
    for warning in found.dataset.warnings.iter().chain(losses.warnings()) {
        troubles.warn(warning);
    }
    if found.dataset.items.is_empty() {
        bail!("no image was found in the input");
    }

    let (job, partners) = with_partners(&found, job, recipe.mixes(), jobs)?;
    let copies: Vec<Copy> = job.copies().collect();
    let total = found.dataset.items.len() as u64 * copies.len() as u64;
    let run = Run {
        found: &found,
        job: &job,
        partners: &partners,
        bases: bases(&found.dataset),
        copies,
        sheet: sheet.map(|_| total),
    };
    console.begin(total);
    let mut tiles = Vec::new();
    let mut failures = CopyFailures::default();
    let extent = Extent { copies: vec![run.copies.len() as u32; found.dataset.items.len()], jobs };
    schedule::run(&run, extent, |turn| {
        match turn {
            Turn::Output((output, tile)) => {
                troubles.warnings_of(output.line());
                assembler.push(output)?;
                tiles.extend(tile);
            }
            Turn::SourceFailed { source, error } => {
                let name = &found.dataset.items[source].name;
                assembler.fail(name, &troubles.failed(name, &error));
                console.advance(run.copies.len() as u64 - 1);
            }
            Turn::CopyFailed { source, copy, error } => {
                // All copies of a source mostly fail for one reason, which is told once.
                if failures.is_new(source, &error.to_string()) {
                    let name = &found.dataset.items[source].name;
                    let error = augment_core::Error::new(
                        error.kind(),
                        format!("copy {copy}: {}", troubles.cause(name, &error)),
                    );
                    assembler.fail(name, &troubles.failed(name, &error));
                }
            }
        }
        console.advance(1);
        Ok(())
    })?;
    console.end();
    troubles.end();

    let Run { copies, .. } = run;
    drop(partners);
    let bad = troubles.any();
    if assembler.summary().outputs == 0 {
        bail!("no output could be made of {} image(s)", found.dataset.items.len());
    }
    let recipe_json = job.recipe_json();
    let (target, summary) = assembler.finish(job.into_label_writer(), Some(&recipe_json))?;
    let report = |summary: Summary| Report {
        summary,
        sources: found.dataset.items.len(),
        copies: copies.len(),
        warnings: troubles.warnings(),
        labels: format,
        seed,
        seconds: began.elapsed().as_secs_f64(),
    };
    if args.strict && bad {
        drop(target);
        console.error("nothing is written, because --strict lets no failure or warning pass");
        report(summary).print(console, args.json, None)?;
        return Ok(Outcome::Partly);
    }
    if let (Some(path), Some(encoding)) = (&args.contact_sheet, &sheet) {
        let picture = contact_sheet::sheet(&tiles, &found.dataset.classes);
        let bytes = codec::encode(&picture, encoding, None, augment_core::image::Fill::BLACK)?;
        target::write_file(path, &bytes)?;
    }
    let written = target.finish()?;
    let partly = !summary.failed.is_empty();
    report(summary).print(console, args.json, Some(&written))?;
    Ok(if partly { Outcome::Partly } else { Outcome::Done })
}

/// The recipe with what the command line changes of it.
fn recipe_of(args: &AugmentArgs) -> anyhow::Result<Recipe> {
    let mut recipe = recipe::load(&args.recipe)?;
    recipe.count = args.count.unwrap_or(recipe.count);
    recipe.output.quality = args.quality.unwrap_or(recipe.output.quality);
    if let Some(format) = args.format {
        recipe.output.format = match format {
            FormatArg::Jpeg => OutputFormat::Jpeg,
            FormatArg::Png => OutputFormat::Png,
            FormatArg::Webp => OutputFormat::WebP,
            FormatArg::Keep => OutputFormat::Keep,
        };
    }
    Ok(recipe)
}

/// As many threads as there are processors for this process.
pub(crate) fn available_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn contact_sheet_format(path: &Path) -> anyhow::Result<codec::Encoding> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_ascii_lowercase();
    match extension.as_str() {
        "png" => Ok(codec::Encoding::Png { compression: codec::PngCompression::Small }),
        "jpg" | "jpeg" => Ok(codec::Encoding::Jpeg { quality: 90, subsampling: codec::Subsampling::Full }),
        _ => bail!("{}: a contact sheet is a .png or a .jpg", path.display()),
    }
}

/// The job with the hashes of all images that can be used, where the recipe mixes any.
fn with_partners<'a>(found: &'a Found, job: Job, mixes: bool, jobs: usize) -> anyhow::Result<(Job, Partners<'a>)> {
    let mut digests = Vec::new();
    if mixes {
        let extent = Extent { copies: vec![1; found.dataset.items.len()], jobs };
        schedule::run(&Survey { found, job: &job }, extent, |turn| {
            if let Turn::Output(digest) = turn {
                digests.push(digest);
            }
            Ok(())
        })?;
    }
    let job = job.with_partners(digests.iter().map(|(digest, _)| *digest).collect());
    Ok((job, Partners::new(found, digests)))
}

/// The first look at every image of a run that mixes them: which can be used, and their hashes.
struct Survey<'a> {
    found: &'a Found,
    job: &'a Job,
}

impl Work for Survey<'_> {
    type Raw = Raw;
    type Prepared = Digest;
    type Output = (Digest, usize);

    fn read(&self, source: usize) -> Result<(Raw, u64)> {
        self.found.read(source)
    }

    fn prepare(&self, source: usize, raw: Raw) -> Result<Digest> {
        self.found.prepare(self.job, source, raw).map(|prepared| prepared.digest)
    }

    fn render(&self, source: usize, digest: &Digest, _: u32) -> Result<(Digest, usize)> {
        Ok((*digest, source))
    }

    fn bytes(_: &(Digest, usize)) -> u64 {
        size_of::<(Digest, usize)>() as u64
    }
}

/// The run itself.
struct Run<'a> {
    found: &'a Found,
    job: &'a Job,
    partners: &'a Partners<'a>,
    bases: Vec<String>,
    copies: Vec<Copy>,
    /// The number of outputs, where a contact sheet is wanted.
    sheet: Option<u64>,
}

impl Work for Run<'_> {
    type Raw = Raw;
    type Prepared = Prepared;
    type Output = (Output, Option<Tile>);

    fn read(&self, source: usize) -> Result<(Raw, u64)> {
        self.found.read(source)
    }

    fn prepare(&self, source: usize, raw: Raw) -> Result<Prepared> {
        self.found.prepare(self.job, source, raw)
    }

    fn render(&self, source: usize, prepared: &Prepared, copy: u32) -> Result<(Output, Option<Tile>)> {
        let partner = |digest| self.partners.fetch(self.job, digest);
        let mut output = self.job.render(prepared, &self.bases[source], self.copies[copy as usize], &partner)?;
        let position = source as u64 * self.copies.len() as u64 + u64::from(copy);
        let labels = std::mem::take(&mut output.placed);
        let shown = self.sheet.filter(|total| contact_sheet::shows(position, *total));
        let tile = shown.map(|total| self.tile(&output, &labels, contact_sheet::side(total))).transpose()?;
        Ok((output, tile))
    }

    fn bytes((output, tile): &(Output, Option<Tile>)) -> u64 {
        let labels: usize = output.labels.entries.iter().map(|(_, bytes)| bytes.len()).sum();
        let tile = tile.as_ref().map_or(0, Tile::bytes);
        output.image.len() as u64 + labels as u64 + tile
    }
}

impl Run<'_> {
    /// The picture as written, so that the sheet shows what the zip holds.
    fn tile(&self, output: &Output, labels: &Labels, side: u32) -> Result<Tile> {
        let picture = codec::decode(&output.image, &self.found.limits)?.image;
        Tile::new(&output.line.output, &picture, labels, &self.found.dataset.classes, side)
    }
}

/// Which failures of a source's copies were told already.
#[derive(Default)]
struct CopyFailures {
    source: Option<usize>,
    told: Vec<String>,
}

impl CopyFailures {
    fn is_new(&mut self, source: usize, error: &str) -> bool {
        if self.source != Some(source) {
            *self = Self { source: Some(source), told: Vec::new() };
        }
        let new = !self.told.iter().any(|told| told == error);
        if new {
            self.told.push(error.to_owned());
        }
        new
    }
}
