//! `delta augment`: a recipe over a dataset, on all processors, into a zip or a folder.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail};
use augment_core::codec::{self, Encoding, PngCompression, Subsampling};
use augment_core::error::Error;
use augment_core::formats::{LabelChoice, LabelFormat};
use augment_core::image::Fill;
use augment_core::limits::Limits;
use augment_core::output::Assembler;
use augment_core::output::contact_sheet::{self, Tile};
use augment_core::pipeline::RunSpec;
use augment_core::plan::{OutputFormat, Recipe};
use augment_core::run::{CopyFailures, copy_cause};
use serde_json::json;

use crate::args::{AugmentArgs, FormatArg, LabelsArg};
use crate::console::Console;
use crate::dataset::{self, InputDataset};
use crate::input;
use crate::outcome::Outcome;
use crate::recipe;
use crate::report::{Report, Troubles};
use crate::run::{Run, with_partners};
use crate::schedule::{self, Turn};
use crate::target::{self, Target};

/// The largest seed: every JSON reader keeps it exactly.
const MAX_SEED: u64 = (1 << 53) - 1;

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
        None => getrandom::u64().context("no random seed is available; set one with --seed")? & MAX_SEED,
    };
    let mut limits = Limits::default();
    limits.max_pixels = args.max_pixels.unwrap_or(limits.max_pixels);
    let sheet = match args.contact_sheet.as_deref() {
        Some(path) => Some((path, sheet_encoding(path)?)),
        None => None,
    };
    // Begun early, so that a bad name costs no work.
    let target = Target::begin(&args.output)?;

    let outputs: Vec<&Path> = std::iter::once(args.output.as_path()).chain(args.contact_sheet.as_deref()).collect();
    let (choice, format) = labels_of(args.labels);
    let mut found = dataset::open(input::open(&args.inputs, &outputs, limits), choice, limits)?;
    if let Some(splits) = &args.split {
        found.dataset.keep(splits)?;
    }
    found.dataset.check_augmented(&recipe.augment)?;
    let unchanged = found.dataset.unchanged_splits(&recipe.augment);
    let described = found.dataset.described(&unchanged);
    if !args.json && !found.dataset.items.is_empty() {
        console.result(&described)?;
    }
    let format = found.dataset.written_format(format);
    found.dataset.check_writable(format)?;
    let mut troubles = Troubles::new(console);
    let mut assembler = Assembler::new(target);
    for (name, error) in dataset::tell(&found, format, &mut troubles) {
        assembler.fail(&name, &error);
    }
    let sources = found.dataset.items.len();
    if sources == 0 {
        bail!(found.dataset.without_images());
    }

    let jobs = args.jobs.map_or_else(available_jobs, usize::from);
    let job = RunSpec::new(recipe.clone(), seed, &found.dataset, format, limits);
    for warning in job.warnings() {
        troubles.warn(warning);
    }
    let (job, partners) = with_partners(&found, job, recipe.mixes(), jobs)?;
    let run = Run::new(&found, &job, &partners, sheet.is_some());
    console.begin(run.total());
    let tiles = render(&run, &found, jobs, console, &mut troubles, &mut assembler)?;
    console.end();
    troubles.end();
    if assembler.summary().outputs == 0 {
        bail!("no output could be made of {sources} image(s)");
    }

    let copies = run.copies();
    let recipe = job.recipe_json();
    let (target, summary) = assembler.finish(job.label_writer(), Some(&recipe))?;
    let outcome = if summary.failed.is_empty() { Outcome::Done } else { Outcome::Partly };
    let mut report = Report {
        summary,
        sources,
        copies,
        found: described,
        splits: found.dataset.splits(),
        unchanged,
        warnings: troubles.warnings(),
        labels: format,
        seed,
        seconds: 0.0,
    };
    let (outcome, written) = if args.strict && troubles.any() {
        console.error("nothing is written, because --strict lets no failure or warning pass");
        (Outcome::Partly, None)
    } else {
        if let Some((path, encoding)) = sheet {
            let picture = contact_sheet::sheet(&tiles, &found.dataset.classes);
            target::write_file(path, &codec::encode(&picture, &encoding, None, Fill::BLACK)?)?;
        }
        (outcome, Some(target.finish()?))
    };
    report.seconds = began.elapsed().as_secs_f64();
    report.print(console, args.json, written.as_ref())?;
    Ok(outcome)
}

