//! The parts of the pages on performance that measurements write: those between two marks.

use anyhow::{Context as _, bail};

use crate::project;

/// Heads the table of goals, the last of the results.
const GOALS: &str = "| goal |";

/// Writes the results into `docs/performance-log.md`, and their table of goals into `docs/performance.md`.
pub(crate) fn write(by: &str, results: &str) -> anyhow::Result<()> {
    let Some(goals) = results.rfind(GOALS) else { bail!("the results have no table of goals") };
    put("docs/performance-log.md", by, results)?;
    put("docs/performance.md", by, &results[goals..])
}

fn put(page: &str, by: &str, results: &str) -> anyhow::Result<()> {
    let path = project::root().join(page);
    let old = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    std::fs::write(&path, replaced(&old, by, results)?)?;
    println!("written to {}", path.display());
    Ok(())
}

fn replaced(old: &str, by: &str, results: &str) -> anyhow::Result<String> {
    let begin = format!("<!-- results: written by {by} -->");
    let end = "<!-- end of results -->";
    let parts = old.split_once(&begin).and_then(|(head, rest)| Some((head, rest.split_once(end)?.1)));
    let Some((head, tail)) = parts else { bail!("there are no marks for the results: '{begin}' and '{end}'") };
    Ok(format!("{head}{begin}\n{}\n{end}{tail}", results.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn only_the_part_between_its_own_marks_changes() {
        let old = "a\n<!-- results: written by x -->\n1\n<!-- end of results -->\nb\n\
                   <!-- results: written by y -->\n2\n<!-- end of results -->\nc\n";
        let new = replaced(old, "y", "3\n").unwrap();
        assert_eq!(new, old.replace('2', "3"));
        assert!(replaced(old, "z", "3").is_err(), "no marks are no place");
    }
}
