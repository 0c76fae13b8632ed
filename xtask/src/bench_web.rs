//! `cargo xtask bench --web`: the page in a browser, beside the command line and the browser's own codecs.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

use crate::dev::server::Server;
use crate::e2e::Stage;
use crate::setup::browser::Browser;
use crate::{project, shell};

/// A photograph of this many pixels is what a telephone takes: 12 megapixels.
const LARGE: &str = r#"{"version": 1, "output": {"format": "jpeg", "quality": 90},
    "steps": [{"op": "resize", "width": 4240, "height": 2828}]}"#;

/// What the script measured: milliseconds, and megapixels a second.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Figures {
    load: f64,
    preview: Option<Preview>,
    memory: Option<[Memory; 2]>,
    cells: Option<Rates>,
}

#[derive(Deserialize)]
struct Preview {
    opening: f64,
    first: f64,
    nine: f64,
}

/// The most memory that the page's processes held during a run, in MiB.
#[derive(Deserialize)]
struct Memory {
    images: usize,
    peak: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rates {
    images: usize,
    page1: f64,
    page2: f64,
    native1: f64,
    native2: f64,
    built_in: f64,
}

/// Prints the figures of this machine as it is now; `quick` for one round.
pub(crate) fn run(quick: bool) -> anyhow::Result<()> {
    let stage = Stage::build()?;
    let server = Server::start(&stage.site, "/", 0, None)?;
    let mut node = stage.node(Browser::Chromium, &server.address())?;
    node.arg("tests/browser/bench.mjs").env("ROUNDS", if quick { "1" } else { "5" });
    if let Some(large) = large(&stage)? {
        node.env("LARGE", large);
    } else {
        println!("without photographs: ../shared/data is not there");
    }
    let figures: Figures = serde_json::from_str(&shell::output(&mut node)?).context("the script printed no figures")?;
    show(&figures);
    Ok(())
}

/// A photograph of 12 megapixels: one of the real ones, enlarged.
fn large(stage: &Stage) -> anyhow::Result<Option<PathBuf>> {
    let source = project::root().join("../shared/data/exif-orientation/Landscape_1.jpg");
    if !source.exists() {
        return Ok(None);
    }
    let folder = project::target_dir()?.join("e2e/large");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(folder.parent().unwrap_or(Path::new(".")))?;
    let recipe = folder.with_extension("json");
    std::fs::write(&recipe, LARGE)?;
    let mut delta = shell::command(&stage.delta.to_string_lossy(), &["augment"]);
    delta.arg(source).arg("-o").arg(&folder).arg("--recipe").arg(recipe).args(["--count", "1", "--seed", "1"]);
    shell::run(&mut delta)?;
    Ok(Some(folder.join("images/Landscape_1_0.jpg")))
}

fn show(figures: &Figures) {
    let milliseconds = |what: &str, value: f64| println!("{what:68} {value:8.0} ms");
    let rate = |what: &str, value: f64| println!("{what:68} {value:8.1} MP/s");
    println!("medians; the engine of the page in Chromium, on this machine as it is now");
    milliseconds("first visit until the page answers, processor slowed four times", figures.load);
    if let Some(preview) = &figures.preview {
        println!("preview of a photograph of 12 megapixels, recipe classic, pictures of 480 pixels:");
        milliseconds("  the first draw after it was opened, decoding it", preview.opening);
        milliseconds("  one draw after a change", preview.first);
        milliseconds("  nine draws after a change", preview.nine);
    }
    for Memory { images, peak } in figures.memory.iter().flatten() {
        println!("{:68} {peak:8.0} MiB", format!("memory of the page, {images} photographs of 12 megapixels, at most"));
    }
    if let Some(rates) = &figures.cells {
        println!("{} photographs of 640 × 480 with boxes, recipe classic, five copies:", rates.images);
        rate("  page, one worker", rates.page1);
        rate("  page, two workers", rates.page2);
        rate("  `delta augment --jobs 1`, the zip written", rates.native1);
        rate("  `delta augment --jobs 2`, the zip written", rates.native2);
        rate("  the browser's own codecs and a canvas in one worker, without labels", rates.built_in);
    }
}
