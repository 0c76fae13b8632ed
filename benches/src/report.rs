//! The figures as markdown.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use augment_core::geometry::Size;

use crate::Spread;
use crate::contest::{COPIES, DELTA, Entry, Race, WIDTHS};
use crate::corpus::Corpus;
use crate::goals::{Goals, Growth, LARGE, SMALL};
use crate::quality::Quality;
use crate::stages::{Part, Stages};

/// Under what conditions the figures came about.
#[derive(Debug)]
pub(crate) struct Conditions {
    date: String,
    processor: String,
    cores: usize,
    load: String,
    versions: String,
    rounds: usize,
}

impl Conditions {
    /// The conditions at this moment.
    pub(crate) fn now(rounds: usize) -> anyhow::Result<Self> {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let processor = read("/proc/cpuinfo")
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name.to_owned()))
            .unwrap_or_else(|| std::env::consts::ARCH.to_owned());
        let load = read("/proc/loadavg").split(' ').next().unwrap_or("?").to_owned();
        let said = |program: &Path, argument: &str| -> anyhow::Result<String> {
            let output =
                Command::new(program).arg(argument).output().with_context(|| format!("{}", program.display()))?;
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        let rustc = said(Path::new("rustc"), "--version")?;
        let rustc = rustc.split(" (").next().unwrap_or_default();
        Ok(Self {
            date: said(Path::new("date"), "+%Y-%m-%d")?,
            processor,
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            load,
            versions: format!("delta {}, built by {rustc}", env!("CARGO_PKG_VERSION")),
            rounds,
        })
    }
}

/// All results.
pub(crate) fn text(
    conditions: &Conditions,
    corpus: &Corpus,
    races: &[Race],
    stages: &[Stages],
    parts: &[Part],
) -> String {
    let mut out = String::new();
    let Conditions { date, processor, cores, load, versions, rounds } = conditions;
    let _ = writeln!(
        out,
        "{date}, {processor}, {cores} logical processors, load {load} before the start; {versions}.\n\
         Corpus: {}. {COPIES} copies of each, {rounds} round{} in turn.",
        corpus.describe(),
        if *rounds == 1 { "" } else { "s" },
    );
    for (at, stages) in stages.iter().enumerate() {
        let race = races.get(at);
        if let Some(race) = race {
            contest(&mut out, race);
        }
        where_time_goes(&mut out, race, stages);
    }
    single_operations(&mut out, parts);
    out
}

fn contest(out: &mut String, race: &Race) {
    let _ = write!(out, "\n### `{}`: megapixels a second, median (lowest–highest)\n\n", race.recipe);
    table(out, race);
}

fn table(out: &mut String, race: &Race) {
    let _ = writeln!(
        out,
        "| | 1 thread | 2 threads | 2 : 1 | 1 thread, by processor time | ours : theirs, 1 | 2 | by processor time | versions |"
    );
    let _ = writeln!(out, "| --- | --: | --: | --: | --: | --: | --: | --: | --- |");
    for entry in &race.entries {
        if let Some(why) = &entry.missing {
            let _ = writeln!(out, "| {} | – | – | | | | | | {why} |", title(entry));
            continue;
        }
        let cell = |speed: &Option<Spread>| match speed {
            Some(s) => format!("{:.0} ({:.0}–{:.0})", s.median, s.low, s.high),
            None => "–".to_owned(),
        };
        let ratio = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => format!("{:.2}", a / b),
            _ => "–".to_owned(),
        };
        let mut row: Vec<String> = entry.speeds.iter().map(cell).collect();
        row.push(ratio(race.speed(entry.name, 2), race.speed(entry.name, 1)));
        row.push(cell(&entry.by_processor));
        if entry.name == DELTA {
            row.extend(["", "", ""].map(str::to_owned));
        } else {
            row.extend(WIDTHS.map(|width| ratio(race.speed(DELTA, width), race.speed(entry.name, width))));
            row.push(ratio(race.by_processor(DELTA), race.by_processor(entry.name)));
        }
        let _ = writeln!(out, "| {} | {} | {} |", title(entry), row.join(" | "), entry.versions);
    }
    for entry in &race.entries {
        if let Some((apart, one)) = entry.apart.zip(race.speed(entry.name, 1)) {
            let Spread { median, low, high } = apart;
            let _ = writeln!(
                out,
                "\nTwo processes of the program at once, a thread each, which share nothing but the machine: {median:.0} \
                 ({low:.0}–{high:.0}), {:.2} times one.",
                median / one
            );
        }
    }
    if let Some(gains) = race.gains {
        let [waiting, busy] = gains.map(|Spread { median, low, high }| format!("{median:.2} ({low:.2}–{high:.2})"));
        let _ = writeln!(
            out,
            "In the same rounds two threads of sums without memory did {busy} times as much as one where the sums keep a core \
             busy, {waiting} times where each step waits for the last one."
        );
    }
}

