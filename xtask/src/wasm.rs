//! Builds for WebAssembly: which toolchain makes them, with and without SIMD.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use wasmparser::{Validator, WasmFeatures};

use crate::steps::Tally;
use crate::{project, shell};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The toolchain that `setup` links when rustup cannot fetch the target.
pub(crate) const FALLBACK_TOOLCHAIN: &str = "delta-web";

/// Whether a toolchain (`None`: the one in use) can build for WebAssembly.
pub(crate) fn has_target(toolchain: Option<&str>) -> bool {
    let mut rustc = shell::command("rustc", &["--print", "target-libdir", "--target", TARGET]);
    if let Some(name) = toolchain {
        rustc.env("RUSTUP_TOOLCHAIN", name);
    }
    let Ok(output) = rustc.output() else { return false };
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let Ok(mut files) = std::fs::read_dir(folder) else { return false };
    output.status.success()
        && files.any(|file| file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libstd-")))
}

/// Cargo for the WebAssembly target, by whichever toolchain has it.
pub(crate) fn cargo(args: &[&str]) -> anyhow::Result<Command> {
    let mut cargo = shell::cargo(args);
    cargo.args(["--target", TARGET]);
    if !has_target(None) {
        if !has_target(Some(FALLBACK_TOOLCHAIN)) {
            bail!("no toolchain here builds for {TARGET}: run `cargo xtask setup`");
        }
        // Cargo names itself and its compiler to what it runs: both belong to the other toolchain.
        cargo.env("RUSTUP_TOOLCHAIN", FALLBACK_TOOLCHAIN).env_remove("RUSTC").env_remove("CARGO");
    }
    Ok(cargo)
}

/// Clippy over the core for WebAssembly; a plain check where the fallback toolchain, without clippy, is in use.
pub(crate) fn lint_core() -> anyhow::Result<Tally> {
    let chore = if has_target(None) { "clippy" } else { "check" };
    let mut lint = cargo(&[chore, "--package", "augment-core", "--package", "augment-render", "--quiet"])?;
    if chore == "clippy" {
        lint.args(["--", "-D", "warnings"]);
    }
    shell::run(&mut lint).map(|()| Tally::ONE)
}

/// Whether a build may use 128-bit vectors.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Simd {
    Plain,
    Simd128,
}

impl Simd {
    /// The build folder under `target/`: both builds are kept, so neither throws the other's away.
    pub(crate) const fn folder(self) -> &'static str {
        match self {
            Self::Plain => "wasm-plain",
            Self::Simd128 => "wasm-simd128",
        }
    }

    pub(crate) const fn rustflags(self) -> &'static str {
        match self {
            Self::Plain => "-Ctarget-feature=-simd128",
            Self::Simd128 => "-Ctarget-feature=+simd128",
        }
    }
}

/// Builds a library package into a module, checks its instructions against `simd`, returns the file.
pub(crate) fn build_module(package: &str, profile: &str, simd: Simd) -> anyhow::Result<PathBuf> {
    let target = project::target_dir()?.join(simd.folder());
    let mut build = cargo(&["rustc", "--quiet", "--lib", "--crate-type", "cdylib"])?;
    build.args(["--package", package, "--profile", profile]).arg("--target-dir").arg(&target);
    shell::run(build.env("RUSTFLAGS", simd.rustflags()))?;
    let module = target.join(TARGET).join(profile).join(format!("{}.wasm", package.replace('-', "_")));
    check_instructions(&module, simd)?;
    Ok(module)
}

/// A plain module must be valid without SIMD, a `simd128` one must not: else both tests would run the same code.
pub(crate) fn check_instructions(module: &Path, simd: Simd) -> anyhow::Result<()> {
    let bytes = std::fs::read(module).with_context(|| format!("{} cannot be read", module.display()))?;
    let vectors = WasmFeatures::SIMD | WasmFeatures::RELAXED_SIMD;
    let everything = WasmFeatures::default();
    Validator::new_with_features(everything)
        .validate_all(&bytes)
        .with_context(|| format!("{} is not a valid module", module.display()))?;
    let without = Validator::new_with_features(everything.difference(vectors)).validate_all(&bytes);
    match (simd, without) {
        (Simd::Plain, Err(error)) => bail!("the plain build holds vector instructions: {error}"),
        (Simd::Simd128, Ok(_)) => bail!("the simd128 build holds no vector instruction"),
        _ => Ok(()),
    }
}
