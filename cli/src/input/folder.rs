//! Walks a folder: sorted, without hidden files, never out of the tree.

use std::path::{Path, PathBuf};

use augment_core::error::{Error, ErrorKind};
use augment_core::files::{is_earlier_output, is_hidden, safe_name};
use walkdir::WalkDir;

use super::on_disk::{Gathered, InputFiles, OnDisk, cause_of, open_zip};

/// Adds a folder's files, named from the root. Zips in it are opened in place, so that `set.zip` holds `set.zip/a.jpg`;
/// outputs of earlier runs in it are passed over with a note, and `outputs` without one.
pub(super) fn walk(gathered: &mut Gathered, group: &mut InputFiles, root: &Path, folder: &Path, outputs: &[PathBuf]) {
    let mut walk = WalkDir::new(folder).sort_by_file_name().into_iter();
    while let Some(entry) = walk.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let name = error.path().map_or_else(|| root.display().to_string(), |path| relative(root, path));
                let cause = error.io_error().map_or_else(|| String::from("it cannot be listed"), cause_of);
                group.fail(name, Error::new(ErrorKind::Io, cause));
                continue;
            }
        };
        if entry.depth() == 0 {
            continue;
        }
        let is_dir = entry.file_type().is_dir();
        if is_hidden(&entry.file_name().to_string_lossy()) || outputs.iter().any(|output| output == entry.path()) {
            if is_dir {
                walk.skip_current_dir();
            }
            continue;
        }
        let name = relative(root, entry.path());
        if is_dir {
            if is_earlier_output(|own| entry.path().join(own).is_file()) {
                gathered.pass_over(&name);
                walk.skip_current_dir();
            }
            continue;
        }
        if let Err(error) = add_file(gathered, group, root, entry.path(), &name) {
            group.fail(name, error);
        }
    }
}

/// Adds one file of a folder.
fn add_file(
    gathered: &mut Gathered,
    group: &mut InputFiles,
    root: &Path,
    path: &Path,
    name: &str,
) -> Result<(), Error> {
    if path.to_str().is_none() {
        return Err(Error::new(ErrorKind::Io, "its name is not UTF-8; rename it"));
    }
    let name = safe_name(name).map_err(|error| error.within("rename it"))?;
    let io = |cause: std::io::Error| Error::new(ErrorKind::Io, cause_of(&cause));
    let target: PathBuf = if path.is_symlink() {
        let target = path.canonicalize().map_err(io)?;
        if !target.starts_with(root) {
            return Err(Error::new(ErrorKind::Io, "a link out of the folder, which is not followed"));
        }
        if target.is_dir() {
            // The folder itself is walked already.
            return Ok(());
        }
        target
    } else {
        path.to_owned()
    };
    let facts = target.metadata().map_err(io)?;
    if !facts.is_file() {
        return Err(Error::new(ErrorKind::Io, "it is not a regular file"));
    }
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip")) {
        return gathered.add_inner_zip(group, &name, open_zip(&target)?);
    }
    group.add(name, OnDisk(target, facts.len()));
    Ok(())
}

/// A path inside a folder, with forward slashes.
fn relative(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}