/// Renders everything into the output; gives the tiles of the contact sheet.
fn render(
    run: &Run<'_>,
    found: &InputDataset,
    jobs: usize,
    console: &Console,
    troubles: &mut Troubles<'_>,
    assembler: &mut Assembler<Target>,
) -> anyhow::Result<Vec<Tile>> {
    let mut tiles = Vec::new();
    let mut failures = CopyFailures::default();
    schedule::run(run, run.extent(jobs), |turn| {
        match turn {
            Turn::Output((output, tile)) => {
                troubles.warnings_of(output.line());
                assembler.push(output)?;
                tiles.extend(tile);
            }
            Turn::SourceFailed { source, error } => {
                let name = &found.dataset.items[source].name;
                assembler.fail(name, &troubles.failed(name, &error));
                console.advance(run.copies_of(source) as u64 - 1);
            }
            Turn::CopyFailed { source, copy, error } => {
                let words = error.to_string();
                if failures.is_new(source, &words) {
                    let name = &found.dataset.items[source].name;
                    let cause = copy_cause(name, copy, &words);
                    assembler.fail(name, &troubles.failed(name, &Error::new(error.kind(), cause)));
                }
            }
        }
        console.advance(1);
        Ok(())
    })?;
    Ok(tiles)
}

/// Which labels to read, and which to write where that is not what was read.
pub(crate) const fn labels_of(labels: LabelsArg) -> (LabelChoice, Option<LabelFormat>) {
    match labels {
        LabelsArg::Auto => (LabelChoice::Auto, None),
        LabelsArg::None => (LabelChoice::Only(LabelFormat::None), Some(LabelFormat::None)),
        LabelsArg::Voc => (LabelChoice::Auto, Some(LabelFormat::Voc)),
        LabelsArg::Yolo => (LabelChoice::Auto, Some(LabelFormat::Yolo)),
        LabelsArg::YoloObb => (LabelChoice::Auto, Some(LabelFormat::YoloObb)),
        LabelsArg::Coco => (LabelChoice::Auto, Some(LabelFormat::Coco)),
        LabelsArg::LabelMe => (LabelChoice::Auto, Some(LabelFormat::LabelMe)),
        LabelsArg::Csv => (LabelChoice::Auto, Some(LabelFormat::Csv)),
        LabelsArg::Hf => (LabelChoice::Auto, Some(LabelFormat::Hf)),
        LabelsArg::Masks => (LabelChoice::Auto, Some(LabelFormat::Masks)),
    }
}

/// The recipe with what the command line changes of it.
fn recipe_of(args: &AugmentArgs) -> anyhow::Result<Recipe> {
    let mut recipe = recipe::load(&args.recipe)?;
    recipe.count = args.count.unwrap_or(recipe.count);
    recipe.augment = args.augment.clone().unwrap_or(recipe.augment);
    recipe.input.range = args.range.or(recipe.input.range);
    recipe.input.keep_truncated |= args.keep_truncated;
    recipe.output.quality = args.quality.unwrap_or(recipe.output.quality);
    recipe.output.subsampling = args.subsampling.or(recipe.output.subsampling);
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

fn sheet_encoding(path: &Path) -> anyhow::Result<Encoding> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_ascii_lowercase();
    match extension.as_str() {
        "png" => Ok(Encoding::Png { compression: PngCompression::Small }),
        "jpg" | "jpeg" => Ok(Encoding::Jpeg { quality: 90, subsampling: Subsampling::Full }),
        _ => bail!("{}: a contact sheet is a .png or a .jpg", path.display()),
    }
}
