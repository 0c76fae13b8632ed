//! `bench`: builds the program for release, finds its peers, and runs the benchmark over both.

use std::path::PathBuf;

use crate::{marked, project, shell};

/// The peers at the versions that the speed targets name.
const PEERS: &[&str] = &["albumentations==2.0.8", "opencv-python-headless<5", "numpy<2.4", "Augmentor", "augrs-py"];

/// Prints figures; `write` puts them into the pages on performance too.
pub(crate) fn run(quick: bool, write: bool) -> anyhow::Result<()> {
    shell::run(&mut shell::cargo(&["build", "--release", "-p", "delta-augment", "-p", "augment-benches"]))?;
    let built = project::target_dir()?.join("release");
    let data = project::root().join("../shared/data");
    if !data.is_dir() {
        println!("skipped: the real photographs are not in ../shared/data");
        return Ok(());
    }
    let cache = project::cache()?;
    let mut bench = shell::command(&built.join("augment-benches").to_string_lossy(), &[]);
    bench.arg("--delta").arg(built.join("delta")).arg("--data").arg(data).arg("--scratch").arg(cache.join("bench"));
    match peers(&cache.join("peers")) {
        Ok(python) => bench.arg("--python").arg(python),
        Err(error) => {
            println!("without peers: {error:#}");
            &mut bench
        }
    };
    if quick {
        bench.arg("--quick");
    }
    let results = shell::output(&mut bench)?;
    println!("{results}");
    if write {
        // The first line names the corpus, which the results do too.
        marked::write("cargo xtask bench", results.split_once('\n').map_or("", |(_, results)| results))?;
    }
    Ok(())
}

/// A Python that has the peers, installed on the first run. What cannot be installed is named and left out.
pub(crate) fn peers(at: &std::path::Path) -> anyhow::Result<PathBuf> {
    let python = at.join("bin/python");
    if !python.exists() {
        shell::run(shell::command("python3", &["-m", "venv"]).arg(at))?;
    }
    let python_text = python.to_string_lossy().into_owned();
    let pip = |packages: &[&str]| {
        let mut command = shell::command(&python_text, &["-m", "pip", "install", "--quiet"]);
        command.env("PIP_DISABLE_PIP_VERSION_CHECK", "1").args(packages);
        shell::run(&mut command)
    };
    if pip(PEERS).is_err() {
        for peer in PEERS {
            if let Err(error) = pip(&[peer]) {
                println!("cannot install {peer}: {error:#}");
            }
        }
    }
    Ok(python)
}
