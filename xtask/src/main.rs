//! The chores of the project, one module each; `cargo xtask help` lists them.
#![expect(clippy::print_stdout, reason = "a chore reports to the terminal")]

mod arm64;
mod aws;
mod bench;
mod bench_web;
mod catalog;
mod ci;
mod contract;
mod demo;
mod deploy;
mod dev;
mod dist;
mod e2e;
mod goldens;
mod infra;
mod instructions;
mod judge;
mod licenses;
mod marked;
mod new_transform;
mod project;
mod python;
mod serve;
mod setup;
mod shell;
mod steps;
mod test;
mod unused;
mod wasm;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::dist::Options;
use crate::goldens::Builds;
use crate::setup::browser::Browser;
use crate::steps::Tally;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The chores of the project")]
struct Args {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Make this machine ready: WebAssembly target, Node, and a browser for the tests. Safe to run again.
    Setup {
        /// Install Debian's toolchain for WebAssembly even where rustup has the target.
        #[arg(long)]
        fallback: bool,
    },
    /// The main job: draw a sample dataset, augment it, verify it, and picture it, all in `out/`.
    Demo,
    /// Everything a change must pass: tests, doc tests, and golden hashes natively and in WebAssembly.
    Test,
    /// Run it in the browser: build the page, serve it on this machine, print its address.
    Web {
        /// The port to listen on; 0 takes a free one.
        #[arg(long, default_value_t = 8000)]
        port: u16,
    },
    /// Build the page into a folder that any static host can serve.
    Dist {
        /// The folder; an earlier site in it is replaced.
        #[arg(long, default_value = "dist")]
        out: PathBuf,
        /// An origin beside its own that the page may talk to, as `https://api.example.org`. May be repeated.
        #[arg(long, value_name = "ORIGIN")]
        connect: Vec<String>,
        /// The address of the API that the page shares images by, as `https://api.example.org`.
        #[arg(long, value_name = "ADDRESS")]
        api: Option<String>,
    },
    /// Run the whole service on this machine: build the page and the command, start `delta serve`.
    Serve {
        /// The port to listen on; 0 takes a free one.
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Where its data is kept; otherwise in the user's data directory.
        #[arg(long)]
        data: Option<PathBuf>,
    },
    /// Serve a site that was built before.
    Host {
        /// Its folder.
        #[arg(default_value = "dist")]
        folder: PathBuf,
        /// The port to listen on; 0 takes a free one.
        #[arg(long, default_value_t = 8000)]
        port: u16,
    },
    /// Drive the built page in a real browser, and hold what it makes against the command line.
    E2e {
        /// The browser.
        #[arg(long, value_enum, default_value = "chromium")]
        browser: Browser,
        /// Only the files in `tests/browser` whose name contains this.
        #[arg(long)]
        only: Option<String>,
    },
    /// Serve the page as it is being written: builds quickly, and again with a reload whenever a source changes.
    Dev {
        /// The port to listen on; 0 takes a free one.
        #[arg(long, default_value_t = 8000)]
        port: u16,
    },
    /// Measure the program against its peers on real photographs, and where its time goes.
    Bench {
        /// One short round: a look, not a measurement.
        #[arg(long)]
        quick: bool,
        /// Write the figures into the pages on performance too.
        #[arg(long)]
        write: bool,
        /// The page in a browser instead, beside the command line and the browser's own codecs.
        #[arg(long)]
        web: bool,
        /// Count each kernel's instructions instead and compare with `benches/kernels.txt`.
        #[arg(long)]
        kernels: bool,
    },
    /// The deployment on AWS without AWS: build the API's function, and run its tests over emulators (needs Python).
    Aws,
    /// The template of the deployment: translated, linted, held to its rules, run in parts (needs Python).
    Infra,
    /// Run the kernels' tests on 64-bit Arm, emulated (needs Debian's qemu-user).
    Arm64,
    /// Let the loaders of trainers read what the program writes: not a complaint may come (needs Python).
    Judge,
    /// Put all of it into an AWS account: functions, stores, page, alarms (needs the AWS CLI and Python).
    Deploy(deploy::Deployment),
    /// Take a deployment away again, with every image in it.
    Destroy(deploy::Removal),
    /// Hold a running `delta serve` to the API's document by made-up requests (needs Python).
    Contract {
        /// For how long.
        #[arg(long, default_value_t = 300)]
        seconds: u32,
    },
    /// Everything the project's own gate runs: lints, checks of dependencies, `test`, documentation.
    Ci {
        /// Everything there is: also the adapters for AWS, goldens of every build, and instructions of the kernels.
        #[arg(long)]
        all: bool,
    },
    /// Compute every golden hash natively and in WebAssembly and compare with `tests/golden`.
    Goldens {
        /// Write `tests/golden` again instead (the builds must still agree with each other).
        #[arg(long)]
        update: bool,
    },
    /// Write what follows from the transforms' own files: registry, docs page, recipe schema, missing goldens.
    Catalog {
        /// Only compare, and fail on a difference.
        #[arg(long)]
        check: bool,
    },
    /// Start the file of a new transform.
    NewTransform {
        /// Its kind by folder: geometry, pixel, neighborhood, occlusion or mixing.
        kind: String,
        /// Its name in recipes, lower case with underscores.
        name: String,
    },
}

