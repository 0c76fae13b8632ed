//! A recipe over files in memory, into a dataset in memory.

use std::collections::BTreeMap;

use augment_core::files::{Files, InMemory};
use augment_core::formats::{LabelChoice, LabelFormat};
use augment_core::limits::Limits;
use augment_core::output::{Assembler, Sink};
use augment_core::pipeline::RunSpec;
use augment_core::plan::Recipe;
use augment_core::run::{InputDataset, Partners, Workload};
use augment_core::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde_json::Value;

/// What a run wrote.
#[derive(Debug)]
pub(crate) struct Written {
    /// The dataset's files.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// The manifest's lines.
    pub(crate) lines: Vec<Line>,
    /// What the program says that it could not use.
    pub(crate) troubles: Vec<String>,
}

/// What is looked at of a manifest line.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Line {
    pub(crate) output: String,
    pub(crate) source: String,
    pub(crate) split: Option<String>,
}

/// Files by name; a name that is taken is an error.
#[derive(Default)]
struct Kept(BTreeMap<String, Vec<u8>>);

impl Sink for Kept {
    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        match self.0.insert(name.to_owned(), bytes.to_vec()) {
            None => Ok(()),
            Some(_) => Err(Error::new(ErrorKind::Io, format!("{name} is written twice"))),
        }
    }
}

/// Runs a recipe over files, all of a set or a `part`; labels are written as they came unless a format is given.
pub(crate) fn run(
    files: &BTreeMap<String, Vec<u8>>,
    part: bool,
    recipe: &Value,
    format: Option<LabelFormat>,
) -> Result<Written> {
    let limits = Limits::default();
    let recipe = Recipe::from_value(recipe.clone()).unwrap_or_else(|problems| panic!("{recipe}: {problems:?}"));
    let inputs: InMemory = files.clone().into_iter().collect();
    let found = InputDataset::open(inputs, part, LabelChoice::Auto, limits)?;
    let job = RunSpec::new(recipe, 7, &found.dataset, format.unwrap_or(found.dataset.format).written_as(), limits);
    let (work, partners) = (Workload::new(&found, &job, false), Partners::default());
    let mut assembler = Assembler::new(Kept::default());
    for source in 0..work.sources() {
        if let Err(error) = outputs(&found, &job, &work, &partners, source, &mut assembler) {
            assembler.fail(&found.dataset.items[source].name, &error);
        }
    }
    let (Kept(files), summary) = assembler.finish(job.label_writer(), Some(&job.recipe_json()))?;
    let problems = found.dataset.problems.iter().map(|problem| format!("{}: {}", problem.file, problem.error));
    let failed = summary.failed.iter().map(|failure| format!("{}: {}", failure.source, failure.error));
    let troubles = problems.chain(failed).collect();
    let manifest = files.get("manifest.jsonl").map(|bytes| String::from_utf8_lossy(bytes)).unwrap_or_default();
    let lines = manifest.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    Ok(Written { files, lines, troubles })
}

/// All outputs of a source.
fn outputs<F: Files>(
    found: &InputDataset<F>,
    job: &RunSpec,
    work: &Workload,
    partners: &Partners,
    source: usize,
    assembler: &mut Assembler<Kept>,
) -> Result<()> {
    let prepared = found.prepare(job, source, found.read(source)?.0)?;
    for copy in 0..work.copies_of(source) {
        assembler.push(work.render(found, job, partners, (source, &prepared), copy)?.0)?;
    }
    Ok(())
}