fn title(entry: &Entry) -> &'static str {
    match entry.name {
        DELTA => "**Delta Augment**",
        "codec" => "codec alone (OpenCV: decode once, encode every copy)",
        "albumentations" => "Albumentations + OpenCV",
        "augrs" => "augrs + OpenCV's codecs",
        "augmentor" => "Augmentor + Pillow",
        other => other,
    }
}

fn where_time_goes(out: &mut String, race: Option<&Race>, stages: &Stages) {
    let total: f64 = stages.seconds.iter().map(|(_, seconds)| seconds).sum();
    let speed = stages.megapixels / total;
    let _ = writeln!(
        out,
        "\nWhere one thread's time goes with `{}`, by the library alone ({speed:.0} megapixels a second):\n",
        stages.recipe
    );
    let _ = writeln!(out, "| stage | share | ms a megapixel of output |\n| --- | --: | --: |");
    for (stage, seconds) in &stages.seconds {
        let share = 100.0 * seconds / total;
        let _ = writeln!(out, "| {stage} | {share:.1} % | {:.2} |", 1e3 * seconds / stages.megapixels);
    }
    if let Some(whole) = race.and_then(|race| race.by_processor(DELTA)) {
        let rest = 1e3 / whole - 1e3 * total / stages.megapixels;
        let _ = writeln!(out, "| the rest of the program (start, folder, labels, manifest, disk) | | {rest:.2} |");
    }
}

fn single_operations(out: &mut String, parts: &[Part]) {
    let _ = writeln!(out, "\n### Single operations, one thread, by the library alone\n");
    let _ = writeln!(out, "| operation | megapixels a second, median (lowest–highest) |\n| --- | --: |");
    for Part { name, speed } in parts {
        let _ = writeln!(out, "| {name} | {:.0} ({:.0}–{:.0}) |", speed.median, speed.low, speed.high);
    }
}

/// Large and small pictures, the start, and how time and memory grow.
pub(crate) fn goals(out: &mut String, goals: &Goals) {
    let Size { width, height } = LARGE;
    let _ = write!(out, "\n### `classic` at {width}x{height}, {COPIES} copies: megapixels a second\n\n");
    table(out, &goals.large);
    if let Some(frames) = goals.frames {
        let _ = writeln!(
            out,
            "\nMemory over that of one copy of one small picture, one worker: {frames:.2} frames of {width}x{height}x3 bytes."
        );
    }
    let Size { width, height } = SMALL;
    let _ = writeln!(out, "\n### Small pictures, the start, and growth\n");
    let Spread { median, low, high } = goals.small;
    let _ = writeln!(out, "- {width}x{height}, one thread: {median:.0} outputs a second ({low:.0}–{high:.0}).");
    let Spread { median, low, high } = goals.start;
    let _ = writeln!(out, "- One picture, one copy, from start to end: {median:.1} ms ({low:.1}–{high:.1}).\n");
    let _ = writeln!(
        out,
        "| pictures | outputs | copies a picture | ms an output | peak memory, MB |\n| --- | --: | --: | --: | --: |"
    );
    for Growth { size, outputs, copies, milliseconds, memory } in &goals.growth {
        let memory = memory.map_or("–".to_owned(), |memory| format!("{memory:.1}"));
        let Size { width, height } = size;
        let _ = writeln!(out, "| {width}x{height} | {outputs} | {copies} | {milliseconds:.3} | {memory} |");
    }
}

/// What geometry costs in quality.
pub(crate) fn quality(out: &mut String, quality: &Quality) {
    let _ = writeln!(
        out,
        "\n### Quality: luma against a supersampled truth, medians over {} photographs\n",
        quality.photographs
    );
    let _ = writeln!(out, "| map | by | PSNR, dB | SSIM |\n| --- | --- | --: | --: |");
    for score in &quality.results {
        let shown =
            |value: Option<f64>, digits: usize| value.map_or("–".to_owned(), |value| format!("{value:.digits$}"));
        let name = score.missing.as_ref().map_or(score.name.clone(), |why| format!("{} ({why})", score.name));
        let _ = writeln!(out, "| {} | {name} | {} | {} |", score.case, shown(score.psnr, 2), shown(score.ssim, 4));
    }
}
