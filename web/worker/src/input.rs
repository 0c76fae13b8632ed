//! Sorts dropped files into inputs by the rules of the command line: folders, zips, single files.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};

use augment_core::error::{Error, ErrorKind};
use augment_core::files::{Gathered, InputFiles, Inputs, is_earlier_output, is_hidden, safe_name};
use augment_core::limits::Limits;

/// A file that may be an archive.
pub(crate) trait DroppedFile: Sized {
    type Reader: Read + Seek;

    /// Whether it starts like a zip.
    fn is_zip(&self) -> bool;

    /// A reader of its bytes.
    fn reader(self) -> Self::Reader;
}

/// All files by name: files of one folder relative to it, files of a zip relative to the zip, single files by their own
/// names. If several of them contain a file of the same name, the name of each comes in front.
pub(crate) fn gather<P: DroppedFile>(files: Vec<(String, P)>, limits: Limits) -> Inputs<P, P::Reader> {
    let mut gathered = Gathered::new(limits);
    let mut folders: BTreeMap<String, Vec<(String, P)>> = BTreeMap::new();
    let mut singles = InputFiles::new([]);
    let mut partial = false;
    let mut seen = BTreeSet::new();
    for (name, file) in files {
        let name = match safe_name(&name) {
            Ok(name) => name,
            Err(error) => {
                gathered.fail(shown(&name), error.within("rename it"));
                continue;
            }
        };
        if !seen.insert(name.clone()) {
            gathered.fail(name, Error::new(ErrorKind::Io, "the name occurs twice; the first file is used"));
        } else if let Some((folder, inside)) = name.split_once('/') {
            folders.entry(folder.to_owned()).or_default().push((inside.to_owned(), file));
        } else if file.is_zip() || has_zip_name(&name) {
            gathered.push_zip(InputFiles::new([name.as_str()]), &name, Ok(file.reader()));
        } else {
            partial = true;
            singles.add(name, file);
        }
    }
    for (folder, files) in folders {
        let group = folder_group(&mut gathered, &folder, files);
        gathered.push(group);
    }
    gathered.push(singles);
    gathered.finish(partial)
}

fn folder_group<P: DroppedFile>(
    gathered: &mut Gathered<P, P::Reader>,
    folder: &str,
    mut files: Vec<(String, P)>,
) -> InputFiles<P> {
    files.retain(|(name, _)| !name.split('/').any(is_hidden));
    files.sort_by(|a, b| a.0.cmp(&b.0));
    let outputs = earlier_outputs(&files);
    let mut group = InputFiles::new([folder]);
    for output in &outputs {
        gathered.pass_over(output);
    }
    for (name, file) in files {
        if outputs.iter().any(|output| is_inside(&name, output)) {
            continue;
        }
        if has_zip_name(&name) {
            if let Err(error) = gathered.add_inner_zip(&mut group, &name, file.reader()) {
                group.fail(name, error);
            }
        } else {
            group.add(name, file);
        }
    }
    group
}

/// The folders that are outputs of earlier runs; not folders inside another output.
fn earlier_outputs<P>(files: &[(String, P)]) -> Vec<String> {
    let names: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let folders: BTreeSet<&str> = names.iter().filter_map(|name| Some(name.rsplit_once('/')?.0)).collect();
    let mut outputs: Vec<String> = Vec::new();
    for folder in folders {
        if is_earlier_output(|own| names.contains(format!("{folder}/{own}").as_str()))
            && !outputs.iter().any(|output| is_inside(folder, output))
        {
            outputs.push(folder.to_owned());
        }
    }
    outputs
}

fn is_inside(name: &str, folder: &str) -> bool {
    name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn has_zip_name(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("zip"))
}

