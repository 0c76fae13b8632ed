//! Validation of single values (ids, tags, groups, file names, titles), and the enums of the JSON.

use serde::{Deserialize, Serialize};

use crate::limits::{MAX_FILENAME, MAX_GROUP, MAX_ID, MAX_TAG, MAX_TITLE};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// The JSON values.
            pub const WORDS: &[&str] = &[$($word),*];

            /// Parses a JSON value.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The JSON value.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    };
}

words! {
    /// Where the recipe runs.
    Run {
        /// On the client, which uploads the zip.
        Client = "client",
        /// On the server.
        Server = "server",
        /// In jobs over datasets; the image has no job of its own.
        Dataset = "dataset",
    }
}

words! {
    /// Who may see an image.
    Visibility {
        /// Everyone.
        Public = "public",
        /// Its owner.
        Private = "private",
    }
}

words! {
    /// How long an image is stored.
    Retention {
        /// 28 days.
        Standard = "standard",
        /// A year.
        Extended = "extended",
    }
}

impl Retention {
    /// Days until an image expires.
    #[must_use]
    pub const fn days(self) -> u64 {
        match self {
            Self::Standard => 28,
            Self::Extended => 365,
        }
    }
}

words! {
    /// The state of an image.
    State {
        /// The id is reserved; the file has not arrived.
        Pending = "pending",
        /// The file arrived and was verified; the job waits.
        Uploaded = "uploaded",
        /// The job is running.
        Augmenting = "augmenting",
        /// The results are ready.
        Ready = "ready",
        /// The last job failed; `error` says why.
        Failed = "failed",
    }
}

words! {
    /// The state of a job over a dataset.
    JobState {
        /// It waits for its labels and its start.
        Waiting = "waiting",
        /// Its images are being augmented.
        Running = "running",
        /// The zip is ready.
        Ready = "ready",
        /// There is no output; `error` says why.
        Failed = "failed",
    }
}

words! {
    /// Why a job failed, for programs; `error` is for people.
    FailureKind {
        /// The image is damaged or of an unsupported kind.
        Image = "image",
        /// The recipe does not fit the image.
        Recipe = "recipe",
        /// The metadata of a file in the bucket is invalid.
        Metadata = "metadata",
        /// The file or its results exceed a size limit.
        TooLarge = "too_large",
        /// The image needs more memory than the job has.
        Memory = "memory",
        /// The job does not fit into its time limit.
        Time = "time",
        /// The file is missing from the store, or was replaced.
        Missing = "missing",
        /// Every worker stopped before the job was done.
        Stopped = "stopped",
        /// A bug in this program.
        Fault = "fault",
    }
}

/// Whether a text is an id: 1 to 20 ASCII letters and digits.
#[must_use]
pub fn is_id(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Whether a text is a tag: 1 to 20 ASCII letters.
#[must_use]
pub fn is_tag(text: &str) -> bool {
    (1..=MAX_TAG).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphabetic())
}

/// Whether a text is a group's name: 1 to 40 ASCII letters, digits, `-` and `_`.
#[must_use]
pub fn is_group(text: &str) -> bool {
    (1..=MAX_GROUP).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

pub(crate) const ID_RULE: &str = "an id is 1 to 20 ASCII letters and digits";
pub(crate) const TAG_RULE: &str = "a tag is 1 to 20 ASCII letters";
pub(crate) const GROUP_RULE: &str = "a group is 1 to 40 ASCII letters, digits, '-' and '_'";

/// What is wrong with a file name, if anything.
pub(crate) fn filename_problem(name: &str) -> Option<String> {
    if name.is_empty() || name.len() > MAX_FILENAME {
        Some(format!("a file name has 1 to {MAX_FILENAME} bytes; this one has {}", name.len()))
    } else if name.contains(['/', '\\']) || name == "." || name == ".." {
        Some("give the file name without folders".to_owned())
    } else if name.chars().any(is_unfit) {
        Some("a file name must not have control or text-direction characters".to_owned())
    } else {
        None
    }
}

/// What is wrong with a title, if anything.
pub(crate) fn title_problem(title: &str) -> Option<String> {
    let length = title.chars().count();
    if !(1..=MAX_TITLE).contains(&length) {
        Some(format!("a title has 1 to {MAX_TITLE} characters; this one has {length}"))
    } else if title.chars().any(is_unfit) {
        Some("a title must not have control or text-direction characters".to_owned())
    } else {
        None
    }
}

/// Control characters and characters that change the text direction.
pub(crate) fn is_unfit(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
