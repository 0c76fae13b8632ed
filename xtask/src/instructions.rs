//! `bench --kernels`: instructions of each kernel under valgrind, beside those of the last record. Counts are the same on
//! a busy machine and on a quiet one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, bail};

use crate::steps::Tally;
use crate::{project, shell};

/// A rise that is pointed out, in percent.
const NOTABLE: f64 = 10.0;
const HEADER: &str = "# Instructions a kernel, written by `cargo xtask bench --kernels --write`.\n";

/// Prints every kernel's count and its change; a notable rise fails. `write` makes the counts the record.
pub(crate) fn run(write: bool) -> anyhow::Result<Tally> {
    if !shell::works("valgrind", &["--version"]) {
        println!(
            "skipped: valgrind, which counts instructions, is not installed (on Debian: apt-get install valgrind)"
        );
        return Ok(Tally::SKIPPED);
    }
    shell::run(&mut shell::cargo(&[
        "build",
        "--quiet",
        "--release",
        "-p",
        "augment-benches",
        "--bin",
        "augment-kernels",
    ]))?;
    let program = project::target_dir()?.join("release/augment-kernels").to_string_lossy().into_owned();
    let names = shell::output(&mut shell::command(&program, &[]))?;
    let record = read();
    let (mut counts, mut risen) = (BTreeMap::new(), Vec::new());
    println!("{:28} {:>14} {:>14} {:>8}", "kernel", "instructions", "recorded", "change");
    for name in names.lines() {
        let count = instructions(&program, name)?;
        let before = record.get(name).copied();
        let change = before.map(|before| 100.0 * (count as f64 / before as f64 - 1.0));
        let shown = (
            before.map_or("new".to_owned(), |n| n.to_string()),
            change.map_or(String::new(), |c| format!("{c:+.1} %")),
        );
        println!("{name:28} {count:>14} {:>14} {:>8}", shown.0, shown.1);
        if change.is_some_and(|change| change > NOTABLE) {
            risen.push(name);
        }
        counts.insert(name.to_owned(), count);
    }
    if !risen.is_empty() {
        println!("more than {NOTABLE} % above the record: {}", risen.join(", "));
    }
    if write {
        let lines: String = counts.iter().map(|(name, count)| format!("{name} {count}\n")).collect();
        std::fs::write(path(), format!("{HEADER}{lines}")).context("the record cannot be written")?;
        risen.clear();
    }
    Ok(Tally { passed: counts.len() - risen.len(), failed: risen.len(), skipped: 0 })
}

fn path() -> PathBuf {
    project::root().join("benches/kernels.txt")
}

fn read() -> BTreeMap<String, u64> {
    let text = std::fs::read_to_string(path()).unwrap_or_default();
    let counts = text.lines().filter_map(|line| line.rsplit_once(' '));
    counts.filter_map(|(name, count)| Some((name.to_owned(), count.parse().ok()?))).collect()
}

/// What callgrind counts within the watched function.
fn instructions(program: &str, name: &str) -> anyhow::Result<u64> {
    let watch = ["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*measured_kernel*"];
    let output = shell::command("valgrind", &watch).args([program, name]).output().context("valgrind did not start")?;
    let log = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("{name} ended with {}: {log}", output.status);
    }
    let count = log.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    count.with_context(|| format!("valgrind counted nothing for {name}: {log}"))
}
