//! Who runs the calls of a deployment: really, or only saying them.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, bail};

use crate::shell;

/// Runs programs, or in a dry run says what it would run.
pub(super) struct Operator {
    dry: bool,
    region: String,
    said: Vec<String>,
}

impl Operator {
    /// In a region, or in the one of the AWS CLI's settings.
    pub(super) fn new(dry: bool, region: Option<String>) -> anyhow::Result<Self> {
        let variable = |name| std::env::var(name).ok().filter(|region| !region.is_empty());
        let region = region.or_else(|| variable("AWS_REGION")).or_else(|| variable("AWS_DEFAULT_REGION"));
        let region = match region {
            Some(region) => region,
            None if dry => "<REGION>".to_owned(),
            None => {
                let told = shell::output(&mut shell::command("aws", &["configure", "get", "region"]));
                let told = told.map(|region| region.trim().to_owned()).unwrap_or_default();
                if told.is_empty() {
                    bail!("say where to: --region eu-central-1, or `aws configure`");
                }
                told
            }
        };
        Ok(Self { dry, region, said: Vec::new() })
    }

    pub(super) const fn is_dry(&self) -> bool {
        self.dry
    }

    /// Everything that was said, for tests.
    #[cfg(test)]
    pub(super) fn said(self) -> Vec<String> {
        self.said
    }

    /// Tells the reader something; a dry run keeps it, too.
    pub(super) fn say(&mut self, line: &str) {
        println!("{line}");
        self.said.push(line.to_owned());
    }

    /// Says a call as a shell takes it, and whether it is to be run.
    fn call(&mut self, program: &str, args: &[&str]) -> bool {
        let plain = |word: &&str| word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:=@<>,+*%".contains(c));
        let quoted =
            |word: &&str| if plain(word) && !word.is_empty() { (*word).to_owned() } else { format!("'{word}'") };
        let words: Vec<String> = std::iter::once(program.to_owned()).chain(args.iter().map(quoted)).collect();
        self.say(&words.join(" "));
        !self.dry
    }

    fn in_region<'a>(&'a self, args: &[&'a str]) -> Vec<String> {
        args.iter().copied().chain(["--region", &self.region]).map(str::to_owned).collect()
    }

    /// Runs a program.
    pub(super) fn run(&mut self, program: &str, args: &[&str]) -> anyhow::Result<()> {
        if self.call(program, args) { shell::run(&mut shell::command(program, args)) } else { Ok(()) }
    }

    /// Runs a program that finds more programs in a folder.
    pub(super) fn run_among(&mut self, more: Option<&Path>, program: &str, args: &[&str]) -> anyhow::Result<()> {
        if !self.call(program, args) {
            return Ok(());
        }
        let mut command = shell::command(program, args);
        if let Some(more) = more {
            shell::add_to_path(&mut command, more)?;
        }
        shell::run(&mut command)
    }

    /// Runs a program that reads a secret.
    pub(super) fn run_with(&mut self, program: &str, args: &[&str], input: &str) -> anyhow::Result<()> {
        if !self.call(program, args) {
            return Ok(());
        }
        let mut command = shell::command(program, args);
        let mut child = command.stdin(Stdio::piped()).spawn().with_context(|| format!("{program} did not start"))?;
        let mut stdin = child.stdin.take().context("it takes no input")?;
        stdin.write_all(input.as_bytes())?;
        drop(stdin);
        let status = child.wait()?;
        if !status.success() {
            bail!("{program}: {status}");
        }
        Ok(())
    }

    /// A call of the AWS CLI.
    pub(super) fn aws(&mut self, args: &[&str]) -> anyhow::Result<()> {
        let args = self.in_region(args);
        self.run("aws", &args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// What the AWS CLI answers; a dry run has a name for it.
    pub(super) fn ask(&mut self, name: &str, args: &[&str]) -> anyhow::Result<String> {
        let args = self.in_region(args);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        if self.call("aws", &args) {
            Ok(shell::output(&mut shell::command("aws", &args))?.trim().to_owned())
        } else {
            Ok(format!("<{name}>"))
        }
    }

    /// The bucket that what is deployed is handed over in.
    pub(super) fn artifacts(&mut self, stack: &str) -> anyhow::Result<String> {
        let account = self.ask("ACCOUNT", &["sts", "get-caller-identity", "--query", "Account", "--output", "text"])?;
        Ok(format!("{stack}-artifacts-{account}-{}", self.region))
    }

    /// Whether there is a bucket already; in a dry run there is none.
    pub(super) fn has_bucket(&mut self, bucket: &str) -> anyhow::Result<bool> {
        let args = self.in_region(&["s3api", "head-bucket", "--bucket", bucket]);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        Ok(self.call("aws", &args) && shell::works("aws", &args))
    }
}

/// Fails in words where a program is missing.
pub(super) fn needs(program: &str, advice: &str) -> anyhow::Result<()> {
    if shell::works(program, &["--version"]) { Ok(()) } else { bail!("the program `{program}` is not there: {advice}") }
}
