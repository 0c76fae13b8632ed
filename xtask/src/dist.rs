//! `cargo xtask dist`: builds the page into a folder that any static host can serve.

mod bind;
mod budget;
mod build;
mod purity;
mod shrink;
mod site;
mod split;
mod styles;
mod template;

use std::path::{Path, PathBuf};

use anyhow::Context;

pub(crate) use self::build::{Build, like_worker};
use self::site::Site;
use crate::project;

/// What a site is made for.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// The folder to write; what was in it goes.
    pub(crate) out: PathBuf,
    /// Origins beside its own that the page may talk to: an operator's API and object store.
    pub(crate) connect: Vec<String>,
    /// The address of the API that the page shares images by; none where the server of the page sets it.
    pub(crate) api: Option<String>,
    /// Optimized and compressed, or built in seconds.
    pub(crate) build: Build,
}

impl Options {
    /// The site as it is published, in `out`.
    pub(crate) fn published(out: impl Into<PathBuf>) -> Self {
        Self { out: out.into(), connect: Vec::new(), api: None, build: Build::Published }
    }
}

/// Builds the site, checks what is in it and how large it is, and prints both.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let site = assemble(options)?;
    let root = project::root();
    let out = root.join(&options.out);
    if options.build == Build::Draft {
        site.write(&out, &[])?;
        return Ok(());
    }
    let packed = shrink::pack(&site, &project::target_dir()?.join("dist-cache"))?;
    site.write(&out, &packed)?;
    budget::check(&site, &packed)?;
    println!("the site is in {}: any static host can serve it", options.out.display());
    Ok(())
}

/// The whole site in memory, every name final.
fn assemble(options: &Options) -> anyhow::Result<Site> {
    let root = project::root();
    let web = root.join("web");
    let (app, worker) = build::modules(options.build)?;
    if options.build == Build::Published {
        purity::check(&app, &worker)?;
    }
    let app = bind::bind("app", &app, &text(&web.join("boot.js"))?)?;
    let worker = bind::bind("worker", &worker, &text(&web.join("worker/boot.js"))?)?;
    let mut site = Site::default();
    // From the leaves up: a file comes after those that it names.
    for (name, bytes) in files(&web.join("assets"))? {
        site.add(&name, bytes)?;
    }
    site.add("styles.css", styles::bundle(&web.join("styles"))?.into_bytes())?;
    for module in [app, worker] {
        for (name, bytes) in module.modules {
            site.add(&name, bytes)?;
        }
        site.add(&module.glue_name, module.glue.into_bytes())?;
    }
    let page = template::fill(&text(&root.join("index.html"))?, &options.connect, options.api.as_deref())?;
    site.finish(&page, &text(&web.join("service-worker.js"))?)?;
    Ok(site)
}

fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// The files of a folder by name: those that name others last.
fn files(folder: &Path) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let entry = entry?;
        files.push((entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path())?));
    }
    files.sort_by_key(|(name, _)| (name.ends_with(".webmanifest"), name.clone()));
    Ok(files)
}
