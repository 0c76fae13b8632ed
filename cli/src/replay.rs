//! `delta replay`: outputs remade from a manifest and the source images.

use std::path::Path;

use anyhow::{Context, anyhow, bail};
use augment_core::files::Files;
use augment_core::formats::LabelFormat;
use augment_core::limits::Limits;
use augment_core::output::{Assembler, Line, Manifest, Unchanged, read_manifest};
use augment_core::pipeline::RunSpec;
use augment_core::plan::Recipe;
use augment_core::run::Partners;
use serde_json::{Value, json};

use crate::args::ReplayArgs;
use crate::augment::available_jobs;
use crate::console::Console;
use crate::dataset::{InputDataset, choice_for, open};
use crate::input::{self, Inputs, read_file};
use crate::outcome::Outcome;
use crate::remake::{Remake, SourceLines, by_source};
use crate::report::Troubles;
use crate::schedule::{self, Extent, Turn};
use crate::target::Target;

/// Sources are known by their content, so what a run once took is taken again, however large.
const MAX_PIXELS: u64 = 1 << 32;

pub(crate) fn run(console: &Console, args: &ReplayArgs) -> anyhow::Result<Outcome> {
    let limits = limits();
    let past = Past::open(&args.manifest, limits)?;
    let Manifest { lines, failed } = past.manifest;
    let lines = chosen(lines, &args.only)?;
    let target = Target::begin(&args.output)?;
    let sources = Sources::open(&args.source, &[&args.output], &lines, None, limits)?;
    let mut troubles = Troubles::new(console);
    let mut assembler = Assembler::new(target);
    // A whole replay is the whole dataset again, with the lines of what failed; a part says nothing of them.
    if args.only.is_empty() {
        for (source, error) in &failed {
            assembler.fail(source, &augment_core::Error::new(augment_core::ErrorKind::Replay, error.clone()));
        }
    }
    let total: usize = sources.by_source.iter().map(|group| group.lines.len()).sum();
    console.begin(total as u64);
    sources.remake(|turn| {
        console.advance(1);
        match turn {
            Turn::Output(output) => assembler.push(output)?,
            Turn::SourceFailed { source, error } => {
                let group = &sources.by_source[source];
                console.advance(group.lines.len() as u64 - 1);
                troubles.failed(&group.source, &error);
            }
            Turn::CopyFailed { source, copy, error } => {
                let line = &sources.by_source[source].lines[copy];
                troubles.failed(&line.output, &error);
            }
        }
        Ok(())
    })?;
    console.end();
    let remade = assembler.summary().outputs;
    if remade == 0 {
        bail!("none of {total} output(s) could be remade");
    }
    let (target, _) = assembler.finish(sources.job.label_writer(), past.recipe.as_ref())?;
    let written = target.finish()?;
    console.result(format_args!("{}: {remade} of {total} output(s) remade", written.path.display()))?;
    if let Some(sha256) = &written.sha256 {
        console.result(format_args!("sha256 {sha256}"))?;
    }
    Ok(if remade == total { Outcome::Done } else { Outcome::Partly })
}

/// What a replay takes in.
pub(crate) fn limits() -> Limits {
    Limits { max_pixels: MAX_PIXELS, ..Limits::default() }
}

/// An earlier run, as its zip, its folder or its manifest tells of it.
pub(crate) struct Past {
    pub(crate) manifest: Manifest,
    /// The recipe as run, where it is there.
    pub(crate) recipe: Option<Value>,
    /// The files of the run; the manifest alone has none.
    pub(crate) files: Option<Inputs>,
}

