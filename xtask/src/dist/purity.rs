//! What must not be in the page's own module: codecs and kernels, which only its worker needs.

use std::path::Path;

use anyhow::{Context, bail};
use wasmparser::{KnownCustom, Name, Parser, Payload};

/// Parts of paths of functions: each stands for a room or crate that only the worker may have.
const WORKER_ONLY: &[&str] = &[
    "augment_render::codec",
    "augment_render::engine",
    "augment_render::kernels",
    "augment_core::archive",
    "libjpeg_turbo_rs",
    "png::decoder",
    "image_webp",
    "augment_sample",
];

/// Parts of names that compilers write for settings: to read, print and compare what an encoder is told is no encoder.
const SETTINGS: &[&str] = &["::_::<impl serde", " as core::fmt::", " as core::cmp::", " as core::default::"];

/// Fails where a function of those rooms is in the page, and where the search finds none in the worker: it is broken
/// then. Both modules must still have the names that rustc gave them.
pub(super) fn check(app: &Path, worker: &Path) -> anyhow::Result<()> {
    let (app, worker) = (functions(app)?, functions(worker)?);
    for &room in WORKER_ONLY {
        let works = |name: &&String| name.contains(room) && !SETTINGS.iter().any(|setting| name.contains(setting));
        let found = |functions: &[String]| functions.iter().find(works).cloned();
        if found(&worker).is_none() {
            bail!("no function of {room} is in the worker: the check of what is in the page cannot be trusted");
        }
        if let Some(name) = found(&app) {
            bail!("the page's own module holds {name}: only the worker may have {room}");
        }
    }
    println!("page: {} functions, none of a codec or kernel; worker: {} functions", app.len(), worker.len());
    Ok(())
}

/// The names of a module's functions as Rust paths.
fn functions(module: &Path) -> anyhow::Result<Vec<String>> {
    let bytes = std::fs::read(module).with_context(|| format!("{} cannot be read", module.display()))?;
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(&bytes) {
        let Payload::CustomSection(section) = payload? else { continue };
        let KnownCustom::Name(subsections) = section.as_known() else { continue };
        for subsection in subsections {
            let Name::Function(map) = subsection? else { continue };
            for naming in map {
                names.push(format!("{:#}", rustc_demangle::demangle(naming?.name)));
            }
        }
    }
    if names.is_empty() {
        bail!("{} names no function: the profile must keep them", module.display());
    }
    Ok(names)
}
