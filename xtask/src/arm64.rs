//! 64-bit Arm, emulated: the kernels' tests, and a program whose output must be that of every other build.

use std::process::Command;

use crate::setup::debian;
use crate::steps::Tally;
use crate::{project, shell};

const TARGET: &str = "aarch64-unknown-linux-musl";
const EMULATOR: &str = "qemu-aarch64";

/// Fetches the emulator and the target where they are not there.
fn setup() -> anyhow::Result<()> {
    if !shell::works(EMULATOR, &["--version"]) {
        debian::install(&["qemu-user"])?;
    }
    shell::run(&mut shell::command("rustup", &["--quiet", "target", "add", TARGET]))
}

/// Cargo for the target. What it builds needs no other linker than Rust's own.
fn cargo(args: &[&str]) -> anyhow::Result<Command> {
    let mut cargo = shell::cargo(args);
    cargo.args(["--quiet", "--target", TARGET]).arg("--target-dir").arg(project::target_dir()?.join("arm64"));
    cargo.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER", "rust-lld");
    cargo.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_RUNNER", EMULATOR);
    Ok(cargo)
}

/// Runs the tests that hold vector kernels against their scalar forms.
pub(crate) fn kernels(profile: &str) -> anyhow::Result<Tally> {
    setup()?;
    let mut test = cargo(&["test", "--package", "augment-render", "--lib", "--profile", profile])?;
    shell::run(test.arg("kernels::")).map(|()| Tally::ONE)
}

/// What a program of a package prints.
pub(crate) fn output_of(package: &str, profile: &str) -> anyhow::Result<String> {
    setup()?;
    shell::output(&mut cargo(&["run", "--package", package, "--profile", profile])?)
}
