//! Plain words: phrases that read as translated, and British spellings, stay out of everything that people read.

use crate::sources;

/// Phrases with what to write instead.
const PHRASES: &[(&str, &str)] = &[
    ("nobody says", "say what is missing"),
    ("whoever", "the one who, callers, users"),
    ("what is to be", "what to"),
    ("brought to", "name the verb"),
    ("put together", "merged, assembled, built"),
    ("gone from", "deleted from, expired"),
    ("apart by", "separated by"),
    ("it is no image", "it is not an image"),
    ("as it lies", "as it is stored"),
    ("what came of", "the result of, the outcome of"),
    ("sign of life", "heartbeat"),
    ("thereof", "of it"),
    ("whereof", "of which"),
    ("beforehand", "before, first"),
];

/// British spellings with the American ones.
const SPELLINGS: &[(&str, &str)] = &[
    ("behaviour", "behavior"),
    ("catalogue", "catalog"),
    ("artefact", "artifact"),
    ("licence", "license"),
    ("neighbour", "neighbor"),
    ("recognis", "recogniz"),
    ("normalis", "normaliz"),
    ("optimis", "optimiz"),
    ("colour", "color"),
];

/// Lines that hold such a word for a reason.
const EXCEPT: &[(&str, &str)] = &[
    ("instead of `\"colour\"`", "the log of changes names what was renamed"),
    ("rename = \"colour\"", "a key of files that others write"),
    ("replace(\"colour\", \"color\")", "people search in either spelling"),
];

#[test]
fn texts_use_plain_words() {
    let mut found = Vec::new();
    for (path, text) in sources::texts() {
        for (number, line) in text.lines().enumerate() {
            let lower = line.to_lowercase();
            let wrong = PHRASES.iter().chain(SPELLINGS).find(|(word, _)| lower.contains(word));
            if let Some((word, instead)) = wrong
                && !EXCEPT.iter().any(|(held, _)| line.contains(held))
            {
                found.push(format!("{}:{}: '{word}': write {instead}", path.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{} line(s):\n{}", found.len(), found.join("\n"));
}
