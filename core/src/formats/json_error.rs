//! Says why a JSON text cannot be read, and what to do.

use crate::error::{Error, ErrorKind};

/// What Python writes for numbers that JSON has no words for.
const NO_NUMBERS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];

/// The words for a text that cannot be read.
pub(super) fn json_error(text: &str, error: &serde_json::Error) -> Error {
    if text.trim().is_empty() {
        return Error::new(ErrorKind::Label, "it is empty: export the labels again");
    }
    let place = format!("line {} column {}", error.line(), error.column());
    if let Some(word) = no_number(text, error) {
        let why = format!(
            "this JSON cannot be read: it holds {word} at {place}, which is no JSON: write a number or null in its place \
             (Python's json.dumps finds every one with allow_nan=False)"
        );
        return Error::new(ErrorKind::Label, why);
    }
    let advice = if error.is_eof() { "; it is cut off: copy or export it again" } else { "" };
    Error::new(ErrorKind::Label, format!("this JSON cannot be read: {error}{advice}"))
}

/// The word at the place of an error that stands for a number.
fn no_number(text: &str, error: &serde_json::Error) -> Option<&'static str> {
    let before: usize = text.split_inclusive('\n').take(error.line().checked_sub(1)?).map(str::len).sum();
    let at = before + error.column().checked_sub(1)?;
    // The sign is read before the error.
    let at_word = |word: &&&str| {
        [at, at.saturating_sub(1)].iter().any(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(**word)))
    };
    NO_NUMBERS.iter().rev().find(at_word).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named() {
        for (text, expected) in [
            ("{\"a\": NaN}", "it holds NaN at line 1 column 7"),
            ("{\"é\": [1,\n -Infinity]}", "it holds -Infinity at line 2 column 3"),
            ("{\"a\": [Infinity]}", "it holds Infinity at line 1 column 8"),
            ("{\"a\": [1, 2", "it is cut off"),
            (" \n", "it is empty"),
            ("{\"a\": nan}", "this JSON cannot be read: expected"),
        ] {
            let error =
                serde_json::from_str::<std::collections::BTreeMap<String, serde::de::IgnoredAny>>(text).unwrap_err();
            let why = json_error(text, &error);
            assert!(why.message().contains(expected), "{text}: {why}");
        }
    }
}
