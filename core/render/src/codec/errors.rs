//! The errors of decoders: each names the format and says what is wrong with the file.

use super::format::Format;
use crate::error::{Error, ErrorKind};

/// An error of a decoder, with the name of the format in front.
pub(super) fn broken(format: Format, cause: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Decode, format!("the {} is damaged: {}", format.name(), lower(&cause.to_string())))
}

/// The error for a file that ends too early.
pub(super) fn cut_off(format: Format) -> Error {
    Error::new(ErrorKind::Decode, format!("the file is cut off: {} ends in the middle of the picture", format.name()))
}

/// The error for a kind of picture that is not supported.
pub(super) fn unsupported(format: Format, what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Unsupported, format!("this kind of {} is not supported: {what}", format.name()))
}

/// The error for a decoder that would take more memory than the picture warrants.
pub(super) fn too_large(format: Format) -> Error {
    Error::new(ErrorKind::Limit, format!("the {} would take more memory than its picture needs", format.name()))
}

/// Messages of other crates begin with capitals and end with full stops; ours do not.
fn lower(message: &str) -> String {
    let message = message.trim_end_matches('.');
    let mut letters = message.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(message.chars().skip(1)).collect()
        }
        _ => message.to_owned(),
    }
}
