//! One golden: where it is kept and the hash.

use sha2::{Digest, Sha256};

/// The hash of one computed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Golden {
    /// The file under `tests/golden`, without its ending.
    pub file: String,
    /// The name in that file.
    pub case: String,
    /// SHA-256 in hexadecimal digits, or what failed.
    pub hash: String,
}

impl Golden {
    /// The golden of some bytes. Names hold no spaces.
    #[must_use]
    pub fn of(file: &str, case: &str, bytes: &[u8]) -> Self {
        Self { file: plain(file), case: plain(case), hash: hex::encode(Sha256::digest(bytes)) }
    }

    /// The golden of something that is refused: the same refusal, in the same words, is expected everywhere.
    #[must_use]
    pub fn refused(file: &str, case: &str, error: &impl std::fmt::Display) -> Self {
        Self { file: plain(file), case: plain(case), hash: format!("refused:{}", plain(&error.to_string())) }
    }

    /// What must work but does not: never accepted as a golden.
    #[must_use]
    pub fn broken(file: &str, case: &str, error: &impl std::fmt::Display) -> Self {
        Self { file: plain(file), case: plain(case), hash: format!("broken:{}", plain(&error.to_string())) }
    }
}

/// Spaces separate the fields of a line, so names have none.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join("_")
}

impl std::fmt::Display for Golden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.file, self.case, self.hash)
    }
}
