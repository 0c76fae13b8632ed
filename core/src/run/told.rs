//! The words for what fails in a run, the same in every manifest.

/// The words of an error without the file's own name before them.
#[must_use]
pub fn cause(name: &str, error: &str) -> String {
    let own = format!("{name}: ");
    let mut cause = error;
    while let Some(rest) = cause.strip_prefix(&own) {
        cause = rest;
    }
    cause.to_owned()
}

/// The words for one copy that failed, by its position among the outputs of its source.
#[must_use]
pub fn copy_cause(name: &str, copy: usize, error: &str) -> String {
    format!("copy {copy}: {}", cause(name, error))
}

/// Which failures of a source's copies were told already: all copies of a source mostly fail for one reason, which is
/// told once.
#[derive(Debug, Default)]
pub struct CopyFailures {
    source: Option<usize>,
    told: Vec<String>,
}

impl CopyFailures {
    /// Whether an error is the first of its kind among a source's copies; sources come one after the other.
    pub fn is_new(&mut self, source: usize, error: &str) -> bool {
        if self.source != Some(source) {
            *self = Self { source: Some(source), told: Vec::new() };
        }
        let new = !self.told.iter().any(|told| told == error);
        if new {
            self.told.push(error.to_owned());
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_not_named_twice() {
        assert_eq!(cause("a.jpg", "a.jpg: a.jpg: the file is empty"), "the file is empty");
        assert_eq!(copy_cause("a.jpg", 2, "a.jpg: no memory"), "copy 2: no memory");
    }

    #[test]
    fn a_reason_is_told_once_a_source() {
        let mut failures = CopyFailures::default();
        let told: Vec<bool> =
            [(0, "x"), (0, "x"), (0, "y"), (1, "x")].map(|(source, error)| failures.is_new(source, error)).to_vec();
        assert_eq!(told, [true, false, true, true]);
    }
}
