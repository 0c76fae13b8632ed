//! A list of checks: runs them all, prints a line and the seconds of each, and sums up at the end.

use std::time::Instant;

use anyhow::bail;

/// How many single checks a step made.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Tally {
    /// The tally of a step that is one check.
    pub(crate) const ONE: Self = Self { passed: 1, failed: 0, skipped: 0 };

    /// The tally of checks that something missing here keeps from running.
    pub(crate) const SKIPPED: Self = Self { passed: 0, failed: 0, skipped: 1 };

    /// An error when any check failed.
    pub(crate) fn verdict(self) -> anyhow::Result<()> {
        if self.failed > 0 {
            bail!("{} checks failed: see above", self.failed);
        }
        Ok(())
    }
}

#[derive(Default)]
pub(crate) struct Steps {
    lines: Vec<String>,
    total: Tally,
}

impl Steps {
    /// Runs one step; a failing one is noted and the next ones still run.
    pub(crate) fn step(&mut self, name: &str, check: impl FnOnce() -> anyhow::Result<Tally>) {
        println!("==> {name}");
        let start = Instant::now();
        let outcome = check();
        let seconds = start.elapsed().as_secs_f64();
        let word = match outcome {
            Ok(tally) => {
                self.total.passed += tally.passed;
                self.total.failed += tally.failed;
                self.total.skipped += tally.skipped;
                match tally {
                    Tally { failed: 0, passed: 0, .. } => "skipped",
                    Tally { failed: 0, .. } => "ok",
                    _ => "FAILED",
                }
            }
            Err(error) => {
                println!("{error:#}");
                self.total.failed += 1;
                "FAILED"
            }
        };
        let line = format!("{word:7} {seconds:7.1} s  {name}");
        println!("{line}");
        self.lines.push(line);
    }

    /// Prints every step's line and the sum; where anything failed, the sum is the error.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        println!();
        for line in &self.lines {
            println!("{line}");
        }
        let Tally { passed, failed, skipped } = self.total;
        let sum = format!("{passed} passed, {failed} failed, {skipped} skipped");
        if self.total.failed > 0 {
            bail!(sum);
        }
        println!("{sum}");
        Ok(())
    }
}