fn main() -> ExitCode {
    let outcome = match Args::parse().chore {
        Chore::Setup { fallback: false } => setup::run().and_then(|()| setup::browser()),
        Chore::Setup { fallback: true } => setup::fallback(),
        Chore::Demo => demo::run(),
        Chore::Test => test::run(),
        Chore::Web { port } => dev::web(port, "dist".into()),
        Chore::Dist { out, connect, api } => dist::run(&Options { connect, api, ..Options::published(out) }),
        Chore::Serve { port, data } => serve::run(port, data.as_deref()),
        Chore::Host { folder, port } => dev::host(&folder, port),
        Chore::E2e { browser, only } => e2e::run(browser, only.as_deref()).and_then(Tally::verdict),
        Chore::Dev { port } => dev::dev(port),
        Chore::Bench { quick, write, web: true, .. } => bench_web::run(quick, write),
        Chore::Bench { write, kernels: true, .. } => instructions::run(write).and_then(Tally::verdict),
        Chore::Bench { quick, write, .. } => bench::run(quick, write),
        Chore::Aws => aws::run(),
        Chore::Arm64 => arm64::kernels(goldens::PROFILE).and_then(Tally::verdict),
        Chore::Infra => infra::run().and_then(Tally::verdict),
        Chore::Judge => judge::run().and_then(Tally::verdict),
        Chore::Deploy(deployment) => deploy::deploy(&deployment),
        Chore::Destroy(removal) => deploy::destroy(&removal),
        Chore::Contract { seconds } => contract::run(seconds),
        Chore::Ci { all } => ci::run(all),
        Chore::Catalog { check } => catalog::run(check),
        Chore::NewTransform { kind, name } => new_transform::run(&kind, &name),
        Chore::Goldens { update } => goldens::run(Builds::All, update).and_then(Tally::verdict),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Args;

    #[test]
    fn documents_name_only_chores_that_there_are() {
        let mut named = 0;
        for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
            let text = std::fs::read_to_string(crate::project::root().join(document)).expect("the document is there");
            for (_, rest) in text.match_indices("cargo xtask ").map(|(at, words)| text.split_at(at + words.len())) {
                let chore = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or_default();
                let known = chore == "help" || Args::command().find_subcommand(chore).is_some();
                assert!(known || chore.is_empty(), "{document} names `cargo xtask {chore}`, which there is not");
                named += 1;
            }
        }
        assert!(named > 5, "only {named} chores are named: the search is broken");
    }
}
