//! `cargo xtask deploy`: builds everything and puts it into an AWS account; `cargo xtask destroy` takes it away again.

mod destroy;
mod functions;
mod operator;
mod site;
mod stack;

use anyhow::bail;

pub(crate) use self::destroy::{Removal, destroy};
use self::operator::Operator;
use self::stack::{FOLDER, output, outputs};
use crate::{python, shell};

/// What to deploy, and where.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Deployment {
    /// The stack's name, which buckets begin with: lower-case letters, digits and hyphens.
    #[arg(long, default_value = "delta-augment")]
    pub(crate) stack: String,
    /// The region; that of the AWS CLI's settings without it.
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// A parameter of the template, as `AlarmEmail=me@example.org`. May be repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// Build the container for large images and push it too (needs podman or docker).
    #[arg(long)]
    pub(crate) container: bool,
    /// Only print what would be run.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Deploys everything.
pub(crate) fn deploy(deployment: &Deployment) -> anyhow::Result<()> {
    check_stack(&deployment.stack)?;
    if let Some(wrong) = deployment.set.iter().find(|set| set.split_once('=').is_none_or(|(name, _)| name.is_empty())) {
        bail!("--set {wrong}: give a parameter of infra/template.yaml and its value, as AlarmEmail=me@example.org");
    }
    let mut operator = Operator::new(deployment.dry_run, deployment.region.clone())?;
    let tools = if deployment.dry_run {
        None
    } else {
        operator::needs("aws", "install the AWS CLI, version 2, and sign in (`aws configure`)")?;
        if !python::is_there() {
            bail!("there is no Python 3 with venv, by which the tool that builds functions for arm64 is installed");
        }
        Some(functions::tools()?)
    };
    put(&mut operator, deployment, tools.as_deref())
}

