//! Everything that is named on the command line, as one set of files.

mod folder;
mod on_disk;
mod sidecars;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use augment_core::error::{Error, ErrorKind};
use augment_core::files;
use augment_core::formats::holds_companions;
use augment_core::limits::Limits;

use self::on_disk::{Gathered, group_of, open_zip};
pub(crate) use self::on_disk::{OnDisk, cause_of, read_file};

/// All input files by name.
pub(crate) type Inputs = files::Inputs<OnDisk, BufReader<File>>;

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

/// Whether a file is a zip by its first bytes; an empty archive begins with its end record.
fn is_zip(path: &Path) -> bool {
    let mut magic = [0; 4];
    File::open(path).and_then(|mut file| file.read_exact(&mut magic)).is_ok()
        && matches!(&magic, b"PK\x03\x04" | b"PK\x05\x06")
        || path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
}
