//! Everything that is named on the command line, as one set of files.

mod folder;
mod sidecars;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Component, Path, PathBuf};

use augment_core::error::{Error, ErrorKind, Result};
use augment_core::files::{self, Stored};
use augment_core::formats::holds_companions;
use augment_core::limits::Limits;

/// All input files by name.
pub(crate) type Inputs = files::Inputs<OnDisk, BufReader<File>>;

type Gathered = files::Gathered<OnDisk, BufReader<File>>;
type Group = files::Group<OnDisk>;

/// A file on disk and its size.
#[derive(Clone, Debug)]
pub(crate) struct OnDisk(PathBuf, u64);

impl Stored for OnDisk {
    fn size(&self) -> u64 {
        self.1
    }

    fn read(&self, limits: &Limits) -> Result<Vec<u8>> {
        read_file(&self.0, limits)
    }
}

/// Lists the inputs; reads no file but the directories of zips. Nothing fails here: what cannot be used is a problem.
/// `outputs` are passed over in folders: they are about to be replaced.
pub(crate) fn open(paths: &[PathBuf], outputs: &[&Path], limits: Limits) -> Inputs {
    let outputs: Vec<PathBuf> = outputs.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let mut gathered = Gathered::new(limits);
    let mut seen: Vec<PathBuf> = Vec::new();
    let mut parts: Vec<PathBuf> = Vec::new();
    for path in paths {
        let shown = || path.display().to_string();
        match path.canonicalize() {
            Ok(root) if seen.contains(&root) => {}
            Ok(root) => {
                if root.is_dir() || root.is_file() && !is_zip(&root) {
                    parts.push(root.clone());
                } else if root.is_file() {
                    add_zip(&mut gathered, &root);
                } else {
                    gathered.fail(shown(), Error::new(ErrorKind::Io, "it is neither a file nor a folder"));
                }
                seen.push(root);
            }
            Err(cause) => gathered.fail(shown(), Error::new(ErrorKind::Io, cause_of(&cause))),
        }
    }
    let roots = sidecars::by_root(&parts);
    let partial = roots.iter().any(|(root, named)| !named.contains(root));
    for (root, named) in roots {
        sidecars::add(&mut gathered, &root, &named, &outputs);
    }
    gathered.finish(partial)
}

/// Adds an archive that was named itself. One that is named after a split keeps its name as a folder.
fn add_zip(gathered: &mut Gathered, path: &Path) {
    let name = path.file_name().and_then(|name| name.to_str()).filter(|name| holds_companions(name));
    let mut group = group_of(path);
    match name {
        None => gathered.push_zip(group, &path.display().to_string(), open_zip(path)),
        Some(name) => {
            let added = open_zip(path).and_then(|reader| gathered.add_inner_zip(&mut group, name, reader));
            match added {
                Ok(()) => gathered.push(group),
                Err(error) => gathered.fail(path.display().to_string(), error),
            }
        }
    }
}

/// An input by its canonical path.
fn group_of(root: &Path) -> Group {
    let parts = root.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    let parts: Vec<_> = parts.collect();
    Group::new(parts.iter().map(AsRef::as_ref))
}

fn open_zip(path: &Path) -> Result<BufReader<File>> {
    File::open(path).map(BufReader::new).map_err(|cause| Error::new(ErrorKind::Io, cause_of(&cause)))
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
