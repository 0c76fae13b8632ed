//! Remaking outputs from manifest lines: sources found by content, lines grouped by source.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use augment_core::digest::Digest;
use augment_core::error::{Error, ErrorKind, Result};
use augment_core::files::Files;
use augment_core::formats::Dataset;
use augment_core::output::Line;
use augment_core::pipeline::{Output, Prepared, RunSpec};
use augment_core::plan::Recipe;
use augment_core::run::{Partners, Raw};

use crate::dataset::InputDataset;
use crate::schedule::Work;

/// The lines of one source, in the order of its copies.
#[derive(Debug)]
pub(crate) struct SourceLines {
    /// The source's name in the run.
    pub(crate) source: String,
    digest: Digest,
    /// The item that has its content; `None` when no source given does.
    item: Option<usize>,
    pub(crate) lines: Vec<Line>,
}

/// Lines by source, in the order of the run (by source name, then copy), and the hashes of all images that may be mixed
/// into others. The dataset becomes the run's: each source has an item of its own, with its split and its number among
/// its equals as they were, and what the run did not take is left out.
pub(crate) fn by_source(found: &mut InputDataset, lines: &[Line]) -> (Vec<SourceLines>, Vec<(Digest, usize)>) {
    let mut by_source: BTreeMap<(String, Digest), Vec<Line>> = BTreeMap::new();
    for line in lines {
        by_source.entry((line.source.clone(), line.source_sha256)).or_default().push(line.clone());
    }
    let mixes = lines.iter().any(|line| line.steps.to_string().contains("partners"));
    let digests = digests(found, &by_source, mixes);
    let mut sources: Vec<SourceLines> = by_source
        .into_iter()
        .map(|((source, digest), mut lines)| {
            lines.sort_by_key(|line| line.copy);
            SourceLines { source, digest, item: None, lines }
        })
        .collect();
    assign(&mut sources, &digests, &mut found.dataset);
    let digests = retain_items(&mut sources, if mixes { digests } else { Vec::new() }, &mut found.dataset);
    (sources, digests)
}

/// Gives every source the item of its content whose name is most like its own, each item once: labels may differ. Where
/// a content is there fewer times than in the run, its item stands for several.
fn assign(sources: &mut [SourceLines], digests: &[(Digest, usize)], dataset: &mut Dataset) {
    let alike = |item: usize, source: &str, dataset: &Dataset| {
        dataset.items[item].name.rsplit('/').zip(source.rsplit('/')).take_while(|(a, b)| a == b).count()
    };
    let mut items: BTreeMap<Digest, Vec<usize>> = BTreeMap::new();
    for (digest, item) in digests {
        items.entry(*digest).or_default().push(*item);
    }
    let mut pairs = Vec::new();
    for (at, source) in sources.iter().enumerate() {
        for item in items.get(&source.digest).into_iter().flatten() {
            pairs.push((Reverse(alike(*item, &source.source, dataset)), *item, at));
        }
    }
    pairs.sort_unstable();
    let mut taken = BTreeSet::new();
    for (_, item, at) in &pairs {
        if sources[*at].item.is_none() && taken.insert(*item) {
            sources[*at].item = Some(*item);
        }
    }
    for (_, item, at) in pairs {
        if sources[at].item.is_none() {
            sources[at].item = Some(dataset.items.len());
            dataset.items.push(dataset.items[item].clone());
        }
    }
    for source in sources {
        if let (Some(item), Some(line)) = (source.item, source.lines.first()) {
            let item = &mut dataset.items[item];
            item.split.clone_from(&line.split);
            item.twin = line.twin;
        }
    }
}

/// Leaves out the items of splits that the run did not take; gives the hashes with their items' new places.
fn retain_items(
    sources: &mut [SourceLines],
    digests: Vec<(Digest, usize)>,
    dataset: &mut Dataset,
) -> Vec<(Digest, usize)> {
    let splits: BTreeSet<_> = sources.iter().filter_map(|source| source.lines.first()?.split.clone()).collect();
    let without_split = sources.iter().flat_map(|source| source.lines.first()).any(|line| line.split.is_none());
    let mut kept: BTreeSet<usize> = sources.iter().filter_map(|source| source.item).collect();
    kept.extend(digests.iter().map(|(_, item)| *item));
    let mut places = BTreeMap::new();
    let items = std::mem::take(&mut dataset.items);
    for (at, item) in items.into_iter().enumerate() {
        if kept.contains(&at) || item.split.as_ref().map_or(without_split, |split| splits.contains(split)) {
            places.insert(at, dataset.items.len());
            dataset.items.push(item);
        }
    }
    for source in sources {
        source.item = source.item.and_then(|item| places.get(&item).copied());
    }
    digests.into_iter().filter_map(|(digest, item)| Some((digest, *places.get(&item)?))).collect()
}

/// Hashes images until all that are wanted are found, each content as often as the run had it: first those that are
/// named as in the run, then the rest.
fn digests(found: &InputDataset, by_source: &BTreeMap<(String, Digest), Vec<Line>>, all: bool) -> Vec<(Digest, usize)> {
    let mut wanted: BTreeMap<Digest, usize> = BTreeMap::new();
    for (_, digest) in by_source.keys() {
        *wanted.entry(*digest).or_default() += 1;
    }
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
            if let Some(missing) = wanted.get_mut(&digest) {
                *missing -= 1;
                if *missing == 0 {
                    wanted.remove(&digest);
                }
            }
            digests.push((digest, item));
        }
    }
    digests.sort_by_key(|(_, item)| *item);
    digests
}

/// Remakes the lines of each source.
pub(crate) struct Remake<'a> {
    pub(crate) found: &'a InputDataset,
    pub(crate) job: &'a RunSpec,
    pub(crate) partners: Partners,
    pub(crate) sources: &'a [SourceLines],
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

    fn render(&self, source: usize, prepared: &Prepared, copy: usize) -> Result<Output> {
        let partner = |digest| self.partners.fetch(self.found, self.job, digest);
        let line = &self.sources[source].lines[copy];
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
        self.sources[source].item.ok_or_else(|| {
            Error::new(ErrorKind::Replay, "no source given has its content; was it changed or left out?")
        })
    }
}
