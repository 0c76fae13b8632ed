//! What the browser tests need: a browser from the system's packages, and the package that drives it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};

use super::debian;
use crate::{project, shell};

/// A browser that the tests can drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Browser {
    /// Chromium, or Chrome.
    Chromium,
    /// Firefox, by `WebDriver` `BiDi`.
    Firefox,
}

impl Browser {
    /// Its name for the driver.
    pub(crate) const fn driven_as(self) -> &'static str {
        match self {
            Self::Chromium => "chrome",
            Self::Firefox => "firefox",
        }
    }

    /// Programs to look for, the variable that names another, and Debian's package.
    const fn sources(self) -> (&'static [&'static str], &'static str, &'static str) {
        match self {
            Self::Chromium => (&["chromium", "chromium-browser", "google-chrome"], "CHROMIUM", "chromium"),
            Self::Firefox => (&["firefox-esr", "firefox"], "FIREFOX", "firefox-esr"),
        }
    }

    /// The program: the one the environment names, else the first on the search path.
    fn find(self) -> Option<PathBuf> {
        let (names, variable, _) = self.sources();
        if let Some(named) = std::env::var_os(variable) {
            return Some(named.into());
        }
        let path = std::env::var_os("PATH")?;
        let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        let at = |name: &&str| folders.iter().map(|folder| folder.join(name)).find(|program| program.is_file());
        names.iter().find_map(at)
    }

    /// The program, installed where it is missing and can be.
    pub(crate) fn ready(self) -> anyhow::Result<PathBuf> {
        let (names, variable, package) = self.sources();
        if self.find().is_none() && debian::can_install() {
            debian::install(&[package])?;
        }
        self.find().with_context(|| format!("no {} here: install it, or name one by {variable}", names[0]))
    }
}

/// The folder whose `node_modules` has the driver, installed as the lock file says. One folder a lock file.
pub(crate) fn driver() -> anyhow::Result<PathBuf> {
    let sources = project::root().join("tests/browser");
    let lock =
        std::fs::read(sources.join("package-lock.json")).context("tests/browser/package-lock.json is missing")?;
    let folder = project::cache()?.join("browser").join(&hex::encode(Sha256::digest(&lock))[..16]);
    let done = folder.join("done");
    if !done.exists() {
        std::fs::create_dir_all(&folder)?;
        for name in ["package.json", "package-lock.json"] {
            std::fs::copy(sources.join(name), folder.join(name))?;
        }
        install(&folder)?;
        std::fs::write(done, "")?;
    }
    Ok(folder)
}

fn install(folder: &Path) -> anyhow::Result<()> {
    if !shell::works("npm", &["--version"]) {
        bail!("npm is missing: it comes with Node");
    }
    // Packages' own scripts do not run: they would fetch browsers.
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    let mut npm = Command::new("npm");
    shell::run(npm.args(arguments).current_dir(folder))
}
