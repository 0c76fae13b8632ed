//! Object keys: an area, and a name that cannot leave it.

use crate::error::StoreError;

/// Bytes of a name at most, as in S3.
const MAX_NAME: usize = 1024;

/// An area, which is a bucket, so that writing results never triggers readers of originals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Uploads.
    Originals,
    /// Results and thumbnails.
    Results,
}

impl Area {
    /// Both areas.
    pub const ALL: [Self; 2] = [Self::Originals, Self::Results];
}

/// An area and a name in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    area: Area,
    name: String,
}

impl Key {
    /// A key from parts, joined by slashes.
    ///
    /// # Errors
    /// `Refused` for a part that is empty, `.`, `..` or contains a slash or control character, and for names over 1024
    /// bytes.
    pub fn new(area: Area, parts: &[&str]) -> Result<Self, StoreError> {
        for part in parts {
            let unfit = part.is_empty() || matches!(*part, "." | "..");
            if unfit || part.chars().any(|c| c == '/' || c == '\\' || c.is_control()) {
                return Err(StoreError::Refused(format!("'{}' cannot be part of a key", part.escape_debug())));
            }
        }
        let name = parts.join("/");
        if name.is_empty() || name.len() > MAX_NAME {
            return Err(StoreError::Refused(format!("a key has 1 to {MAX_NAME} bytes")));
        }
        Ok(Self { area, name })
    }

    /// A key from an untrusted name.
    ///
    /// # Errors
    /// As [`Key::new`].
    pub fn parse(area: Area, name: &str) -> Result<Self, StoreError> {
        Self::new(area, &name.split('/').collect::<Vec<_>>())
    }

    /// The area.
    #[must_use]
    pub const fn area(&self) -> Area {
        self.area
    }

    /// The name in the area.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::{Area, Key};

    #[test]
    fn no_key_leaves_its_area() {
        for bad in ["", "..", "a/../b", "a//b", "/a", "a/", "./a", "a\\b", "a/\n"] {
            assert!(Key::parse(Area::Originals, bad).is_err(), "{bad:?}");
        }
        assert!(Key::parse(Area::Originals, "originals/a1/été..jpg").is_ok(), "dots inside a name are allowed");
        assert!(Key::parse(Area::Results, &"a".repeat(1025)).is_err(), "too long a name");
    }
}
