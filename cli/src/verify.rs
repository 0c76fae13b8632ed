//! `delta verify`: a finished output against its own manifest and against what its sources give today.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use augment_core::digest::Digest;
use augment_core::files::Files;
use augment_core::output::{Line, Unchanged};
use augment_core::pipeline::Output;
use augment_core::plan::Recipe;

use crate::args::VerifyArgs;
use crate::console::Console;
use crate::input::Inputs;
use crate::outcome::Outcome;
use crate::replay::{Past, Sources, limits};
use crate::schedule::Turn;

pub(crate) fn run(console: &Console, args: &VerifyArgs) -> anyhow::Result<Outcome> {
    let limits = limits();
    let past = Past::open(&args.zip, limits)?;
    let Some(files) = past.files else { bail!("{}: give the zip or the folder, not its manifest", args.zip.display()) };
    let lines = &past.manifest.lines;
    let mut check = Check { console, files: &files, expected: BTreeSet::new(), differences: 0 };
    for (name, error) in &files.problems {
        check.differs(name, error);
    }
    check.expected.extend(["manifest.jsonl", "recipe.json"].map(String::from));
    let recipe = match past.recipe.map(Recipe::from_value) {
        Some(Ok(recipe)) => Some(recipe),
        Some(Err(problems)) => {
            problems.iter().for_each(|problem| check.differs("recipe.json", problem));
            None
        }
        None => {
            check.differs("recipe.json", "it is missing");
            None
        }
    };
    let sources = Sources::open(&args.source, &[], lines, recipe, limits)?;
    let mut names = BTreeMap::new();
    for line in lines {
        *names.entry(line.output.as_str()).or_insert(0) += 1;
    }
    for (name, _) in names.into_iter().filter(|(_, count)| *count > 1) {
        check.differs(name, "the manifest names it more than once");
    }
    let by_output: BTreeMap<&str, &Line> = lines.iter().rev().map(|line| (line.output.as_str(), line)).collect();
    console.begin(lines.len() as u64);
    let (mut remade, mut confirmed, mut fragments, mut whole) = (0usize, 0usize, Vec::new(), true);
    sources.remake(|turn| {
        console.advance(1);
        match turn {
            Turn::Output(output) => {
                let line = by_output.get(output.line.output.as_str());
                remade += 1;
                confirmed += usize::from(line.is_some_and(|line| check.output(line, &output)));
                fragments.extend(output.labels.fragment);
            }
            Turn::SourceFailed { source, error } => {
                let group = &sources.by_source[source];
                whole = false;
                console.advance(group.lines.len() as u64 - 1);
                for line in &group.lines {
                    check.expected.insert(line.output.clone());
                    check.differs(&line.output, format_args!("cannot be remade: {}: {error}", group.source));
                }
            }
            Turn::CopyFailed { source, copy, error } => {
                let line = &sources.by_source[source].lines[copy];
                whole = false;
                check.expected.insert(line.output.clone());
                check.differs(&line.output, format_args!("cannot be remade: {error}"));
            }
        }
        Ok(())
    })?;
    console.end();
    let format = sources.label_format();
    for (name, bytes) in sources.job.label_writer().finish(&fragments)? {
        if whole {
            check.entry(&name, &bytes);
        } else {
            check.expected.insert(name);
        }
    }
    if whole {
        check.strangers();
    }
    let total = lines.len();
    if remade == 0 {
        bail!("none of {total} output(s) could be remade");
    }
    console.result(format_args!(
        "{}: {confirmed} of {total} output(s) confirmed with their labels ({}), {} difference(s)",
        args.zip.display(),
        format.title(),
        check.differences
    ))?;
    Ok(if check.differences == 0 { Outcome::Done } else { Outcome::Partly })
}

/// Compares, and names each difference.
struct Check<'a> {
    console: &'a Console,
    files: &'a Inputs,
    /// Every name that belongs to the output.
    expected: BTreeSet<String>,
    differences: usize,
}

impl Check<'_> {
    fn differs(&mut self, name: &str, what: impl std::fmt::Display) {
        self.differences += 1;
        self.console.error(format_args!("{name}: {what}"));
    }

    /// Compares an output's image, labels and line; true when all agree.
    fn output(&mut self, line: &Line, output: &Output) -> bool {
        let before = self.differences;
        self.expected.insert(line.output.clone());
        match self.files.read(&line.output) {
            Err(error) => self.unreadable(&line.output, &error),
            Ok(bytes) => {
                if Digest::of(&bytes) != line.sha256 {
                    self.differs(&line.output, "its SHA-256 is not the manifest's");
                }
                if bytes != output.image {
                    self.differs(&line.output, "the bytes are not what its source and the manifest give");
                }
            }
        }
        if output.line.sha256 != line.sha256 {
            self.differs(&line.output, "the manifest's SHA-256 is not that of the image remade");
        }
        let number = line.copy.map_or_else(|| "original".to_owned(), |copy| copy.to_string());
        let untouched = line.unchanged == Some(Unchanged::All);
        if !untouched && !line.output.rsplit_once('.').is_some_and(|(stem, _)| stem.ends_with(&format!("_{number}"))) {
            self.differs(&line.output, "the manifest's 'copy' is not that of its name");
        }
        for field in differing_fields(line, &output.line) {
            self.differs(
                &line.output,
                format_args!("the manifest's '{field}' is not what its source and the recipe give"),
            );
        }
        for (name, bytes) in &output.labels.entries {
            self.entry(name, bytes);
        }
        self.differences == before
    }

    /// Compares a file with what it should be.
    fn entry(&mut self, name: &str, bytes: &[u8]) {
        self.expected.insert(name.to_owned());
        match self.files.read(name) {
            Err(error) => self.unreadable(name, &error),
            Ok(found) if found != bytes => self.differs(name, "the bytes are not what the sources give"),
            Ok(_) => {}
        }
    }

    fn unreadable(&mut self, name: &str, error: &augment_core::Error) {
        if self.files.size(name).is_some() {
            self.differs(name, format_args!("cannot be read: {}", error.message()));
        } else if !self.files.problems.iter().any(|(problem, _)| problem == name) {
            self.differs(name, "it is missing");
        }
    }

    /// Names files that nothing speaks of.
    fn strangers(&mut self) {
        let files = self.files;
        for name in files.names() {
            if !self.expected.contains(name) {
                self.differs(name, "the manifest does not speak of it");
            }
        }
    }
}

/// The fields of two lines that are not equal; hashes are compared by themselves, and an engine of another version may
/// well make the same bytes.
fn differing_fields(a: &Line, b: &Line) -> Vec<String> {
    let json =
        |line: &Line| serde_json::to_value(line).ok().and_then(|value| value.as_object().cloned()).unwrap_or_default();
    let (a, b) = (json(a), json(b));
    let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let told = |name: &&&String| !matches!(name.as_str(), "sha256" | "engine");
    names.into_iter().filter(|name| a.get(*name) != b.get(*name)).filter(|name| told(&name)).cloned().collect()
}
