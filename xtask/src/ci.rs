//! `cargo xtask ci`: all checks a change must pass. Steps that need Python are skipped where it is missing.

use crate::goldens::{self, Builds};
use crate::setup::browser::Browser;
use crate::steps::{Steps, Tally};
use crate::{
    arm64, aws, catalog, demo, e2e, infra, instructions, judge, licenses, project, python, setup, shell, test, unused,
    wasm,
};

/// The functions and adapters that speak to AWS.
const OF_AWS: &str = "augment-api-tests/aws,augment-lambda/lambda,presign-lambda/lambda";

/// Runs the gate; with `all` also what takes long and what few changes touch.
pub(crate) fn run(all: bool) -> anyhow::Result<()> {
    let mut steps = Steps::default();
    steps.step("setup", || setup::run().and_then(|()| setup::browser()).map(|()| Tally::ONE));
    steps.step("format", || once(&mut shell::cargo(&["fmt", "--all", "--check"])));
    steps.step("lints", || lints(&mut shell::over_workspace("clippy", &[])));
    steps.step("lints of the core for WebAssembly", wasm::lint_core);
    steps.step("licenses and banned crates", licenses::run);
    steps.step("unused dependencies", unused::run);
    test::add(&mut steps);
    steps.step("catalog up to date", || catalog::run(true).map(|()| Tally::ONE));
    steps.step("the main job on a sample", || demo::run().map(|()| Tally::ONE));
    steps.step("the loaders of trainers (with Python)", || python::run_or_skip(judge::run));
    steps.step("the template of the deployment (with Python)", || python::run_or_skip(infra::run));
    steps.step("the page in a browser", || e2e::run(Browser::Chromium, None));
    steps.step("documentation", documentation);
    steps.step("fuzz targets build", fuzz_targets);
    if all {
        steps.step("lints of what speaks to AWS", || {
            lints(&mut shell::cargo(&["clippy", "--workspace", "--features", OF_AWS]))
        });
        steps.step("AWS without AWS (with Python)", || python::run_or_skip(|| aws::run().map(|()| Tally::ONE)));
        steps.step("the kernels on 64-bit Arm", || arm64::kernels(goldens::PROFILE));
        steps.step("goldens of every build", || goldens::run(Builds::All, false));
        steps.step("instructions of the kernels", || instructions::run(false));
    }
    steps.finish()
}

fn once(command: &mut std::process::Command) -> anyhow::Result<Tally> {
    shell::run(command).map(|()| Tally::ONE)
}

fn lints(clippy: &mut std::process::Command) -> anyhow::Result<Tally> {
    once(clippy.args(["--all-targets", "--quiet", "--", "-D", "warnings"]))
}

fn documentation() -> anyhow::Result<Tally> {
    once(shell::over_workspace("doc", &["--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings"))
}

/// Fuzz targets are a workspace of their own; checking them needs neither nightly nor a fuzzer.
fn fuzz_targets() -> anyhow::Result<Tally> {
    let mut check = shell::cargo(&["check", "--quiet", "--all-targets", "--manifest-path", "fuzz/Cargo.toml"]);
    once(check.arg("--target-dir").arg(project::target_dir()?))
}