/// A name without control characters.
fn shown(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// The message of an error about a file, without the name of the file in front.
pub(crate) fn cause_of(name: &str, error: &Error) -> String {
    augment_core::run::cause(name, &error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use augment_core::archive::ZipSink;
    use augment_core::error::Result;
    use augment_core::files::{Files, Stored};

    use super::*;

    struct Bytes(Vec<u8>);

    impl Stored for Bytes {
        fn size(&self) -> u64 {
            self.0.len() as u64
        }

        fn read(&self, _: &Limits) -> Result<Vec<u8>> {
            Ok(self.0.clone())
        }
    }

    impl DroppedFile for Bytes {
        type Reader = Cursor<Vec<u8>>;

        fn is_zip(&self) -> bool {
            self.0.starts_with(b"PK")
        }

        fn reader(self) -> Self::Reader {
            Cursor::new(self.0)
        }
    }

    fn zip(names: &[&str]) -> Vec<u8> {
        let mut sink = ZipSink::new(Vec::new());
        names.iter().for_each(|name| sink.add(name, name.as_bytes()).unwrap());
        sink.finish().unwrap()
    }

    fn gathered(files: &[(&str, Vec<u8>)]) -> Inputs<Bytes, Cursor<Vec<u8>>> {
        let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), Bytes(bytes.clone()))).collect();
        gather(files, Limits::default())
    }

    fn plain(names: &[&'static str]) -> Vec<(&'static str, Vec<u8>)> {
        names.iter().map(|name| (*name, name.as_bytes().to_vec())).collect()
    }

    #[test]
    fn one_folder_is_the_root_of_its_names() {
        let inputs = gathered(&plain(&["set/images/a.jpg", "set/.git/b.jpg", "set/labels/a.txt", "set/Thumbs.db"]));
        assert_eq!(inputs.names(), ["images/a.jpg", "labels/a.txt"]);
        assert!(!inputs.partial, "a folder is complete");
        assert_eq!(inputs.read("images/a.jpg").unwrap(), b"set/images/a.jpg");
    }

    #[test]
    fn two_folders_keep_their_names_where_they_collide() {
        assert_eq!(gathered(&plain(&["cats/a.jpg", "dogs/a.jpg"])).names(), ["cats/a.jpg", "dogs/a.jpg"]);
        assert_eq!(gathered(&plain(&["cats/a.jpg", "dogs/b.jpg"])).names(), ["a.jpg", "b.jpg"]);
    }

    #[test]
    fn zips_are_roots_alone_and_folders_among_others() {
        let alone = gathered(&[("set.zip", zip(&["a.jpg", "__MACOSX/a.jpg"]))]);
        assert_eq!(alone.names(), ["a.jpg"]);
        assert_eq!(alone.read("a.jpg").unwrap(), b"a.jpg");
        let inner = gathered(&[("set/x.zip", zip(&["a.jpg"])), ("set/b.jpg", vec![1])]);
        assert_eq!(inner.names(), ["b.jpg", "x.zip/a.jpg"]);
        let disguised = gathered(&[("set.cbz", zip(&["a.jpg"]))]);
        assert_eq!(disguised.names(), ["a.jpg"]);
    }

    #[test]
    fn outputs_of_earlier_runs_are_skipped_with_a_note() {
        let mut files =
            plain(&["set/a.jpg", "set/out/manifest.jsonl", "set/out/recipe.json", "set/out/images/a_0.jpg"]);
        files.push(("set/old.zip", zip(&["manifest.jsonl", "recipe.json", "images/a_0.jpg"])));
        let inputs = gathered(&files);
        assert_eq!(inputs.names(), ["a.jpg"]);
        assert_eq!(inputs.notes.len(), 2, "{:?}", inputs.notes);
        let named = gathered(&plain(&["out/manifest.jsonl", "out/recipe.json", "out/images/a_0.jpg"]));
        assert_eq!(
            named.names(),
            ["images/a_0.jpg", "manifest.jsonl", "recipe.json"],
            "an output that is dropped itself is used"
        );
    }

    #[test]
    fn single_files_are_a_partial_dataset() {
        let inputs = gathered(&plain(&["a.jpg", "annotations.json"]));
        assert_eq!(inputs.names(), ["a.jpg", "annotations.json"]);
        assert!(inputs.partial, "labels may name more images");
    }

    #[test]
    fn broken_zips_and_unsafe_names_are_problems() {
        let inputs = gathered(&[("broken.zip", vec![0; 100]), ("set/bad.zip", vec![0; 100]), ("../a.jpg", vec![1])]);
        let named: Vec<&str> = inputs.problems.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(named, ["../a.jpg", "bad.zip", "broken.zip"]);
        assert_eq!(inputs.names().len(), 0);
    }
}
