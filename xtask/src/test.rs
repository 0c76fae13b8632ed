//! `cargo xtask test`: everything a change must pass.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::Context;

use crate::goldens::{self, Builds};
use crate::steps::{Steps, Tally};
use crate::{project, setup, shell};

pub(crate) fn run() -> anyhow::Result<()> {
    let mut steps = Steps::default();
    steps.step("setup", || setup::run().map(|()| Tally::ONE));
    add(&mut steps);
    steps.finish()
}

/// The steps of `test`, which `ci` runs too.
pub(crate) fn add(steps: &mut Steps) {
    steps.step("tests", tests);
    steps.step("goldens", || goldens::run(Builds::Shipped, false));
}

/// Unit, integration, boundary and doc tests of every package.
fn tests() -> anyhow::Result<Tally> {
    let mut child = shell::over_workspace("test", &["--no-fail-fast"])
        .stdout(Stdio::piped())
        .spawn()
        .context("cargo test did not start")?;
    let stdout = child.stdout.take().context("cargo test has no output")?;
    let mut tally = Tally::default();
    for line in BufReader::new(stdout).lines() {
        let line = line.context("cargo test wrote something other than text")?;
        println!("{line}");
        if let Some(result) = result_line(&line) {
            tally.passed += result.passed;
            tally.failed += result.failed;
            tally.skipped += result.skipped;
        }
    }
    for folder in ["../shared/data", "../shared/cases"] {
        if !project::root().join(folder).is_dir() {
            println!("skipped: what reads {folder}, which is not there");
            tally.skipped += 1;
        }
    }
    let status = child.wait().context("cargo test was lost")?;
    if !status.success() && tally.failed == 0 {
        // A package that does not build, or a test process that died, has no result line.
        tally.failed = 1;
    }
    Ok(tally)
}

/// The counts of a line like `test result: ok. 3 passed; 0 failed; …`.
fn result_line(line: &str) -> Option<Tally> {
    let counts = line.strip_prefix("test result: ")?;
    let count = |name: &str| {
        let words: Vec<&str> = counts.split_whitespace().collect();
        let at = words.iter().position(|word| word.trim_end_matches(';') == name)?;
        words.get(at.checked_sub(1)?)?.parse().ok()
    };
    Some(Tally { passed: count("passed")?, failed: count("failed")?, skipped: count("ignored")? })
}

#[cfg(test)]
mod tests {
    use super::result_line;

    #[test]
    fn result_line_counts_all() {
        let tally = result_line("test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out");
        assert_eq!(tally.map(|t| (t.passed, t.failed, t.skipped)), Some((12, 3, 1)), "all counts");
        assert!(result_line("test image::tests::a ... ok").is_none(), "other lines have no counts");
    }
}
