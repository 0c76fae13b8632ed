//! `cargo xtask infra`: the template of the deployment, translated, linted, held to its rules and run in parts.

use crate::steps::Tally;
use crate::{python, shell};

/// What translates and lints templates, and what stands for AWS.
const PACKAGES: &[&str] = &[
    "aws-sam-translator==1.115.0",
    "cfn-lint==1.58.0",
    "moto[awslambda,cloudwatch,events,iam,s3,sns,sqs,stepfunctions]==5.2.1",
];
/// The programs in `infra/checks`, the cheap ones first.
const CHECKS: &[&str] = &["check.py", "routing.py", "summary.py", "machine.py"];

pub(crate) fn run() -> anyhow::Result<Tally> {
    let python = python::environment("infra", PACKAGES)?;
    let mut tally = Tally::default();
    for check in CHECKS {
        let mut command = shell::command(&python.to_string_lossy(), &[&format!("infra/checks/{check}")]);
        match shell::run(command.env("PYTHONDONTWRITEBYTECODE", "1")) {
            Ok(()) => tally.passed += 1,
            Err(error) => {
                println!("{error:#}");
                tally.failed += 1;
            }
        }
    }
    Ok(tally)
}
