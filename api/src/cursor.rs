//! The cursor of a listing: opaque to clients, validated before use.

use crate::rules::is_id;

/// A position in a newest-first listing: time and id of the last entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// When the entry was created, in milliseconds since 1970.
    pub created_ms: u64,
    /// Its id.
    pub id: String,
}

/// An invalid cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadCursor;

/// Times stay below 10^13 milliseconds until the year 2286.
const DIGITS: usize = 13;

impl Cursor {
    /// Parses the cursor of a listing.
    ///
    /// # Errors
    /// For any other text.
    pub fn parse(text: &str) -> Result<Self, BadCursor> {
        let (created, id) = text.strip_prefix('c').and_then(|rest| rest.split_at_checked(DIGITS)).ok_or(BadCursor)?;
        if !created.bytes().all(|b| b.is_ascii_digit()) || !is_id(id) {
            return Err(BadCursor);
        }
        Ok(Self { created_ms: created.parse().map_err(|_| BadCursor)?, id: id.to_owned() })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "c{:0DIGITS$}{}", self.created_ms, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::{BadCursor, Cursor};

    #[test]
    fn only_cursors_of_listings_parse() {
        let cursor = Cursor { created_ms: 1_763_686_800_123, id: "Ab9".to_owned() };
        assert_eq!(Cursor::parse(&cursor.to_string()), Ok(cursor), "round trip");
        for bad in [
            "",
            "c",
            "c1763686800123",
            "x1763686800123Ab9",
            "c176368680012éAb9",
            "c1763686800123../x",
            "c+763686800123a",
        ] {
            assert_eq!(Cursor::parse(bad), Err(BadCursor), "{bad}");
        }
    }
}
