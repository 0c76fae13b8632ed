//! `cargo xtask setup`: what the chores need on a machine, fetched where it is missing.

pub(crate) mod browser;
pub(crate) mod debian;

use std::process::Command;

use anyhow::bail;

use crate::{shell, wasm};

/// The oldest Node that is tested, as the README says.
const OLDEST_NODE: u32 = 20;

pub(crate) fn run() -> anyhow::Result<()> {
    node()?;
    valgrind();
    wasm_target()
}

/// What the browser tests need besides: Chromium and its driver.
pub(crate) fn browser() -> anyhow::Result<()> {
    browser::Browser::Chromium.ready()?;
    browser::driver().map(|_| ())
}

/// Counts the kernels' instructions; without it that report is left out.
fn valgrind() {
    if !shell::works("valgrind", &["--version"])
        && debian::can_install()
        && let Err(error) = debian::install(&["valgrind"])
    {
        println!("valgrind cannot be installed, so no instructions will be counted: {error:#}");
    }
}

/// Installs Debian's toolchain for WebAssembly even where another one would do.
pub(crate) fn fallback() -> anyhow::Result<()> {
    debian::install_toolchain()
}

fn node() -> anyhow::Result<()> {
    if node_version().is_none() && debian::can_install() {
        debian::install(&["nodejs"])?;
    }
    match node_version() {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        Some(major) => bail!("Node {major} is too old: install Node {OLDEST_NODE} or later"),
        None => bail!("Node is missing: install Node {OLDEST_NODE} or later"),
    }
}

fn node_version() -> Option<u32> {
    let output = Command::new("node").arg("--version").output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

/// The WebAssembly target: by rustup, else by Debian's packages.
fn wasm_target() -> anyhow::Result<()> {
    if wasm::has_target(None) || wasm::has_target(Some(wasm::FALLBACK_TOOLCHAIN)) {
        return Ok(());
    }
    println!("fetching the {} target", wasm::TARGET);
    if shell::works("rustup", &["target", "add", wasm::TARGET]) && wasm::has_target(None) {
        return Ok(());
    }
    println!("rustup cannot fetch it: taking Debian's packages");
    debian::install_toolchain()
}
