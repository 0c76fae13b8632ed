//! Dependencies that a package names but no source file of it uses.

use std::path::{Path, PathBuf};

use anyhow::Context;
use cargo_metadata::{Metadata, Package};

use crate::project;
use crate::steps::Tally;

pub(crate) fn run() -> anyhow::Result<Tally> {
    let metadata = project::metadata(true)?;
    let mut tally = Tally::default();
    for package in metadata.workspace_packages() {
        let source = source_text(&folder(package)?)?;
        for dependency in &package.dependencies {
            let name = dependency.rename.clone().unwrap_or_else(|| library_name(&metadata, &dependency.name));
            if uses(&source, &name) || excused(package, &dependency.name) {
                tally.passed += 1;
            } else {
                println!("{}: nothing uses {}", package.name, dependency.name);
                tally.failed += 1;
            }
        }
    }
    Ok(tally)
}

fn folder(package: &Package) -> anyhow::Result<PathBuf> {
    let folder = package.manifest_path.parent().context("a manifest lies in a folder")?;
    Ok(folder.as_std_path().to_path_buf())
}

/// The name that code uses for a package's library.
fn library_name(metadata: &Metadata, package: &str) -> String {
    let library = metadata.packages.iter().find(|other| other.name.as_str() == package).and_then(|other| {
        other.targets.iter().find(|target| target.is_lib() || target.is_proc_macro()).map(|target| target.name.clone())
    });
    library.unwrap_or_else(|| package.to_owned()).replace('-', "_")
}

/// `ignored` under `[package.metadata.cargo-machete]`: crates named only to switch their features on.
fn excused(package: &Package, dependency: &str) -> bool {
    let ignored = package.metadata.get("cargo-machete").and_then(|table| table.get("ignored"));
    ignored.and_then(|list| list.as_array()).is_some_and(|list| list.iter().any(|name| name == dependency))
}

/// All Rust source below a package's folder, without the packages nested in it.
fn source_text(folder: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).with_context(|| format!("{} cannot be read", next.display()))? {
            let path = entry?.path();
            if path.is_dir() && !path.join("Cargo.toml").exists() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                text.push_str(&std::fs::read_to_string(&path)?);
            }
        }
    }
    Ok(text)
}

/// Whether the name stands in the text as a word of its own.
fn uses(text: &str, name: &str) -> bool {
    let part_of_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(name)
        .any(|(at, _)| !text[..at].ends_with(part_of_word) && !text[at + name.len()..].starts_with(part_of_word))
}

#[cfg(test)]
mod tests {
    use super::uses;

    #[test]
    fn a_crate_is_used_by_its_whole_name_only() {
        assert!(uses("use zip::ZipWriter;", "zip"), "as a path");
        assert!(!uses("let zipped = unzip;", "zip"), "inside other words");
    }
}
