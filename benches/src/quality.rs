//! What geometry costs in quality, beside its speed: PSNR and SSIM against a supersampled truth, by `quality.py`.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use serde::Deserialize;

/// All scores.
#[derive(Debug, Deserialize)]
pub(crate) struct Quality {
    /// How many photographs the medians are over.
    pub(crate) photographs: usize,
    /// By case, then by contender.
    pub(crate) results: Vec<Score>,
}

/// One contender's score in one case.
#[derive(Debug, Deserialize)]
pub(crate) struct Score {
    pub(crate) case: String,
    pub(crate) name: String,
    pub(crate) psnr: Option<f64>,
    pub(crate) ssim: Option<f64>,
    /// Why it has none.
    pub(crate) missing: Option<String>,
}

/// Scores the program and its peers on some of the photographs.
pub(crate) fn measure(delta: &Path, python: &Path, photographs: &Path, scratch: &Path) -> anyhow::Result<Quality> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/quality.py");
    let mut command = Command::new(python);
    command.arg(script).arg(delta).arg(photographs).arg(scratch);
    let output = command.output().with_context(|| format!("{} did not start", python.display()))?;
    if !output.status.success() {
        bail!("the measurement of quality failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(text.lines().last().unwrap_or_default()).context("quality.py printed no scores")
}
