//! `delta completions` and `delta man`: what shells and manual readers want to know, from the command line's own help.

use anyhow::Context;
use clap::CommandFactory;

use crate::args::{Cli, CompletionsArgs, ManArgs};
use crate::console::Console;
use crate::outcome::Outcome;

/// Prints completions for a shell.
pub(crate) fn completions(console: &Console, args: &CompletionsArgs) -> anyhow::Result<Outcome> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "delta", &mut text);
    console.result(String::from_utf8_lossy(&text).trim_end())?;
    Ok(Outcome::Done)
}

/// Writes a manual page for each command.
pub(crate) fn man(args: &ManArgs) -> anyhow::Result<Outcome> {
    let folder = args.folder.display();
    std::fs::create_dir_all(&args.folder).with_context(|| format!("{folder} cannot be made"))?;
    clap_mangen::generate_to(Cli::command(), &args.folder).with_context(|| format!("{folder} cannot be written"))?;
    Ok(Outcome::Done)
}
