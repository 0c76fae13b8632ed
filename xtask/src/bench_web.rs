//! `cargo xtask bench --web`: the page in a browser, beside the command line and the browser's own codecs.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

use crate::dev::server::Server;
use crate::e2e::TestSite;
use crate::setup::browser::Browser;
use crate::{bench, marked, project, shell};

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
    /// Memory of a worker over a large picture, beyond that over a small one, in frames of it.
    frames: Option<f64>,
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
    one: f64,
    two: f64,
    /// Two pages at once, a worker each: what two workers can come to on this machine.
    apart: f64,
    native1: f64,
    native2: f64,
    built_in: f64,
    /// What Albumentations with `OpenCV` does on one thread, where it is installed.
    peer: Option<f64>,
}

/// Prints the figures of this machine as it is now; `quick` for one round, `write` into the pages on performance too.
pub(crate) fn run(quick: bool, write: bool) -> anyhow::Result<()> {
    let stage = TestSite::build()?;
    let server = Server::start(&stage.site, "/", 0, None)?;
    let mut node = stage.node(Browser::Chromium, &server.address())?;
    node.arg("tests/browser/bench.mjs").env("ROUNDS", if quick { "1" } else { "5" });
    if let Some(large) = large(&stage)? {
        node.env("LARGE", large);
    } else {
        println!("without photographs: ../shared/data is not there");
    }
    match bench::peers(&project::cache()?.join("peers")) {
        Ok(python) => node.env("PEER", python),
        Err(error) => {
            println!("without peers: {error:#}");
            &mut node
        }
    };
    let figures: Figures = serde_json::from_str(&shell::output(&mut node)?).context("the script printed no figures")?;
    let shown = text(&figures)?;
    println!("{shown}");
    if write {
        marked::write("cargo xtask bench --web", &shown)?;
    }
    Ok(())
}

/// A photograph of 12 megapixels: one of the real ones, enlarged.
fn large(stage: &TestSite) -> anyhow::Result<Option<PathBuf>> {
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

/// The figures as markdown.
fn text(figures: &Figures) -> anyhow::Result<String> {
    let mut out = String::new();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let date = shell::output(&mut shell::command("date", &["+%Y-%m-%d"]))?;
    writeln!(out, "{}, load {} after the run; medians.\n", date.trim(), load.split(' ').next().unwrap_or("?"))?;
    writeln!(out, "| in Chromium | |\n| --- | --: |")?;
    let mut row = |what: &str, value: String| writeln!(out, "| {what} | {value} |");
    row("first visit until the page answers, processor slowed four times", format!("{:.0} ms", figures.load))?;
    if let Some(Preview { opening, first, nine }) = &figures.preview {
        row(
            "preview of 12 megapixels, `classic`, 480 pixels: the first draw, decoding it",
            format!("{opening:.0} ms"),
        )?;
        row("one draw after a change", format!("{first:.0} ms"))?;
        row("nine draws after a change", format!("{nine:.0} ms"))?;
    }
    for Memory { images, peak } in figures.memory.iter().flatten() {
        let what = format!("memory of the page's processes, {images} photographs of 12 megapixels, at most");
        row(&what, format!("{peak:.0} MiB"))?;
    }
    let Some(rates) = &figures.cells else { return Ok(out) };
    let rate = |value: f64| format!("{value:.1} MP/s");
    row(
        &format!("{} micrographs of 640x480 with boxes, `classic`, five copies: one worker", rates.images),
        rate(rates.one),
    )?;
    row("two workers", rate(rates.two))?;
    row("two pages at once, a worker each", rate(rates.apart))?;
    row("`delta augment --jobs 1`, the zip written", rate(rates.native1))?;
    row("`delta augment --jobs 2`, the zip written", rate(rates.native2))?;
    row("Albumentations + OpenCV, natively, one thread", rates.peer.map_or("–".to_owned(), rate))?;
    row("the browser's own codecs and a canvas in one worker, without labels", rate(rates.built_in))?;
    writeln!(out, "\n| goal | at least | aim | measured |\n| --- | --: | --: | --: |")?;
    let goals = [
        ("one worker : Albumentations natively", 0.75, Some(1.0), rates.peer.map(|peer| rates.one / peer)),
        ("one worker : the browser's own codecs", 1.0, Some(1.3), Some(rates.one / rates.built_in)),
        ("two workers : one", 1.85, None, Some(rates.two / rates.one)),
        ("two workers : one of two pages", 1.85, None, Some(2.0 * rates.two / rates.apart)),
    ];
    for (what, least, aim, measured) in goals {
        let aim = aim.map_or(String::new(), |aim: f64| format!("{aim:.2}"));
        let measured = match measured {
            None => "not measured".to_owned(),
            Some(ratio) => verdict(format!("{ratio:.2}"), ratio >= least),
        };
        writeln!(out, "| {what} | {least:.2} | {aim} | {measured} |")?;
    }
    if let Some(frames) = figures.frames {
        let measured = verdict(format!("{frames:.2}"), frames <= 2.2);
        writeln!(out, "| memory of a worker, 12 megapixels | at most 2.20 frames | | {measured} |")?;
    }
    let measured = verdict(format!("{:.0} ms", figures.load), figures.load < 1000.0);
    writeln!(out, "| first visit until the page answers | under 1000 ms | | {measured} |")?;
    Ok(out)
}

/// A figure, and whether it holds.
fn verdict(shown: String, holds: bool) -> String {
    if holds { shown } else { format!("**{shown}**, missed") }
}
