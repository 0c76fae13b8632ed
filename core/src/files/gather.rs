//! Merges input folders, zips and files into one set: skips hidden files, adds prefixes if file names clash.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};

use super::Files;
use crate::archive::ZipFiles;
use crate::error::{Context, Error, ErrorKind, Result};
use crate::limits::Limits;

/// The files that every output of ours has.
const OWN: [&str; 2] = ["manifest.jsonl", "recipe.json"];

/// Whether a file or folder of this name is passed over: hidden ones, and what systems leave behind.
#[must_use]
pub fn is_hidden(name: &str) -> bool {
    name.starts_with('.') || matches!(name, "__MACOSX" | "Thumbs.db" | "desktop.ini" | "$RECYCLE.BIN")
}

/// Whether a folder or archive is an output of an earlier run, by whether it holds files of some names.
pub fn is_earlier_output(holds: impl Fn(&str) -> bool) -> bool {
    OWN.iter().all(|own| holds(own))
}

/// A file that can be read when it is wanted.
pub trait Stored {
    /// Its size in bytes.
    fn size(&self) -> u64;

    /// Its bytes.
    ///
    /// # Errors
    /// `Io` when it cannot be read, `Limit` when it is larger than `max_file_bytes`.
    fn read(&self, limits: &Limits) -> Result<Vec<u8>>;
}

/// All input files by name. Names of a single input are relative to it. With several inputs, if any name clashes, each
/// input's names get a prefix: as much of the end of its path as makes it unique.
/// Names and order depend on the set of inputs, never on their order.
#[derive(Debug)]
pub struct Inputs<P, R> {
    names: Vec<String>,
    /// In the order of `names`.
    places: Vec<Place<P>>,
    zips: Vec<ZipFiles<R>>,
    /// What cannot be used, by name, with the reason.
    pub problems: Vec<(String, Error)>,
    /// What was passed over that a person may have meant.
    pub notes: Vec<String>,
    /// Whether single files were named, so that a label file may speak of images that are not there.
    pub partial: bool,
    limits: Limits,
}

/// Where a file is.
#[derive(Clone, Debug)]
enum Place<P> {
    Plain(P),
    Zip { zip: usize, name: String },
}

/// The files of one input.
#[derive(Debug)]
pub struct InputFiles<P> {
    /// The parts of the input's path: what it gets its prefix from.
    root: Vec<String>,
    entries: Vec<(String, Place<P>)>,
    /// What cannot be used of it, by name.
    problems: Vec<(String, Error)>,
}

impl<P> InputFiles<P> {
    /// An input without files yet, by the parts of its path.
    #[must_use]
    pub fn new<'a>(root: impl IntoIterator<Item = &'a str>) -> Self {
        let clean = |c: char| if c.is_control() || c == '\\' { '_' } else { c };
        let root = root.into_iter().map(|part| part.chars().map(clean).collect()).collect();
        Self { root, entries: Vec::new(), problems: Vec::new() }
    }

    /// Adds a file by its name inside the input.
    pub fn add(&mut self, name: String, file: P) {
        self.entries.push((name, Place::Plain(file)));
    }

    /// Notes a file that cannot be used.
    pub fn fail(&mut self, name: String, error: Error) {
        self.problems.push((name, error));
    }

    /// The names of its files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _)| name.as_str())
    }
}

/// What the inputs hold, while they are looked through.
#[derive(Debug)]
pub struct Gathered<P, R> {
    groups: Vec<InputFiles<P>>,
    zips: Vec<ZipFiles<R>>,
    problems: Vec<(String, Error)>,
    notes: Vec<String>,
    limits: Limits,
}

impl<P, R: Read + Seek> Gathered<P, R> {
    /// No input yet.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self { groups: Vec::new(), zips: Vec::new(), problems: Vec::new(), notes: Vec::new(), limits }
    }

    /// Notes an input that cannot be used.
    pub fn fail(&mut self, name: String, error: Error) {
        self.problems.push((name, error));
    }

    /// Notes that an output of an earlier run is passed over.
    pub fn pass_over(&mut self, name: &str) {
        self.notes.push(format!("{name}: an output of an earlier run, passed over; name it to use it"));
    }

    /// Adds an input.
    pub fn push(&mut self, group: InputFiles<P>) {
        self.groups.push(group);
    }

    /// Adds an archive that was named itself: its files are the input's. `shown` is what a person calls it.
    pub fn push_zip(&mut self, mut group: InputFiles<P>, shown: &str, reader: Result<R>) {
        match reader.and_then(|reader| self.open_zip(reader)) {
            Ok(zip) => self.add_zip(&mut group, "", zip),
            Err(error) => self.problems.push((shown.to_owned(), error)),
        }
        self.groups.push(group);
    }

    /// Adds an archive inside a folder, in place, so that `set.zip` holds `set.zip/a.jpg`; an output of an earlier run
    /// is passed over.
    ///
    /// # Errors
    /// `Archive` or `Limit` when it cannot be opened.
    pub fn add_inner_zip(&mut self, group: &mut InputFiles<P>, name: &str, reader: R) -> Result<()> {
        let zip = self.open_zip(reader)?;
        if is_earlier_output(|own| zip.names().iter().any(|name| name == own)) {
            self.pass_over(name);
        } else {
            self.add_zip(group, &format!("{name}/"), zip);
        }
        Ok(())
    }

    fn open_zip(&self, reader: R) -> Result<ZipFiles<R>> {
        ZipFiles::open(reader, self.limits).map_err(|error| match error.kind() {
            ErrorKind::Archive => Error::new(ErrorKind::Archive, format!("this is no whole zip ({})", error.message())),
            _ => error,
        })
    }

    /// Adds the entries of a zip under a prefix.
    fn add_zip(&mut self, group: &mut InputFiles<P>, prefix: &str, zip: ZipFiles<R>) {
        for (name, error) in zip.problems() {
            group.problems.push((format!("{prefix}{name}"), error.clone()));
        }
        let index = self.zips.len();
        group.entries.extend(
            zip.names()
                .iter()
                .filter(|name| !name.split('/').any(is_hidden))
                .map(|name| (format!("{prefix}{name}"), Place::Zip { zip: index, name: name.clone() })),
        );
        self.zips.push(zip);
    }

    /// All files in one space of names. `partial` says whether single files were named.
    #[must_use]
    pub fn finish(self, partial: bool) -> Inputs<P, R> {
        let Self { groups, zips, mut problems, notes, limits } = self;
        let prefixes = prefixes(&groups);
        let mut listed: Vec<(String, Place<P>)> = Vec::new();
        for (group, prefix) in groups.into_iter().zip(prefixes) {
            problems.extend(group.problems.into_iter().map(|(name, error)| (format!("{prefix}{name}"), error)));
            listed.extend(group.entries.into_iter().map(|(name, place)| (format!("{prefix}{name}"), place)));
        }
        listed.sort_by(|a, b| a.0.cmp(&b.0));
        problems.sort_by(|a, b| a.0.cmp(&b.0));
        let (names, places) = listed.into_iter().unzip();
        Inputs { names, places, zips, problems, notes, partial, limits }
    }
}

