//! Where a listing goes on: opaque to clients, checked before it is used.

use crate::rules::is_id;

/// A place in a newest-first listing: the moment and the id of the last image seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// Milliseconds since 1970 when the image was made.
    pub created_ms: u64,
    /// Its id.
    pub id: String,
}

/// A cursor that no listing gave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadCursor;

/// Moments are below 10^13 milliseconds, the year 2286.
const DIGITS: usize = 13;

impl Cursor {
    /// Reads what a listing gave out.
    ///
    /// # Errors
    /// For anything else.
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
    fn only_what_was_given_out_is_taken_back() {
        let cursor = Cursor { created_ms: 1_763_686_800_123, id: "Ab9".to_owned() };
        assert_eq!(Cursor::parse(&cursor.to_string()), Ok(cursor), "there and back");
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
