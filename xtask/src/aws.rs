//! `cargo xtask aws`: the deployment on AWS without AWS: builds the functions, and runs what needs an emulator.

use std::path::PathBuf;

use anyhow::bail;

use crate::{project, python, shell};

/// The emulator, pinned, with its interpreter of state machines.
const MOTO: &str = "moto[awslambda,dynamodb,s3,server,stepfunctions]==5.2.1";
/// The command line of AWS, pinned: what the documentation does with it must work.
const COMMAND_LINE: &str = "awscli==1.45.11";
/// Bytes of the function at most: what is unpacked at every cold start.
const MAX_BYTES: u64 = 10_000_000;

pub(crate) fn run() -> anyhow::Result<()> {
    let moto = python::environment("moto", &[MOTO])?;
    let command_line = python::environment("awscli", &[COMMAND_LINE])?;
    let presign = presign()?;
    let (augment, delta) = augment()?;
    // The adapter for S3 over the embedded server needs no emulator.
    let with = ["test", "--workspace", "--features", "augment-api-tests/aws"];
    shell::run(shell::cargo(&with).args(["--test", "s3"]))?;
    let mut tests = shell::cargo(&with);
    tests.args(["--test", "aws", "--test", "augment", "--test", "serve"]);
    tests.args(["--", "--ignored", "--nocapture", "--test-threads", "1"]);
    tests.env("MOTO_PYTHON", moto).env("PRESIGN_LAMBDA", presign).env("AUGMENT_LAMBDA", augment).env("DELTA", delta);
    if let Some(folder) = command_line.parent() {
        shell::add_to_path(&mut tests, folder)?;
    }
    let photographs = project::root().join("../shared/data");
    if photographs.exists() {
        tests.env("DELTA_PHOTOGRAPHS", photographs);
    }
    shell::run(&mut tests)
}

/// Builds the function of jobs as it is deployed, and the command whose bytes it must make.
fn augment() -> anyhow::Result<(PathBuf, PathBuf)> {
    let build = ["build", "--release", "--package", "augment-lambda", "--package", "delta-augment"];
    shell::run(shell::cargo(&build).args(["--features", "augment-lambda/lambda"]))?;
    let release = project::target_dir()?.join("release");
    let built = release.join("augment-lambda");
    println!("the function of jobs: {:.2} MB", std::fs::metadata(&built)?.len() as f64 / 1e6);
    Ok((built, release.join("delta")))
}

/// Builds the function of the API as it is deployed, and holds it to its size.
fn presign() -> anyhow::Result<PathBuf> {
    let build = ["build", "--package", "presign-lambda", "--features", "lambda", "--profile", "lambda"];
    shell::run(&mut shell::cargo(&build))?;
    let built = project::target_dir()?.join("lambda/presign-lambda");
    let bytes = std::fs::metadata(&built)?.len();
    println!("the function of the API: {:.2} MB", bytes as f64 / 1e6);
    if bytes > MAX_BYTES {
        bail!("the function has {bytes} bytes, {MAX_BYTES} at most");
    }
    Ok(built)
}
