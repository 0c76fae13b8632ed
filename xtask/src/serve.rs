//! `cargo xtask serve`: the whole service on this machine, built and started.

use std::path::{Path, PathBuf};

use crate::dist::{self, Options};
use crate::{project, shell};

/// Builds the page and the command, and serves until it is stopped.
pub(crate) fn run(port: u16, data: Option<&Path>) -> anyhow::Result<()> {
    let site = project::root().join("dist");
    dist::run(&Options::published(&site))?;
    let mut serve = shell::command(&delta()?.to_string_lossy(), &["serve", "--port", &port.to_string(), "--site"]);
    serve.arg(site);
    if let Some(data) = data {
        serve.arg("--data").arg(std::path::absolute(data)?);
    }
    shell::run(&mut serve)
}

/// Builds the command for release.
pub(crate) fn delta() -> anyhow::Result<PathBuf> {
    shell::run(&mut shell::cargo(&["build", "--quiet", "--release", "--package", "delta-augment"]))?;
    Ok(project::target_dir()?.join("release").join(format!("delta{}", std::env::consts::EXE_SUFFIX)))
}
