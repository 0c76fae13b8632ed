//! Zip archives in and out: hostile ones are read safely, our own are the same bytes on every machine.

mod join;
mod layout;
mod read;
#[cfg(test)]
mod sparse;
#[cfg(test)]
mod tests;
mod write;

pub use join::JoinedDirectory;
pub use read::ZipFiles;
pub use write::{Content, ZipSink};

use crate::error::{Error, ErrorKind};

/// The words of the zip library as an error of ours.
fn archive_error(error: &zip::result::ZipError) -> Error {
    let kind = match error {
        zip::result::ZipError::Io(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => ErrorKind::Archive,
        zip::result::ZipError::Io(cause) if cause.kind() == std::io::ErrorKind::InvalidData => ErrorKind::Archive,
        zip::result::ZipError::Io(_) => ErrorKind::Io,
        _ => ErrorKind::Archive,
    };
    let text = error.to_string();
    let mut letters = text.chars();
    let lower = letters.next().map(|first| first.to_lowercase().chain(letters).collect::<String>());
    Error::new(kind, lower.unwrap_or_default())
}
