//! `cargo xtask e2e`: the built site in a real browser, held against the command line.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, bail};

use crate::dev::server::Server;
use crate::dist::{self, Options};
use crate::setup::browser::{self, Browser};
use crate::steps::Tally;
use crate::{project, shell};

/// The site is served below a folder, as many hosts do: an address that is not relative fails at once.
const MOUNT: &str = "/some/studio/";

/// What the tests run with, made once.
pub(crate) struct TestSite {
    /// The folder with the site.
    pub(crate) site: PathBuf,
    /// The command line, built for release.
    pub(crate) delta: PathBuf,
    /// The folder with the driver's `node_modules`.
    pub(crate) driver: PathBuf,
}

impl TestSite {
    /// Builds the site and the command line, and sees that the driver is there.
    pub(crate) fn build() -> anyhow::Result<Self> {
        let driver = browser::driver()?;
        let target = project::target_dir()?;
        let site = target.join("e2e-site");
        dist::run(&Options::published(&site))?;
        shell::run(&mut shell::cargo(&["build", "--quiet", "--release", "--package", "delta-augment"]))?;
        Ok(Self { site, delta: target.join("release/delta"), driver })
    }

    /// Node with what the scripts in `tests/browser` take from the environment.
    pub(crate) fn node(&self, browser: Browser, address: &str) -> anyhow::Result<std::process::Command> {
        let root = project::root();
        let mut node = shell::command("node", &[]);
        node.env("SITE", address).env("DELTA", &self.delta).env("DRIVER", &self.driver).env("OUT", root.join("out"));
        node.env("SITE_FOLDER", &self.site).env("CHORES", std::env::current_exe()?);
        node.env("BROWSER", browser.driven_as()).env("BROWSER_PROGRAM", browser.ready()?);
        node.env("SCRATCH", project::target_dir()?.join("e2e"));
        let photographs = root.join("../shared/data");
        if photographs.is_dir() {
            node.env("PHOTOGRAPHS", photographs);
        }
        Ok(node)
    }
}

/// Runs the tests in `tests/browser`: all, or the files whose name contains `only`.
pub(crate) fn run(browser: Browser, only: Option<&str>) -> anyhow::Result<Tally> {
    let stage = TestSite::build()?;
    let files = tests(&project::root().join("tests/browser"), only.unwrap_or_default())?;
    let server = Server::start(&stage.site, MOUNT, 0, None)?;
    let mut node = stage.node(browser, &server.address())?;
    // One after the other: each has a browser of its own, and measures time.
    node.args(["--test", "--test-concurrency=1", "--test-timeout=600000", "--test-reporter=spec"]).args(files);
    let mut child = node.stdout(Stdio::piped()).spawn().context("node did not start")?;
    let stdout = child.stdout.take().context("node has no output")?;
    let mut tally = Tally::default();
    for line in BufReader::new(stdout).lines() {
        let line = line.context("node wrote something other than text")?;
        println!("{line}");
        tally.passed += count(&line, "pass").unwrap_or(0);
        tally.failed += count(&line, "fail").unwrap_or(0) + count(&line, "cancelled").unwrap_or(0);
    }
    let status = child.wait().context("node was lost")?;
    if !status.success() && tally.failed == 0 {
        tally.failed = 1;
    }
    if tally.passed + tally.failed == 0 {
        bail!("no browser test ran");
    }
    Ok(tally)
}

fn tests(folder: &Path, only: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in folder.read_dir().with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.strip_suffix(".test.mjs").is_some_and(|name| name.contains(only)) {
            files.push(path);
        }
    }
    if files.is_empty() {
        bail!("no test in tests/browser is called {only}");
    }
    files.sort();
    Ok(files)
}

/// The number in a line of the reporter's summary, like `ℹ pass 12`.
fn count(line: &str, name: &str) -> Option<usize> {
    line.strip_prefix("ℹ ")?.strip_prefix(name)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn the_summary_is_counted_and_nothing_else() {
        assert_eq!(count("ℹ pass 12", "pass"), Some(12));
        assert_eq!(count("ℹ fail 0", "fail"), Some(0));
        assert_eq!(count("✔ pass 12 (3 ms)", "pass"), None, "a test's own line");
        assert_eq!(count("ℹ passing 12", "pass"), None, "another word");
    }
}
