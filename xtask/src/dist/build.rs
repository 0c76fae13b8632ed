//! The two WebAssembly modules of the site: how cargo builds them.

use std::path::PathBuf;

use crate::wasm::{self, Simd};
use crate::{project, shell};

/// How much care a build takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    /// Optimized, compressed and checked.
    Published,
    /// Built in seconds, for looking at a change.
    Draft,
}

impl Build {
    const fn profiles(self) -> (&'static str, &'static str) {
        match self {
            Self::Published => ("web", "web-worker"),
            Self::Draft => ("web-dev", "web-dev"),
        }
    }
}

/// Builds the page and its worker; gives both files. The page runs where there are no vectors, to say so there.
pub(super) fn modules(build: Build) -> anyhow::Result<(PathBuf, PathBuf)> {
    let (app, worker) = build.profiles();
    // Leptos' own setting: views of one type instead of a type each, which is less to build and to download.
    let erased = ["--cfg", "erase_components"];
    let app = module("augment-web", app, Simd::Plain, &erased)?;
    Ok((app, module("augment-web-worker", worker, Simd::Simd128, &[])?))
}

/// Builds a package for WebAssembly as the published worker is built: the same code of the core, in the same folder.
pub(crate) fn like_worker(package: &str) -> anyhow::Result<PathBuf> {
    module(package, Build::Published.profiles().1, Simd::Simd128, &[])
}

fn module(package: &str, profile: &str, simd: Simd, more: &[&str]) -> anyhow::Result<PathBuf> {
    let target = project::target_dir()?.join(format!("web-{}", simd.folder()));
    let mut build = wasm::cargo(&["rustc", "--quiet", "--lib", "--crate-type", "cdylib", "--package", package])?;
    build.args(["--profile", profile]).arg("--target-dir").arg(&target).arg("--");
    // To cut it, one must know what in it refers to what.
    build.arg("-Clink-arg=--emit-relocs");
    // One variable, split by a character that no path has; cargo prefers it to RUSTFLAGS.
    let mut flags = vec![simd.rustflags().to_owned()];
    flags.extend(without_paths());
    flags.extend(more.iter().map(|&flag| flag.to_owned()));
    shell::run(build.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f")))?;
    let module = target.join(wasm::TARGET).join(profile).join(format!("{}.wasm", package.replace('-', "_")));
    wasm::check_instructions(&module, simd)?;
    Ok(module)
}

/// Flags that keep this machine's folders out of panic messages: the same sources give the same bytes anywhere.
fn without_paths() -> Option<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))?;
    Some(format!("--remap-path-prefix={}=/cargo", home.display()))
}