impl Past {
    /// Reads an earlier run.
    pub(crate) fn open(path: &Path, limits: Limits) -> anyhow::Result<Self> {
        let shown = || path.display().to_string();
        let is_manifest = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jsonl"));
        let (text, recipe, files) = if is_manifest {
            let text = read_file(path, &limits).with_context(shown)?;
            let recipe = path.parent().map(|folder| folder.join("recipe.json"));
            (
                text,
                recipe.filter(|recipe| recipe.is_file()).map(|recipe| read_file(&recipe, &limits)).transpose()?,
                None,
            )
        } else {
            let files = input::open(&[path.to_owned()], &[], limits);
            let text = match files.read("manifest.jsonl") {
                Ok(text) => text,
                Err(_) if !path.exists() => bail!("{}: there is no such file or folder", path.display()),
                Err(_) => bail!("{}: it holds no manifest.jsonl: is it an output of delta?", path.display()),
            };
            let recipe = files.size("recipe.json").map(|_| files.read("recipe.json")).transpose()?;
            (text, recipe, Some(files))
        };
        let text = String::from_utf8(text).map_err(|_| anyhow!("the manifest is not UTF-8")).with_context(shown)?;
        let manifest = read_manifest(&text).with_context(shown)?;
        let recipe = recipe.map(|recipe| serde_json::from_slice(&recipe)).transpose().context("recipe.json")?;
        Ok(Self { manifest, recipe, files })
    }
}

/// The lines of the outputs that were asked for; all of them when none was.
fn chosen(lines: Vec<Line>, only: &[String]) -> anyhow::Result<Vec<Line>> {
    if let Some(absent) = only.iter().find(|only| !lines.iter().any(|line| line.output == **only)) {
        bail!("{absent}: the manifest has no such output");
    }
    Ok(lines.into_iter().filter(|line| only.is_empty() || only.contains(&line.output)).collect())
}

/// The sources of some lines, ready to be remade.
pub(crate) struct Sources {
    found: InputDataset,
    pub(crate) job: RunSpec,
    recipe: Option<Recipe>,
    pub(crate) by_source: Vec<SourceLines>,
    digests: Vec<(augment_core::digest::Digest, usize)>,
}

impl Sources {
    /// Finds the source of every line by its content. With a recipe, lines must follow from it, too.
    pub(crate) fn open(
        paths: &[std::path::PathBuf],
        outputs: &[&Path],
        lines: &[Line],
        recipe: Option<Recipe>,
        limits: Limits,
    ) -> anyhow::Result<Self> {
        let Some(format) = lines.first().map(|line| line.labels.format) else { bail!("the manifest has no output") };
        if lines.iter().any(|line| line.labels.format != format) {
            bail!("the manifest mixes formats of labels; remake its parts by --only");
        }
        let reading = lines.first().map(|line| line.input).unwrap_or_default();
        if lines.iter().any(|line| line.input != reading) {
            bail!("the manifest mixes ways of reading images; remake its parts by --only");
        }
        let inputs = input::open(paths, outputs, limits);
        if let Some((name, error)) = inputs.problems.first().filter(|_| inputs.names().is_empty()) {
            bail!("{name}: {error}");
        }
        let mut found = open(inputs, choice_for(format), limits)?;
        let (by_source, digests) = by_source(&mut found, lines);
        let as_it_is = lines.iter().filter(|line| line.unchanged == Some(Unchanged::All));
        let unchanged = as_it_is.map(|line| line.split.clone()).collect();
        // To remake, no recipe is needed: lines hold what it drew.
        let none = || Recipe::from_value(json!({ "version": 1, "steps": [] }));
        let mut run = recipe.clone().map_or_else(none, Ok).map_err(|_| anyhow!("the empty recipe is refused"))?;
        run.input = reading;
        let seed = run.seed.unwrap_or_default();
        let job = RunSpec::new(run, seed, &found.dataset, format, limits).keeping_bytes().leaving(unchanged);
        Ok(Self { found, job, recipe, by_source, digests })
    }

    /// Remakes all lines, in the order of the run.
    pub(crate) fn remake(
        &self,
        deliver: impl FnMut(Turn<augment_core::pipeline::Output>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let partners = Partners::new(self.digests.iter().copied());
        let remake = Remake {
            found: &self.found,
            job: &self.job,
            partners,
            sources: &self.by_source,
            recipe: self.recipe.as_ref(),
        };
        let copies = self.by_source.iter().map(|group| group.lines.len()).collect();
        schedule::run(&remake, Extent { copies, jobs: available_jobs() }, deliver)
    }

    /// The format of the labels.
    pub(crate) fn label_format(&self) -> LabelFormat {
        self.by_source.first().and_then(|group| group.lines.first()).map(|line| line.labels.format).unwrap_or_default()
    }
}
