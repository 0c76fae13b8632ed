//! `cargo xtask judge`: whether the field's own loaders read what the program writes without a complaint.

use crate::steps::Tally;
use crate::{python, serve, shell};

/// The loaders, pinned.
const PACKAGES: &[&str] = &["datumaro==1.13.12", "pycocotools==2.0.11", "pyyaml==6.0.4", "supervision==0.31.2"];

pub(crate) fn run() -> anyhow::Result<Tally> {
    let python = python::environment("judge", PACKAGES)?;
    let delta = serve::delta()?;
    let mut judge = shell::command(&python.to_string_lossy(), &["tests/trainers/judge.py", &delta.to_string_lossy()]);
    shell::run(judge.env("PYTHONDONTWRITEBYTECODE", "1")).map(|()| Tally::ONE)
}