/// The calls of a deployment, in their order.
fn put(operator: &mut Operator, deployment: &Deployment, tools: Option<&std::path::Path>) -> anyhow::Result<()> {
    let stack = deployment.stack.as_str();
    for function in functions::FUNCTIONS {
        functions::build(operator, tools, function)?;
    }
    let artifacts = operator.artifacts(stack)?;
    if !operator.has_bucket(&artifacts)? {
        operator.aws(&["s3", "mb", &format!("s3://{artifacts}")])?;
    }
    let packaged = format!("{FOLDER}/packaged.yaml");
    let template = ["--template-file", "infra/template.yaml", "--output-template-file", &packaged];
    operator.aws(&[&["cloudformation", "package", "--s3-bucket", &artifacts][..], &template].concat())?;

    let mut deploy = vec!["cloudformation", "deploy", "--stack-name", stack, "--template-file", &packaged];
    deploy.extend(["--s3-bucket", &artifacts, "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]);
    deploy.push("--no-fail-on-empty-changeset");
    if !deployment.set.is_empty() {
        deploy.push("--parameter-overrides");
        deploy.extend(deployment.set.iter().map(String::as_str));
    }
    operator.aws(&deploy)?;

    let outputs = outputs(operator, stack)?;
    if deployment.container {
        container(operator, output(&outputs, "LargeImages")?)?;
    }
    site::put(operator, &outputs)?;
    operator.say(&format!("the page: {}", output(&outputs, "SiteUrl")?));
    operator.say(&format!("drop files into: s3://{}/originals/", output(&outputs, "OriginalsBucket")?));
    Ok(())
}

/// Builds the container for large images and pushes it to the stack's repository.
fn container(operator: &mut Operator, repository: &str) -> anyhow::Result<()> {
    let engine = ["podman", "docker"].into_iter().find(|engine| shell::works(engine, &["--version"]));
    let engine = match engine {
        Some(engine) => engine,
        None if operator.is_dry() => "podman",
        None => bail!("--container needs podman or docker"),
    };
    let image = format!("{repository}:latest");
    operator
        .run(engine, &["build", "--platform", "linux/amd64", "--file", "infra/Containerfile", "--tag", &image, "."])?;
    let registry = repository.split('/').next().unwrap_or_default();
    let password = operator.ask("PASSWORD", &["ecr", "get-login-password"])?;
    operator.run_with(engine, &["login", "--username", "AWS", "--password-stdin", registry], &password)?;
    operator.run(engine, &["push", &image])
}

/// Refuses names that buckets cannot have: `NAME-originals-ACCOUNT-REGION` has 63 characters at most.
fn check_stack(stack: &str) -> anyhow::Result<()> {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    let begins = stack.starts_with(|letter: char| letter.is_ascii_lowercase());
    if !begins || !stack.chars().all(plain) || stack.ends_with('-') || stack.len() > 24 {
        bail!("{stack}: a stack's name has up to 24 lower-case letters, digits and hyphens, the first a letter");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::stack::NAMES;
    use super::{Deployment, check_stack, put};
    use crate::deploy::operator::Operator;

    fn dry(set: &[&str], container: bool) -> Vec<String> {
        let set = set.iter().map(ToString::to_string).collect();
        let stack = "cells".to_owned();
        let deployment = Deployment { stack, region: None, set, container, dry_run: true };
        let mut operator = Operator::new(true, Some("eu-central-1".to_owned())).unwrap();
        put(&mut operator, &deployment, None).unwrap();
        operator.said()
    }

    /// The place of the one line that begins so.
    fn place(lines: &[String], start: &str) -> usize {
        let found: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].starts_with(start)).collect();
        assert_eq!(found.len(), 1, "{start} among {lines:#?}");
        found[0]
    }

    #[test]
    fn everything_is_built_before_the_stack_and_the_page_comes_last() {
        let lines = dry(&["AlarmEmail=a@example.org", "Open=yes"], false);
        let order = [
            "cargo lambda build --arm64 --package presign-lambda",
            "cargo lambda build --arm64 --package augment-lambda",
            "aws cloudformation package --s3-bucket cells-artifacts-<ACCOUNT>-eu-central-1",
            "aws cloudformation deploy --stack-name cells",
            "cargo xtask dist --out out/deploy/site --connect <OriginalsOrigin> --connect <ResultsOrigin> --api <SiteUrl> \
             --connect <SignInOrigins>",
            "aws s3 cp out/deploy/site/index.html s3://<SiteBucket>/index.html",
            "aws cloudfront create-invalidation --distribution-id <SiteDistribution>",
        ];
        let places: Vec<usize> = order.iter().map(|start| place(&lines, start)).collect();
        assert!(places.is_sorted(), "{places:?} in {lines:#?}");
        let deploy = &lines[places[3]];
        assert!(
            deploy.ends_with("--parameter-overrides AlarmEmail=a@example.org Open=yes --region eu-central-1"),
            "{deploy}"
        );
        assert!(!lines.iter().any(|line| line.contains("podman")), "no container unless it is asked for");
        assert!(dry(&[], true).iter().any(|line| line.contains("--file infra/Containerfile")), "asked for");
    }

    #[test]
    fn the_template_has_every_output_that_is_used() {
        let root = crate::project::root();
        let template = std::fs::read_to_string(root.join("infra/template.yaml")).unwrap();
        let (_, outputs) = template.split_once("\nOutputs:\n").expect("the template has outputs");
        for name in NAMES {
            assert!(outputs.contains(&format!("\n  {name}:")) || outputs.starts_with(&format!("  {name}:")), "{name}");
        }
    }

    #[test]
    fn only_names_that_buckets_can_have_are_taken() {
        for good in ["delta-augment", "a", "cells2"] {
            assert!(check_stack(good).is_ok(), "{good}");
        }
        for bad in ["", "Cells", "2cells", "cells-", "a_b", "a-name-of-twenty-five-let-", "cells; rm"] {
            assert!(check_stack(bad).is_err(), "{bad}");
        }
    }
}
