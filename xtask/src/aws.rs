//! `cargo xtask aws`: the deployment on AWS without AWS: builds the function, and runs what needs an emulator.

use std::path::PathBuf;

use anyhow::bail;

use crate::{project, python, shell};

/// The emulator, pinned.
const MOTO: &str = "moto[server,dynamodb,s3]==5.2.1";
/// Bytes of the function at most: what is unpacked at every cold start.
const MOST_BYTES: u64 = 10_000_000;

pub(crate) fn run() -> anyhow::Result<()> {
    let python = python::environment("moto", &[MOTO])?;
    let function = function()?;
    let mut tests = shell::cargo(&["test", "--package", "augment-api-tests", "--test", "aws"]);
    tests.args(["--", "--ignored", "--nocapture", "--test-threads", "1"]);
    shell::run(tests.env("MOTO_PYTHON", python).env("PRESIGN_LAMBDA", function))
}

/// Builds the function as it is deployed, and holds it to its size.
fn function() -> anyhow::Result<PathBuf> {
    let build = ["build", "--package", "presign-lambda", "--features", "lambda", "--profile", "lambda"];
    shell::run(&mut shell::cargo(&build))?;
    let built = project::target_dir()?.join("lambda/presign-lambda");
    let bytes = std::fs::metadata(&built)?.len();
    println!("the function: {:.2} MB", bytes as f64 / 1e6);
    if bytes > MOST_BYTES {
        bail!("the function has {bytes} bytes, {MOST_BYTES} at most");
    }
    Ok(built)
}
