//! A set of named files that a dataset is read from: a folder, an archive, files dropped on a page.

mod gather;
mod memory;

pub use gather::{Gathered, InputFiles, Inputs, Stored, is_earlier_output, is_hidden};
pub use memory::InMemory;

use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};

/// Files by name. Names are relative, with forward slashes, normalized and sorted by bytes.
pub trait Files {
    /// The names of all files, sorted, each once.
    fn names(&self) -> &[String];

    /// The bytes of a file.
    ///
    /// # Errors
    /// `Io` when there is no such file or it cannot be read; `Limit` or `Archive` when it may not be unpacked.
    fn read(&self, name: &str) -> Result<Vec<u8>>;

    /// The first bytes of a file, or all where it has fewer.
    ///
    /// # Errors
    /// As [`Files::read`].
    fn head(&self, name: &str, length: usize) -> Result<Vec<u8>> {
        let mut bytes = self.read(name)?;
        bytes.truncate(length);
        Ok(bytes)
    }

    /// The hash of a file's bytes.
    ///
    /// # Errors
    /// As [`Files::read`].
    fn digest(&self, name: &str) -> Result<Digest> {
        self.read(name).map(|bytes| Digest::of(&bytes))
    }

    /// The size of a file in bytes as its container states it; `None` when there is no such file.
    fn size(&self, name: &str) -> Option<u64>;
}

/// Turns the name of a file that came from outside into a safe relative one: forward slashes, no `.` segments.
///
/// # Errors
/// `Archive` for names that could leave their folder or mean different files on different systems: absolute ones,
/// `..`, drive letters, backslashes, control characters, and empty ones.
pub fn safe_name(name: &str) -> Result<String> {
    let refuse = |why: &str| Err(Error::new(ErrorKind::Archive, format!("unsafe name: {why}")));
    if name.chars().any(char::is_control) {
        return refuse("it holds a control character");
    }
    if name.contains('\\') {
        return refuse("it holds a backslash; separate folders by forward slashes");
    }
    if name.starts_with('/') {
        return refuse("it is absolute; make it relative");
    }
    if matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic()) {
        return refuse("it starts with a drive letter; make it relative");
    }
    let segments: Vec<&str> = name.split('/').filter(|segment| !matches!(*segment, "" | ".")).collect();
    if segments.contains(&"..") {
        return refuse("it leaves its folder by `..`");
    }
    if segments.is_empty() {
        return refuse("it is empty");
    }
    Ok(segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn safe_names_are_normalized() {
        for (name, safe) in [("a.jpg", "a.jpg"), ("./a/./b.jpg", "a/b.jpg"), ("a//b", "a/b"), ("été/..a", "été/..a")]
        {
            assert_eq!(safe_name(name).unwrap(), safe, "{name}");
        }
    }

    #[test]
    fn names_that_could_leave_the_folder_are_refused() {
        for name in ["", ".", "/", "/etc/passwd", "../a", "a/../../b", "a/..", "C:a", "c:/a", "a\\b", "a\0b", "a\nb"] {
            assert_eq!(safe_name(name).unwrap_err().kind(), ErrorKind::Archive, "{name:?}");
        }
    }
}
