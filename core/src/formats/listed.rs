//! Lists of names in messages: the first few, and how many there are.

/// How many names a message lists.
const LISTED: usize = 5;

/// Words about some files, of which the first few are named; `None` for no file.
pub(crate) fn about(files: &[&str], what: &str) -> Option<String> {
    if files.is_empty() {
        return None;
    }
    Some(format!("{} {what}: {}", files.len(), listed(files)))
}

/// The first few names.
pub(super) fn listed(names: &[&str]) -> String {
    let more = if names.len() > LISTED { ", …" } else { "" };
    let first: Vec<&str> = names.iter().take(LISTED).copied().collect();
    format!("{}{more}", first.join(", "))
}
