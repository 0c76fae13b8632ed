//! `cargo xtask web` and `cargo xtask dev`: the site on this machine, as it is published or as it is being written.

mod reload;
pub(crate) mod server;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use walkdir::WalkDir;

use self::reload::Reload;
use self::server::Server;
use crate::dist::{self, Build, Options};
use crate::project;

/// What the site is made from.
const SOURCES: &[&str] = &["core/render/src", "core/src", "sample/src", "api/src", "web", "index.html", "Cargo.toml"];

/// How often the sources are looked at.
const EVERY: Duration = Duration::from_millis(300);

/// Builds the site as it is published and serves it until the program is stopped.
pub(crate) fn web(port: u16, out: PathBuf) -> anyhow::Result<()> {
    let options = Options::published(out);
    dist::run(&options)?;
    let server = Server::start(&project::root().join(&options.out), "/", port, None)?;
    println!("\nDelta Augment is at {} (stop with Ctrl+C)", server.address());
    server.wait();
    Ok(())
}

/// Serves a site that was built before until the program is stopped; the first line printed is its address.
pub(crate) fn host(folder: &Path, port: u16) -> anyhow::Result<()> {
    let server = Server::start(&project::root().join(folder), "/", port, None)?;
    println!("{}", server.address());
    server.wait();
    Ok(())
}

/// Builds quickly, serves, and builds and reloads again whenever a source changes, until the program is stopped.
pub(crate) fn dev(port: u16) -> anyhow::Result<()> {
    let out = project::target_dir()?.join("web-draft");
    let options = Options { out: out.clone(), connect: Vec::new(), api: None, build: Build::Draft };
    let reload = Arc::new(Reload::default());
    let mut seen = newest();
    build(&options);
    let server = Server::start(&out, "/", port, Some(Arc::clone(&reload)))?;
    println!("\nthe draft is at {}; it reloads when a source changes (stop with Ctrl+C)", server.address());
    loop {
        std::thread::sleep(EVERY);
        let now = newest();
        if now != seen {
            seen = now;
            println!("a source changed");
            if build(&options) {
                reload.announce();
            }
        }
    }
}

/// Whether the build went well; what went wrong is printed, and the last good site stays.
fn build(options: &Options) -> bool {
    let start = std::time::Instant::now();
    let built = dist::run(options);
    match &built {
        Ok(()) => println!("built in {:.1} s", start.elapsed().as_secs_f64()),
        Err(error) => println!("{error:#}"),
    }
    built.is_ok()
}

/// When a source was last written, and how many there are: removing one counts as a change.
fn newest() -> (Option<SystemTime>, usize) {
    let root = project::root();
    let files = SOURCES.iter().flat_map(|source| files(root.join(source)));
    files.fold((None, 0), |(newest, count), time| (newest.max(Some(time)), count + 1))
}

fn files(at: PathBuf) -> impl Iterator<Item = SystemTime> {
    let entries = WalkDir::new(at).into_iter().filter_map(Result::ok).filter(|entry| entry.file_type().is_file());
    entries.filter_map(|entry| entry.metadata().ok()?.modified().ok())
}
