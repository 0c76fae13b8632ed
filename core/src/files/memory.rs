//! Files that lie in memory.

use std::collections::BTreeMap;

use super::Files;
use crate::error::{Error, ErrorKind, Result};
use crate::filled::filled;

/// Files with their bytes, by name; of two with one name the later counts.
#[derive(Clone, Debug, Default)]
pub struct InMemory {
    names: Vec<String>,
    contents: BTreeMap<String, Vec<u8>>,
}

impl FromIterator<(String, Vec<u8>)> for InMemory {
    fn from_iter<I: IntoIterator<Item = (String, Vec<u8>)>>(files: I) -> Self {
        let contents: BTreeMap<_, _> = filled(files);
        Self { names: contents.keys().cloned().collect(), contents }
    }
}

impl Files for InMemory {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        let contents = self.contents.get(name).cloned();
        contents.ok_or_else(|| Error::new(ErrorKind::Io, format!("there is no file {name}")))
    }

    fn size(&self, name: &str) -> Option<u64> {
        self.contents.get(name).map(|contents| contents.len() as u64)
    }
}
