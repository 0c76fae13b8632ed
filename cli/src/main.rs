//! The `delta` command: reads the command line, runs a command, and ends with its exit code.

mod args;
mod augment;
mod catalog;
mod console;
mod dataset;
mod estimate;
mod input;
mod interrupt;
mod list;
mod manual;
mod memory;
mod outcome;
mod poll_job;
mod pull;
mod push;
mod recipe;
mod remake;
mod remote;
mod replay;
mod report;
mod run;
mod sample;
mod schedule;
mod serve;
mod target;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};
use crate::console::Console;
use crate::outcome::Outcome;

#[global_allocator]
static ALLOCATOR: memory::Allocator = memory::Allocator;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come as errors, too; a closed pipe is no reason to fail.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    // A server ends what is under way before it stops; everything else leaves nothing behind and stops at once.
    if !matches!(cli.command, Command::Serve(_)) {
        interrupt::watch();
    }
    schedule::hush_work();
    let console = Console::new();
    let result = match cli.command {
        Command::Augment(args) => augment::run(&console, &args),
        Command::Replay(args) => replay::run(&console, &args),
        Command::Verify(args) => verify::run(&console, &args),
        Command::Recipe(command) => recipe::run(&console, &command),
        Command::Catalog(args) => catalog::run(&console, &args),
        Command::Sample(args) => sample::run(&console, &args),
        Command::Serve(args) => serve::run(&console, &args),
        Command::Push(args) => push::run(&console, &args),
        Command::Pull(args) => pull::run(&console, &args),
        Command::List(args) => list::run(&console, &args),
        Command::Estimate(args) => estimate::run(&console, &args),
        Command::Completions(args) => manual::completions(&console, &args),
        Command::Man(args) => manual::man(&args),
    };
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Partly) => ExitCode::from(1),
        Err(error) if console::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            console.error(format_args!("error: {error:#}"));
            ExitCode::from(2)
        }
    }
}
