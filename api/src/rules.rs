//! The rules of single values: ids, tags, groups, names, and the words that states and choices are written as.

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
            /// The words in JSON.
            pub const WORDS: &[&str] = &[$($word),*];

            /// The value of a word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The word in JSON.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    };
}

words! {
    /// Who runs the recipe.
    Run {
        /// The client, which brings the zip.
        Client = "client",
        /// The server.
        Server = "server",
        /// Jobs over datasets: the file is kept for them and has no job of its own.
        Dataset = "dataset",
    }
}

words! {
    /// Who may see an image.
    Visibility {
        /// Everybody.
        Public = "public",
        /// Its owner.
        Private = "private",
    }
}

words! {
    /// How long an image is kept.
    Retention {
        /// 28 days.
        Standard = "standard",
        /// A year.
        Extended = "extended",
    }
}

impl Retention {
    /// Days until an image goes.
    #[must_use]
    pub const fn days(self) -> u64 {
        match self {
            Self::Standard => 28,
            Self::Extended => 365,
        }
    }
}

words! {
    /// How far an image is.
    State {
        /// The id is reserved; the file has not arrived.
        Pending = "pending",
        /// The file arrived and was checked; a job of the server waits to run.
        Uploaded = "uploaded",
        /// A job is at it.
        Augmenting = "augmenting",
        /// Results are there.
        Ready = "ready",
        /// The last job failed; `error` says why.
        Failed = "failed",
    }
}

words! {
    /// How far a job over a dataset is.
    JobState {
        /// It waits for its labels and to be started.
        Waiting = "waiting",
        /// Its images are being augmented.
        Running = "running",
        /// The zip is there.
        Ready = "ready",
        /// No image gave an output; `error` says why.
        Failed = "failed",
    }
}

words! {
    /// Why a job failed, for programs; `error` says it for people.
    FailureKind {
        /// The image is damaged or of a kind that cannot be read.
        Image = "image",
        /// The recipe does not fit the image.
        Recipe = "recipe",
        /// What was written beside a dropped file is wrong.
        Metadata = "metadata",
        /// The file, or what was made of it, is larger than is taken.
        TooLarge = "too_large",
        /// The image needs more memory than the job has.
        Memory = "memory",
        /// The job cannot be done in its time.
        Time = "time",
        /// The file is not in the store, or is another.
        Missing = "missing",
        /// Whoever ran the job ended each time before it was done.
        Stopped = "stopped",
        /// A fault of this program.
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
        Some(format!("a file name is 1 to {MAX_FILENAME} bytes long; this one has {}", name.len()))
    } else if name.contains(['/', '\\']) || name == "." || name == ".." {
        Some("give the name of the file alone, without folders".to_owned())
    } else if name.chars().any(is_unfit) {
        Some("a file name has no control or direction characters".to_owned())
    } else {
        None
    }
}

/// What is wrong with a title, if anything.
pub(crate) fn title_problem(title: &str) -> Option<String> {
    let length = title.chars().count();
    if !(1..=MAX_TITLE).contains(&length) {
        Some(format!("a title is 1 to {MAX_TITLE} characters long; this one has {length}"))
    } else if title.chars().any(is_unfit) {
        Some("a title has no control or direction characters".to_owned())
    } else {
        None
    }
}

/// Characters that turn text around or are obeyed instead of shown.
pub(crate) fn is_unfit(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
