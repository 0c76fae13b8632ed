//! The splits of a dataset: their names, and which of them a run augments.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A part of a dataset with a purpose of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Split {
    /// What a model learns from.
    Train,
    /// What its settings are chosen by.
    Val,
    /// What it is judged by.
    Test,
    /// Any other name that a list or a table gives.
    Named(String),
}

impl Split {
    /// The split that a word means: `train`, `training`, `train2017`, `val`, `valid`, `validation`,
    /// `validate`, `test`, `testing`.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        let lower = word.to_ascii_lowercase();
        let bare = lower.trim_end_matches(|c: char| c.is_ascii_digit());
        let year = lower.len() - bare.len();
        if year != 0 && year != 4 {
            return None;
        }
        match bare.trim_end_matches(['_', '-']) {
            "train" | "training" => Some(Self::Train),
            "val" | "valid" | "validation" | "validate" => Some(Self::Val),
            "test" | "testing" => Some(Self::Test),
            _ => None,
        }
    }

    /// The split of a name; one of its own where the name is no common word. It names a folder, so that characters
    /// that no folder can have are replaced.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::of_word(name).unwrap_or_else(|| Self::Named(folder_name(name)))
    }

    /// The name in outputs.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Train => "train",
            Self::Val => "val",
            Self::Test => "test",
            Self::Named(name) => name,
        }
    }
}

/// A text as the name of one folder, on any system: what such a name cannot have is replaced by `_`.
#[must_use]
pub fn folder_name(text: &str) -> String {
    let clean = |c: char| if c.is_control() || "/\\:*?\"<>|".contains(c) { '_' } else { c };
    let name: String = text.trim().chars().map(clean).collect();
    let name = name.trim_end_matches(['.', ' ']);
    // Names that begin with a dot are passed over everywhere.
    match name.strip_prefix('.') {
        Some(rest) => format!("_{rest}"),
        None if name.is_empty() => "_".to_owned(),
        None => name.to_owned(),
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<String> for Split {
    fn from(name: String) -> Self {
        Self::named(&name)
    }
}

impl From<Split> for String {
    fn from(split: Split) -> Self {
        split.name().to_owned()
    }
}

/// What is said where no split is named.
pub(super) const NO_SPLITS: &str = "name splits with commas between them, such as train,val, or say all";

/// Which splits something is done with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SplitChoice {
    /// `train` where there are splits, else everything.
    #[default]
    Usual,
    /// Every image.
    All,
    /// These alone.
    Only(BTreeSet<Split>),
}

impl SplitChoice {
    /// Whether an image of a split is meant.
    #[must_use]
    pub fn takes(&self, split: Option<&Split>) -> bool {
        match (self, split) {
            (Self::All, _) | (Self::Usual, None) => true,
            (Self::Usual, Some(split)) => *split == Split::Train,
            (Self::Only(splits), split) => split.is_some_and(|split| splits.contains(split)),
        }
    }
}

impl SplitChoice {
    /// Of the splits of a dataset those that are not meant, with `None` for what is in no split.
    ///
    /// Usually `train` is meant. A single split stands beside nothing that it must be kept from, so it is meant, too;
    /// what is in no split beside others in one is not.
    #[must_use]
    pub fn others(&self, mut splits: BTreeSet<Option<Split>>) -> BTreeSet<Option<Split>> {
        let usual = *self == Self::Usual;
        if usual && splits.len() < 2 {
            return BTreeSet::new();
        }
        splits.retain(|split| !self.takes(split.as_ref()) || usual && split.is_none());
        splits
    }
}

impl FromStr for SplitChoice {
    type Err = String;

    /// `all`, or names of splits with commas between them.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        let splits: BTreeSet<Split> =
            text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(Split::named).collect();
        if splits.is_empty() {
            return Err(NO_SPLITS.to_owned());
        }
        Ok(Self::Only(splits))
    }
}

impl fmt::Display for SplitChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usual => f.write_str("train"),
            Self::All => f.write_str("all"),
            Self::Only(splits) => {
                let names: Vec<&str> = splits.iter().map(Split::name).collect();
                f.write_str(&names.join(","))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_every_tool_mean_three_splits() {
        for (word, split) in [
            ("train", Some(Split::Train)),
            ("Training", Some(Split::Train)),
            ("train2017", Some(Split::Train)),
            ("train_2012", Some(Split::Train)),
            ("valid", Some(Split::Val)),
            ("VAL", Some(Split::Val)),
            ("validation", Some(Split::Val)),
            ("test2015", Some(Split::Test)),
            ("train1", None),
            ("trains", None),
            ("2017", None),
        ] {
            assert_eq!(Split::of_word(word), split, "{word}");
        }
        assert_eq!(Split::named("fold3"), Split::Named("fold3".to_owned()));
        assert_eq!(Split::named("a/../b"), Split::Named("a_.._b".to_owned()), "it names one folder");
    }

    #[test]
    fn any_text_becomes_the_name_of_one_folder() {
        for (text, name) in [
            ("cat", "cat"),
            ("../../etc", "_._.._etc"),
            ("a/b\\c", "a_b_c"),
            (" x. ", "x"),
            ("..", "_"),
            ("", "_"),
            ("é: 1", "é_ 1"),
        ] {
            assert_eq!(folder_name(text), name);
        }
    }

    #[test]
    fn usually_train_alone_is_augmented() {
        let usual = SplitChoice::default();
        assert!(usual.takes(None), "a set without splits is augmented whole");
        assert!(usual.takes(Some(&Split::Train)) && !usual.takes(Some(&Split::Val)), "of splits only train");
        let two: SplitChoice = "train, valid".parse().unwrap();
        assert!(
            two.takes(Some(&Split::Val)) && !two.takes(Some(&Split::Test)) && !two.takes(None),
            "those that are named"
        );
        assert_eq!(two.to_string(), "train,val");
        assert!(",".parse::<SplitChoice>().is_err(), "no name");
        let all = BTreeSet::from([None, Some(Split::Train), Some(Split::Test)]);
        assert_eq!(usual.others(all.clone()), BTreeSet::from([None, Some(Split::Test)]));
        assert_eq!(SplitChoice::All.others(all), BTreeSet::new());
        assert_eq!(usual.others(BTreeSet::from([Some(Split::Test)])), BTreeSet::new(), "a single split");
    }
}
