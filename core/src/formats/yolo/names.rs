//! Which list of class names a label file is read by: the one that belongs to its own folder.

use super::YoloConfig;
use crate::error::{Error, ErrorKind, Result};
use crate::formats::layout::{folder, folders};

/// A list of names and where it lies.
#[derive(Debug)]
struct Naming {
    file: String,
    config: YoloConfig,
    folders: Vec<String>,
}

/// The lists of names of an input: `data.yaml`, `classes.txt`, `obj.names`.
#[derive(Debug, Default)]
pub(super) struct Namings {
    lists: Vec<Naming>,
}

/// The folders of a file that are not the layout's own.
fn home(folders: &[String]) -> Vec<&String> {
    folders.iter().filter(|name| !folder(name).is_structural()).collect()
}

fn folders_of(name: &str) -> Vec<String> {
    folders(name).map(str::to_owned).collect()
}

impl Namings {
    /// Adds what a YAML file says.
    pub(super) fn add_config(&mut self, file: &str, config: YoloConfig) {
        self.lists.push(Naming { file: file.to_owned(), config, folders: folders_of(file) });
    }

    /// Adds a list of names alone.
    pub(super) fn add_list(&mut self, file: &str, names: Vec<String>) {
        if !names.is_empty() {
            self.add_config(file, YoloConfig { names, ..YoloConfig::default() });
        }
    }

    /// A list.
    pub(super) fn config(&self, at: usize) -> &YoloConfig {
        &self.lists[at].config
    }

    /// The name of a list's file.
    pub(super) fn name(&self, at: usize) -> &str {
        &self.lists[at].file
    }

    /// The list for a label file and its images: of those in the folders above it the innermost; where none lies above
    /// it, the one that there is.
    ///
    /// # Errors
    /// `Label` when two lists that count for it name one class differently.
    pub(super) fn of<'a>(&self, label: &'a str, images: impl Iterator<Item = &'a str>) -> Result<Option<usize>> {
        let paths: Vec<Vec<String>> = std::iter::once(label).chain(images).map(folders_of).collect();
        let above = |at: &usize| paths.iter().any(|path| path.starts_with(&self.lists[*at].folders));
        let mut counting: Vec<usize> = (0..self.lists.len()).filter(above).collect();
        if counting.is_empty() {
            counting = (0..self.lists.len()).collect();
        } else {
            // `labels/classes.txt` and `data.yaml` are of one folder; a folder of another name has its own list.
            let depth = |at: usize| home(&self.lists[at].folders).len();
            let innermost = counting.iter().map(|at| depth(*at)).max();
            counting.retain(|at| Some(depth(*at)) == innermost);
        }
        // The one that says most first.
        counting.sort_by_key(|at| {
            let config = &self.lists[*at].config;
            (config.keypoints.is_none(), std::cmp::Reverse(config.names.len()), *at)
        });
        let Some((first, others)) = counting.split_first() else { return Ok(None) };
        for other in others {
            let pair = (&self.lists[*first], &self.lists[*other]);
            let names = pair.0.config.names.iter().zip(&pair.1.config.names).enumerate();
            if let Some((class, (a, b))) = names.into_iter().find(|(_, (a, b))| a != b) {
                let why = format!(
                    "{} and {} name class {class} differently ({a}, {b}); keep the right one",
                    pair.0.file, pair.1.file
                );
                return Err(Error::new(ErrorKind::Label, why));
            }
        }
        Ok(Some(*first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &str) -> Vec<String> {
        names.split(' ').map(str::to_owned).collect()
    }

    fn of(lists: &[(&str, &str)], label: &str, image: &str) -> Result<Option<String>> {
        let mut namings = Namings::default();
        lists.iter().for_each(|(file, names)| namings.add_list(file, list(names)));
        Ok(namings.of(label, std::iter::once(image))?.map(|at| namings.name(at).to_owned()))
    }

    #[test]
    fn a_label_is_read_by_the_list_of_its_own_folder() {
        let lists = [("a/classes.txt", "x y"), ("b/classes.txt", "y x")];
        assert_eq!(of(&lists, "b/1.txt", "b/1.jpg").unwrap().unwrap(), "b/classes.txt");
        assert_eq!(
            of(&[("data.yaml", "x"), ("s/data.yaml", "z")], "s/labels/1.txt", "s/images/1.jpg").unwrap().unwrap(),
            "s/data.yaml"
        );
        assert_eq!(
            of(&[("labels/classes.txt", "x")], "labels/train/1.txt", "images/train/1.jpg").unwrap().unwrap(),
            "labels/classes.txt"
        );
        assert_eq!(
            of(&[("config/data.yaml", "x")], "labels/1.txt", "images/1.jpg").unwrap().unwrap(),
            "config/data.yaml"
        );
        assert_eq!(of(&[], "1.txt", "1.jpg").unwrap(), None);
    }

    #[test]
    fn lists_that_disagree_never_mix() {
        let error =
            of(&[("data.yaml", "x y"), ("labels/classes.txt", "y x")], "labels/1.txt", "images/1.jpg").unwrap_err();
        assert!(error.to_string().contains("name class 0 differently (x, y)"), "{error}");
        assert!(
            of(&[("a/classes.txt", "x"), ("b/classes.txt", "y")], "c/1.txt", "c/1.jpg").is_err(),
            "which one is meant is unknown"
        );
        assert_eq!(
            of(&[("data.yaml", "x y"), ("labels/classes.txt", "x")], "labels/1.txt", "i/1.jpg").unwrap().unwrap(),
            "data.yaml"
        );
    }
}
