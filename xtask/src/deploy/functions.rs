//! The functions, built for arm64 on whatever machine this is.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::operator::Operator;
use super::stack::FOLDER;
use crate::python;

/// What builds functions: it brings the linker and the headers of other machines along.
const PACKAGES: &[&str] = &["cargo-lambda==1.9.2"];
/// The packages whose binary is a function, and the profile that each is built with.
pub(super) const FUNCTIONS: &[(&str, &str)] = &[("presign-lambda", "lambda"), ("augment-lambda", "release")];

/// The folder of programs with `cargo lambda` in it.
pub(super) fn tools() -> anyhow::Result<PathBuf> {
    let python = python::environment("lambda-build", PACKAGES)?;
    python.parent().map(Path::to_path_buf).context("the environment has no folder of programs")
}

/// Builds a function as the template takes it: `bootstrap` in a folder of its name.
pub(super) fn build(operator: &mut Operator, tools: Option<&Path>, function: &(&str, &str)) -> anyhow::Result<()> {
    let (package, profile) = *function;
    let what = ["lambda", "build", "--arm64", "--package", package, "--features", "lambda", "--profile", profile];
    let how = ["--output-format", "binary", "--lambda-dir", FOLDER];
    operator.run_among(tools, "cargo", &[&what[..], &how].concat())
}