impl<P, R> Inputs<P, R> {
    /// A file that is one by itself; `None` where it is inside a zip or not there.
    pub fn plain(&self, name: &str) -> Option<&P> {
        match self.place(name)? {
            Place::Plain(file) => Some(file),
            Place::Zip { .. } => None,
        }
    }

    fn place(&self, name: &str) -> Option<&Place<P>> {
        self.names.binary_search_by(|other| other.as_str().cmp(name)).ok().map(|at| &self.places[at])
    }

    /// Keeps only the files and problems whose names pass.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        let all = std::mem::take(&mut self.names).into_iter().zip(std::mem::take(&mut self.places));
        (self.names, self.places) = all.filter(|(name, _)| keep(name)).unzip();
        self.problems.retain(|(name, _)| keep(name));
    }
}

impl<P: Stored, R: Read + Seek> Files for Inputs<P, R> {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        match self.place(name) {
            None => Err(Error::new(ErrorKind::Io, "there is no such file").within(name)),
            Some(Place::Zip { zip, name }) => self.zips[*zip].read(name),
            Some(Place::Plain(file)) => file.read(&self.limits).within(|| name.to_owned()),
        }
    }

    fn size(&self, name: &str) -> Option<u64> {
        match self.place(name)? {
            Place::Plain(file) => Some(file.size()),
            Place::Zip { zip, name } => self.zips[*zip].size(name),
        }
    }
}

/// What to put before the names of each group: nothing, unless two groups hold the same name; then the end of each
/// group's path, as much of it as makes it its own.
fn prefixes<P>(groups: &[InputFiles<P>]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let unique = groups.iter().flat_map(InputFiles::names).all(|name| seen.insert(name));
    if unique {
        return vec![String::new(); groups.len()];
    }
    let longest = groups.iter().map(|group| group.root.len()).max().unwrap_or_default();
    let mut tails = Vec::new();
    for length in 1..=longest.max(1) {
        tails = groups.iter().map(|group| group.root[group.root.len().saturating_sub(length)..].join("/")).collect();
        let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
        for tail in &tails {
            *counts.entry(tail).or_default() += 1;
        }
        if counts.values().all(|count| *count == 1) {
            break;
        }
    }
    tails.iter().map(|tail| if tail.is_empty() { String::new() } else { format!("{tail}/") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(root: &[&str], names: &[&str]) -> InputFiles<()> {
        let mut group = InputFiles::new(root.iter().copied());
        names.iter().for_each(|name| group.add((*name).to_owned(), ()));
        group
    }

    #[test]
    fn inputs_that_share_no_name_keep_their_names() {
        let groups = [group(&["x", "images.zip"], &["a.jpg"]), group(&["x", "labels.zip"], &["a.txt"])];
        assert_eq!(prefixes(&groups), ["", ""]);
    }

    #[test]
    fn inputs_that_share_a_name_are_told_apart_by_as_much_of_their_paths_as_it_takes() {
        let groups = [group(&["x", "cats"], &["a.jpg"]), group(&["x", "dogs"], &["a.jpg"])];
        assert_eq!(prefixes(&groups), ["cats/", "dogs/"]);
        let groups = [group(&["x", "v1", "train"], &["a.jpg"]), group(&["x", "v2", "train"], &["a.jpg"])];
        assert_eq!(prefixes(&groups), ["v1/train/", "v2/train/"]);
    }

    #[test]
    fn hidden_and_system_files_are_passed_over() {
        for name in [".DS_Store", ".git", "__MACOSX", "Thumbs.db"] {
            assert!(is_hidden(name), "{name}");
        }
        assert!(!is_hidden("a.jpg"), "an image is no system file");
    }
}
