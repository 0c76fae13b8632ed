//! `cargo xtask ci`: what the project's gate runs, on nothing but Rust and Node.

use crate::setup::browser::Browser;
use crate::steps::{Steps, Tally};
use crate::{
    catalog, demo, e2e, infra, instructions, judge, licences, project, python, setup, shell, test, unused, wasm,
};

pub(crate) fn run() -> anyhow::Result<()> {
    let mut steps = Steps::default();
    steps.step("setup", || setup::run().and_then(|()| setup::browser()).map(|()| Tally::ONE));
    steps.step("format", || cargo(&["fmt", "--all", "--check"]));
    steps.step("lints", || cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]));
    steps.step("lints of the core for WebAssembly", wasm::lint_core);
    steps.step("licences and banned crates", licences::run);
    steps.step("unused dependencies", unused::run);
    steps.step("catalogue up to date", || catalog::run(true).map(|()| Tally::ONE));
    test::add(&mut steps);
    steps.step("the main job on a sample", || demo::run().map(|()| Tally::ONE));
    steps.step("the loaders of trainers (with Python)", || python::in_gate(judge::run));
    steps.step("the template of the deployment (with Python)", || python::in_gate(infra::run));
    steps.step("the page in a browser", || e2e::run(Browser::Chromium, None));
    steps.step("instructions of the kernels (a report)", || instructions::run(false).map(|()| Tally::ONE));
    steps.step("documentation", documentation);
    let fuzz = project::root().join("fuzz/Cargo.toml");
    if fuzz.exists() {
        steps.step("fuzz targets build", fuzz_targets);
    }
    steps.finish()
}

fn cargo(args: &[&str]) -> anyhow::Result<Tally> {
    shell::run(&mut shell::cargo(args)).map(|()| Tally::ONE)
}

fn documentation() -> anyhow::Result<Tally> {
    let mut doc = shell::cargo(&["doc", "--workspace", "--no-deps", "--quiet"]);
    shell::run(doc.env("RUSTDOCFLAGS", "-D warnings")).map(|()| Tally::ONE)
}

/// Fuzz targets are a workspace of their own; checking them needs neither nightly nor a fuzzer.
fn fuzz_targets() -> anyhow::Result<Tally> {
    let target = project::target_dir()?.join("fuzz");
    let mut check = shell::cargo(&["check", "--quiet", "--all-targets", "--manifest-path", "fuzz/Cargo.toml"]);
    shell::run(check.arg("--target-dir").arg(target)).map(|()| Tally::ONE)
}
