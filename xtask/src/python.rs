//! Python's packages that checks need, pinned, in environments of their own in the user's cache.

use std::path::PathBuf;

use crate::steps::Tally;
use crate::{project, shell};

/// Whether there is a Python that can make environments.
pub(crate) fn is_there() -> bool {
    shell::works("python3", &["-c", "import ensurepip, venv"])
}

/// Runs a CI step that needs Python, or skips it where Python is missing.
pub(crate) fn run_or_skip(chore: impl FnOnce() -> anyhow::Result<Tally>) -> anyhow::Result<Tally> {
    if is_there() {
        return chore();
    }
    println!("skipped: there is no Python with venv here (on Debian: apt-get install python3-venv)");
    Ok(Tally::SKIPPED)
}

/// The interpreter of an environment with these packages, which is made when it is first asked for, and anew when they
/// are other ones.
pub(crate) fn environment(name: &str, packages: &[&str]) -> anyhow::Result<PathBuf> {
    let home = project::cache()?.join(name);
    let python = home.join("bin/python3");
    let stamp = home.join("packages");
    let wanted = packages.join("\n");
    // Written last: an environment that was interrupted is made again.
    if std::fs::read_to_string(&stamp).ok().as_ref() != Some(&wanted) {
        shell::run(&mut shell::command("python3", &["-m", "venv", "--clear", &home.to_string_lossy()]))?;
        let mut pip = shell::command(&python.to_string_lossy(), &["-m", "pip", "install", "--quiet"]);
        shell::run(pip.args(["--disable-pip-version-check"]).args(packages))?;
        std::fs::write(stamp, wanted)?;
    }
    Ok(python)
}
