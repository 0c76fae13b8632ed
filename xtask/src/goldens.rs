//! `cargo xtask goldens`: computes output hashes in several builds, compares them with `tests/golden`, or updates it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};

use crate::steps::Tally;
use crate::wasm::{self, Simd};
use crate::{arm64, dist, project, shell};

const PACKAGE: &str = "augment-goldens";
pub(crate) const PROFILE: &str = "golden";
const HEADER: &str = "# Written by `cargo xtask goldens --update`.\n";

/// Which builds compute the goldens.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Builds {
    /// The native one, and WebAssembly as browsers get it.
    Shipped,
    /// Those, one that uses all that this processor has, 64-bit Arm (emulated), and WebAssembly without vectors.
    All,
}

/// Computes the goldens in several builds and compares them with each other and with `tests/golden`.
pub(crate) fn run(builds: Builds, update: bool) -> anyhow::Result<Tally> {
    let (first, others) = outputs(builds)?;
    let mut tally = Tally { passed: first.1.lines().count(), ..Tally::default() };
    for (name, text) in &others {
        let failed = differences(&first.1, text);
        for line in &failed {
            println!("{name} differs from {}: {line}", first.0);
        }
        tally.passed += text.lines().count().saturating_sub(failed.len());
        tally.failed += failed.len();
    }
    for line in first.1.lines().filter(|line| line.contains(" broken:")) {
        println!("{line}");
        tally.failed += 1;
    }
    let folder = project::root().join("tests/golden");
    let wanted = files(&first.1)?;
    if !update {
        let failed = compare(&wanted, &read(&folder)?);
        for line in &failed {
            println!("{line}");
        }
        if !failed.is_empty() {
            println!("when the change is meant: `cargo xtask goldens --update`, and say why in the commit");
        }
        tally.failed += failed.len();
    } else if tally.failed == 0 {
        write(&folder, &wanted)?;
    }
    println!("{} hashes in {} builds, {} differences", first.1.lines().count(), others.len() + 1, tally.failed);
    Ok(tally)
}

/// Adds the golden files of what is new, by the native build alone; files that are there stay as they are.
pub(crate) fn add_missing() -> anyhow::Result<()> {
    let native = shell::output(&mut shell::cargo(&["run", "--quiet", "--package", PACKAGE]))?;
    let folder = project::root().join("tests/golden");
    let found = if folder.exists() { read(&folder)? } else { BTreeMap::new() };
    let mut wanted = files(&native)?;
    wanted.retain(|name, _| !found.contains_key(name));
    for name in wanted.keys() {
        println!("new golden: tests/golden/{name}.txt");
    }
    put(&folder, &wanted)
}

/// A build's name and the lines it printed.
type Output = (&'static str, String);

fn outputs(builds: Builds) -> anyhow::Result<(Output, Vec<Output>)> {
    let debug = shell::output(&mut shell::cargo(&["run", "--quiet", "--package", PACKAGE]))?;
    let mut others = vec![("WebAssembly with simd128", in_node(&dist::like_worker(PACKAGE)?)?)];
    if builds == Builds::All {
        let mut native = shell::cargo(&["run", "--quiet", "--package", PACKAGE, "--profile", PROFILE]);
        native.arg("--target-dir").arg(project::target_dir()?.join("native-cpu"));
        let native = shell::output(native.env("RUSTFLAGS", "-Ctarget-cpu=native"))?;
        others.push(("optimized for this processor", native));
        others.push(("64-bit Arm", arm64::output_of(PACKAGE, PROFILE)?));
        others.push(("plain WebAssembly", in_node(&wasm::build_module(PACKAGE, PROFILE, Simd::Plain)?)?));
    }
    Ok((("the native build", debug), others))
}

fn in_node(module: &Path) -> anyhow::Result<String> {
    shell::output(shell::command("node", &["tests/goldens/run.mjs"]).arg(module))
}

/// One line for each golden that two builds do not share.
fn differences(left: &str, right: &str) -> Vec<String> {
    let (left, right) = (by_name(left), by_name(right));
    let mut names: Vec<&str> = left.keys().chain(right.keys()).copied().collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .filter(|name| left.get(name) != right.get(name))
        .map(|name| {
            let shown = |side: &BTreeMap<&str, &str>| side.get(name).copied().unwrap_or("missing").to_owned();
            format!("{name}: {} instead of {}", shown(&right), shown(&left))
        })
        .collect()
}

/// `file case hash` lines as a map from `file case` to the hash.
fn by_name(text: &str) -> BTreeMap<&str, &str> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.rsplit_once(' ')).collect()
}

/// The files under `tests/golden` that an output stands for: path without its ending → content.
fn files(output: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for line in output.lines() {
        let (file, rest) = line.split_once(' ').with_context(|| format!("not a golden: {line}"))?;
        let content: &mut String = files.entry(file.to_owned()).or_insert_with(|| HEADER.to_owned());
        content.push_str(rest);
        content.push('\n');
    }
    Ok(files)
}

/// The files that are there.
fn read(folder: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).with_context(|| format!("{} cannot be read", next.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder)?.with_extension("").to_string_lossy().replace('\\', "/");
                files.insert(name, std::fs::read_to_string(&path)?);
            }
        }
    }
    Ok(files)
}

/// One line for each golden that is missing, stale or different.
fn compare(wanted: &BTreeMap<String, String>, found: &BTreeMap<String, String>) -> Vec<String> {
    let mut lines = Vec::new();
    for name in found.keys().filter(|name| !wanted.contains_key(*name)) {
        lines.push(format!("tests/golden/{name}.txt is stale: nothing makes it any more"));
    }
    for (name, content) in wanted {
        match found.get(name) {
            None => lines.push(format!("tests/golden/{name}.txt is missing")),
            Some(old) => {
                lines.extend(differences(old, content).into_iter().map(|line| format!("{name}: {line}")));
            }
        }
    }
    lines
}

fn write(folder: &Path, wanted: &BTreeMap<String, String>) -> anyhow::Result<()> {
    if folder.exists() {
        for name in read(folder)?.keys().filter(|name| !wanted.contains_key(*name)) {
            std::fs::remove_file(folder.join(format!("{name}.txt")))?;
        }
    }
    put(folder, wanted)
}

fn put(folder: &Path, files: &BTreeMap<String, String>) -> anyhow::Result<()> {
    for (name, content) in files {
        let path = folder.join(format!("{name}.txt"));
        let Some(parent) = path.parent() else { bail!("{name} has no folder") };
        std::fs::create_dir_all(parent)?;
        std::fs::write(&path, content).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{compare, differences, files};

    #[test]
    fn missing_stale_and_changed_goldens_are_all_named() {
        let wanted = files("math sin aa\nmath cos bb\ncodec/png decode cc\n").unwrap();
        let found = files("math sin aa\nmath cos b0\nold case dd\n").unwrap();
        let lines = compare(&wanted, &found);
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[0].contains("old.txt is stale"), "{lines:?}");
        assert!(lines[1].contains("codec/png.txt is missing"), "{lines:?}");
        assert!(lines[2].contains("cos: bb instead of b0"), "{lines:?}");
    }

    #[test]
    fn a_golden_that_one_build_lacks_is_a_difference() {
        assert_eq!(differences("math sin aa\nmath cos bb\n", "math sin aa\n").len(), 1, "cos is missing");
        assert!(differences("math sin aa\n", "math sin aa\n").is_empty(), "equal texts agree");
    }
}
