//! Remaking outputs from manifest lines: sources found by content, lines grouped by source.

use std::collections::{BTreeMap, BTreeSet};

use augment_core::digest::Digest;
use augment_core::error::{Error, ErrorKind, Result};
use augment_core::files::Files;
use augment_core::formats::Dataset;
use augment_core::output::Line;
use augment_core::pipeline::{Job, Output, Prepared};
use augment_core::plan::Recipe;
use augment_core::run::{Partners, Raw};

use crate::dataset::Found;
use crate::schedule::Work;

/// The lines of one source, in the order of its copies.
#[derive(Debug)]
pub(crate) struct Group {
    /// The source's name in the run.
    pub(crate) source: String,
    /// The item that has its content; `None` when no source given does.
    item: Option<usize>,
    pub(crate) lines: Vec<Line>,
}

impl Group {
    /// Marks the item as it was in the run: its split and its number among its equals.
    pub(crate) fn mark(&self, dataset: &mut Dataset) {
        if let (Some(item), Some(line)) = (self.item, self.lines.first()) {
            let item = &mut dataset.items[item];
            item.split.clone_from(&line.split);
            item.twin = line.twin;
        }
    }
}

/// Lines by source, in the order of the run (by source name, then copy), and the hashes of all images that were read.
pub(crate) fn groups(found: &Found, lines: &[Line]) -> (Vec<Group>, Vec<(Digest, usize)>) {
    let mut by_source: BTreeMap<(String, Digest), Vec<Line>> = BTreeMap::new();
    for line in lines {
        by_source.entry((line.source.clone(), line.source_sha256)).or_default().push(line.clone());
    }
    let mut wanted: BTreeSet<Digest> = lines.iter().map(|line| line.source_sha256).collect();
    let mixes = lines.iter().any(|line| line.steps.to_string().contains("partners"));
    let digests = digests(found, &by_source, &mut wanted, mixes);
    let group = |((source, digest), mut lines): ((String, Digest), Vec<Line>)| {
        lines.sort_by_key(|line| line.copy);
        let alike = |item: usize| {
            let name = &found.dataset.items[item].name;
            name.rsplit('/').zip(source.rsplit('/')).take_while(|(a, b)| a == b).count()
        };
        // Of equal contents the one whose name is most like the run's; its labels may be its own.
        let candidates = digests.iter().filter(|(known, _)| *known == digest).map(|(_, item)| *item);
        let item = candidates.max_by_key(|item| (alike(*item), std::cmp::Reverse(*item)));
        Group { source, item, lines }
    };
    (by_source.into_iter().map(group).collect(), digests)
}

/// Hashes images until all that are wanted are found: first those that are named as in the run, then the rest.
fn digests(
    found: &Found,
    by_source: &BTreeMap<(String, Digest), Vec<Line>>,
    wanted: &mut BTreeSet<Digest>,
    all: bool,
) -> Vec<(Digest, usize)> {
    let named: BTreeSet<&str> = by_source.keys().map(|(source, _)| source.as_str()).collect();
    let (first, rest): (Vec<usize>, Vec<usize>) =
        (0..found.dataset.items.len()).partition(|item| named.contains(found.dataset.items[*item].name.as_str()));
    let mut digests = Vec::new();
    for item in first.into_iter().chain(rest) {
        if wanted.is_empty() && !all {
            break;
        }
        // What cannot be read is no source of anything; the lines that need it are named as missing.
        if let Ok(bytes) = found.inputs.read(&found.dataset.items[item].name) {
            let digest = Digest::of(&bytes);
            wanted.remove(&digest);
            digests.push((digest, item));
        }
    }
    digests.sort_by_key(|(_, item)| *item);
    digests
}

/// Remakes the lines of each source.
pub(crate) struct Remake<'a> {
    pub(crate) found: &'a Found,
    pub(crate) job: &'a Job,
    pub(crate) partners: Partners,
    pub(crate) groups: &'a [Group],
    /// The recipe that the lines must follow from, too, where that is to be checked.
    pub(crate) recipe: Option<&'a Recipe>,
}

impl Work for Remake<'_> {
    type Raw = Raw;
    type Prepared = Prepared;
    type Output = Output;

    fn read(&self, source: usize) -> Result<(Raw, u64)> {
        self.found.read(self.item(source)?)
    }

    fn prepare(&self, source: usize, raw: Raw) -> Result<Prepared> {
        self.found.prepare(self.job, self.item(source)?, raw)
    }

    fn render(&self, source: usize, prepared: &Prepared, copy: u32) -> Result<Output> {
        let partner = |digest| self.partners.fetch(self.found, self.job, digest);
        let line = &self.groups[source].lines[copy as usize];
        let mut output = self.job.replay(prepared, line, &partner)?;
        if let Some(recipe) = self.recipe {
            output.line.seed = recipe.seed.unwrap_or(line.seed);
            output.line.policy = recipe.labels;
            output.line.input = recipe.input;
            output.line.background = recipe.output.background;
            // What mixes depends on all images of the run, which may not be among the sources.
            if !recipe.mixes() {
                output.line.steps = self.job.plan(prepared, line.copy.into())?.to_json();
            }
        }
        // Only a contact sheet wants them.
        output.placed = augment_core::labels::Labels::default();
        Ok(output)
    }

    fn bytes(output: &Output) -> u64 {
        let labels: usize = output.labels.entries.iter().map(|(_, bytes)| bytes.len()).sum();
        (output.image.len() + labels) as u64
    }
}

impl Remake<'_> {
    fn item(&self, source: usize) -> Result<usize> {
        self.groups[source].item.ok_or_else(|| {
            Error::new(ErrorKind::Replay, "no source given has its content; was it changed or left out?")
        })
    }
}
