//! Everything that is named on the command line, as one set of files.

mod beside;
mod folder;
mod names;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use augment_core::archive::ZipFiles;
use augment_core::error::{Context, Error, ErrorKind, Result};
use augment_core::files::Files;
use augment_core::limits::Limits;

/// All input files by name. With one input, names are relative to it; several share one space of names, and where
/// two of them hold a file of the same name, each gets the end of its path in front: as much as tells them apart.
/// Names and order depend on the set of inputs, never on their order on the command line.
#[derive(Debug)]
pub(crate) struct Inputs {
    names: Vec<String>,
    /// In the order of `names`.
    places: Vec<Place>,
    zips: Vec<ZipFiles<BufReader<File>>>,
    /// What cannot be used, by name, with the reason.
    pub(crate) problems: Vec<(String, Error)>,
    /// What was passed over that a person may have meant.
    pub(crate) notes: Vec<String>,
    /// Whether single files were named, so that a label file may speak of images that are not there.
    pub(crate) partial: bool,
    limits: Limits,
}

/// Where a file is.
#[derive(Clone, Debug)]
enum Place {
    Disk(PathBuf, u64),
    Zip { zip: usize, name: String },
}

/// The files of one input.
#[derive(Debug)]
struct Group {
    /// The input's canonical path: what it gets its prefix from.
    root: PathBuf,
    entries: Vec<(String, Place)>,
    /// What cannot be used of it, by name.
    problems: Vec<(String, Error)>,
}

/// What the inputs hold, while they are read.
#[derive(Debug)]
struct Gathered {
    groups: Vec<Group>,
    zips: Vec<ZipFiles<BufReader<File>>>,
    problems: Vec<(String, Error)>,
    notes: Vec<String>,
    outputs: Vec<PathBuf>,
    limits: Limits,
}

impl Inputs {
    /// Lists the inputs; reads no file but the directories of zips. Nothing fails here: what cannot be used is a
    /// problem. `outputs` are passed over in folders: they are about to be replaced.
    pub(crate) fn open(paths: &[PathBuf], outputs: &[&Path], limits: Limits) -> Self {
        let outputs = outputs.iter().filter_map(|path| path.canonicalize().ok()).collect();
        let mut gathered =
            Gathered { groups: Vec::new(), zips: Vec::new(), problems: Vec::new(), notes: Vec::new(), outputs, limits };
        let mut roots: Vec<PathBuf> = Vec::new();
        let mut files: Vec<PathBuf> = Vec::new();
        for path in paths {
            match path.canonicalize() {
                Ok(root) if roots.contains(&root) => {}
                Ok(root) => {
                    let is_file = root.is_file() && !is_zip(&root);
                    if is_file {
                        files.push(root.clone());
                    } else if root.is_dir() {
                        gathered.folder(&root);
                    } else if root.is_file() {
                        gathered.zip(&root);
                    } else {
                        let error = Error::new(ErrorKind::Io, "it is neither a file nor a folder");
                        gathered.problems.push((path.display().to_string(), error));
                    }
                    roots.push(root);
                }
                Err(cause) => {
                    gathered.problems.push((path.display().to_string(), Error::new(ErrorKind::Io, cause_of(&cause))));
                }
            }
        }
        let partial = !files.is_empty();
        gathered.groups.extend(beside::groups(files));
        gathered.finish(partial)
    }

    fn place(&self, name: &str) -> Option<&Place> {
        self.names.binary_search_by(|other| other.as_str().cmp(name)).ok().map(|at| &self.places[at])
    }
}

impl Files for Inputs {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        match self.place(name) {
            None => Err(Error::new(ErrorKind::Io, "there is no such file").within(name)),
            Some(Place::Zip { zip, name }) => self.zips[*zip].read(name),
            Some(Place::Disk(path, _)) => read_file(path, &self.limits).within(|| name.to_owned()),
        }
    }

    fn size(&self, name: &str) -> Option<u64> {
        match self.place(name)? {
            Place::Disk(_, size) => Some(*size),
            Place::Zip { zip, name } => self.zips[*zip].size(name),
        }
    }
}

impl Gathered {
    /// Opens a zip that was named.
    fn zip(&mut self, path: &Path) {
        let mut group = Group { root: path.to_owned(), entries: Vec::new(), problems: Vec::new() };
        match self.open_zip(path) {
            Ok(zip) => self.add_zip(&mut group, "", zip),
            Err(error) => self.problems.push((path.display().to_string(), error)),
        }
        self.groups.push(group);
    }

    fn open_zip(&self, path: &Path) -> Result<ZipFiles<BufReader<File>>> {
        let file = File::open(path).map_err(|cause| Error::new(ErrorKind::Io, cause_of(&cause)))?;
        ZipFiles::open(BufReader::new(file), self.limits).map_err(|error| match error.kind() {
            ErrorKind::Archive => Error::new(ErrorKind::Archive, format!("this is no whole zip ({})", error.message())),
            _ => error,
        })
    }

    /// Adds the entries of a zip under a prefix.
    fn add_zip(&mut self, group: &mut Group, prefix: &str, zip: ZipFiles<BufReader<File>>) {
        for (name, error) in zip.problems() {
            group.problems.push((format!("{prefix}{name}"), error.clone()));
        }
        let index = self.zips.len();
        group.entries.extend(
            zip.names()
                .iter()
                .filter(|name| !name.split('/').any(names::is_hidden))
                .map(|name| (format!("{prefix}{name}"), Place::Zip { zip: index, name: name.clone() })),
        );
        self.zips.push(zip);
    }

    fn finish(self, partial: bool) -> Inputs {
        let Self { groups, zips, mut problems, notes, limits, .. } = self;
        let prefixes = names::prefixes(&groups);
        let mut listed: Vec<(String, Place)> = Vec::new();
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

/// Whether a file is a zip by its first bytes; an empty archive begins with its end record.
fn is_zip(path: &Path) -> bool {
    let mut magic = [0; 4];
    File::open(path).and_then(|mut file| file.read_exact(&mut magic)).is_ok()
        && matches!(&magic, b"PK\x03\x04" | b"PK\x05\x06")
        || path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
}

/// The bytes of a file, no more than the limit.
pub(crate) fn read_file(path: &Path, limits: &Limits) -> Result<Vec<u8>> {
    let failed = |cause: std::io::Error| Error::new(ErrorKind::Io, cause_of(&cause));
    let file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let too_large = || {
        Error::new(ErrorKind::Limit, format!("the file is larger than the limit of {} bytes", limits.max_file_bytes))
    };
    if size > limits.max_file_bytes {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(size as usize);
    file.take(limits.max_file_bytes + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limits.max_file_bytes {
        return Err(too_large());
    }
    Ok(bytes)
}

/// An operating system's words in the style of our own: `No such file or directory (os error 2)` loses its number.
pub(crate) fn cause_of(cause: &std::io::Error) -> String {
    let text = cause.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
