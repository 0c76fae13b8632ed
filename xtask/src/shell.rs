//! Running other programs from the project's root.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// A command in the project's root, with nothing on its standard input.
pub(crate) fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(crate::project::root()).stdin(Stdio::null());
    command
}

/// Cargo with these arguments.
pub(crate) fn cargo(args: &[&str]) -> Command {
    command("cargo", args)
}

/// What pulls in the AWS SDKs: minutes of building that only `cargo xtask aws` and `ci --all` need.
pub(crate) const AWS: &str = "augment-stores-aws";

/// A chore of cargo over every package but the adapter for AWS.
pub(crate) fn over_workspace(chore: &str, args: &[&str]) -> Command {
    let mut cargo = cargo(&[chore, "--workspace", "--exclude", AWS]);
    cargo.args(args);
    cargo
}

/// Lets a command find more programs in a folder, before all others.
pub(crate) fn add_to_path(command: &mut Command, folder: &Path) -> anyhow::Result<()> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&path));
    command.env("PATH", std::env::join_paths(folders)?);
    Ok(())
}

/// Runs a command whose output the reader sees; an unsuccessful end is an error.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let shown = show(command);
    let status = command.status().with_context(|| format!("{shown} did not start"))?;
    if !status.success() {
        bail!("{shown}: {status}");
    }
    Ok(())
}

/// Runs a command and returns what it wrote to standard output; its errors go to the terminal.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let shown = show(command);
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("{shown} did not start"))?;
    if !output.status.success() {
        bail!("{shown}: {}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("{shown} wrote something other than text"))
}

/// Whether a program runs and ends well.
pub(crate) fn works(program: &str, args: &[&str]) -> bool {
    command(program, args).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn show(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}
