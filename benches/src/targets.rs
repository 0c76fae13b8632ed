//! What is aimed at, beside what was measured.

use std::fmt::Write as _;

use augment_core::geometry::Size;

use crate::contest::{COPIES, DELTA, Race};
use crate::goals::{Goals, Growth, USUAL};
use crate::quality::Quality;

/// One goal: what it is about, and what was measured.
struct Target {
    what: String,
    /// At least, or at most where `falling`.
    limit: f64,
    aim: Option<f64>,
    falling: bool,
    measured: Option<f64>,
    digits: usize,
    unit: &'static str,
}

impl Target {
    fn at_least(what: impl Into<String>, limit: f64, aim: Option<f64>, measured: Option<f64>) -> Self {
        Self { what: what.into(), limit, aim, falling: false, measured, digits: 2, unit: "" }
    }

    fn at_most(what: impl Into<String>, limit: f64, measured: Option<f64>) -> Self {
        Self { falling: true, ..Self::at_least(what, limit, None, measured) }
    }

    fn shown(self, digits: usize, unit: &'static str) -> Self {
        Self { digits, unit, ..self }
    }

    fn row(&self) -> String {
        let number = |value: f64| format!("{value:.*}{}", self.digits, self.unit);
        let bound = if self.falling { "at most" } else { "at least" };
        let verdict = match self.measured {
            None => "not measured".to_owned(),
            Some(value) if (value < self.limit) == self.falling || value == self.limit => number(value),
            Some(value) => format!("**{}**, missed", number(value)),
        };
        let aim = self.aim.map_or(String::new(), number);
        format!("| {} | {bound} {} | {aim} | {verdict} |", self.what, number(self.limit))
    }
}

/// The table of all goals of the command line.
pub(crate) fn table(out: &mut String, races: &[Race], ends: &Goals, quality: Option<&Quality>) {
    let _ = writeln!(out, "\n### Goals\n\n| goal | bound | aim | measured |\n| --- | --- | --: | --: |");
    let mut rows = Vec::new();
    for race in races {
        rows.extend(of_race(race, race.recipe));
    }
    rows.extend(of_race(&ends.large, "12 megapixels, `classic`"));
    rows.push(
        Target::at_most("12 megapixels, memory of one worker beyond the fixed part", 1.6, ends.frames)
            .shown(2, " frames"),
    );
    rows.push(
        Target::at_least("270x180, outputs a second on one thread", 3000.0, Some(6000.0), Some(ends.small.median))
            .shown(0, ""),
    );
    rows.push(Target::at_most("one small picture, from start to end", 15.0, Some(ends.start.median)).shown(1, " ms"));
    for (of, than) in [(100, 1000), (10_000, 1000)] {
        let Size { width, height } = USUAL;
        let name = format!("{width}x{height}, time an output, {of} outputs instead of {than}");
        rows.push(Target::at_most(&name, 5.0, growth(ends, of, than)).shown(1, " % more"));
    }
    let Size { width, height } = USUAL;
    let name = format!("{width}x{height}, memory for each output more, from 1000 to 10000");
    rows.push(Target::at_most(name, 256.0, memory_growth(ends, 1000, 10_000)).shown(0, " bytes"));
    for row in rows {
        let _ = writeln!(out, "{}", row.row());
    }
    if let Some(quality) = quality {
        let _ = writeln!(out, "| quality at the same settings | at least the peers' | | {} |", compared(quality));
    }
}

fn of_race(race: &Race, what: &str) -> Vec<Target> {
    let what = if what.contains(' ') { what.to_owned() } else { format!("`{what}`") };
    let ratio = |peer: &str| Some(race.speed(DELTA, 1)? / race.speed(peer, 1)?);
    let to = |peer: &str, limit: f64, aim: Option<f64>, name: &str| {
        Target::at_least(format!("{what} : {name}"), limit, aim, ratio(peer))
    };
    let threads = race.speed(DELTA, 2).zip(race.speed(DELTA, 1)).map(|(two, one)| two / one);
    let threads = [
        Target::at_least(format!("{what}, two threads : one"), 1.9, None, threads),
        Target::at_least(format!("{what}, two threads : one of two processes"), 1.9, None, race.two_to_one_beside()),
    ];
    let mut targets = if race.recipe == "strong" {
        vec![to("albumentations", 2.0, Some(3.0), "Albumentations"), to("augrs", 2.0, Some(3.0), "augrs")]
    } else {
        vec![
            to("albumentations", 1.8, Some(2.2), "Albumentations"),
            to("augrs", 2.2, None, "augrs"),
            to("augmentor", 9.0, None, "Augmentor"),
            to("codec", 0.6, Some(0.75), "the codec alone"),
        ]
    };
    targets.extend(threads);
    targets
}

/// The run of so many outputs among those with the same number of copies.
fn run_of(ends: &Goals, outputs: usize) -> Option<&Growth> {
    ends.growth.iter().find(|run| (run.size, run.copies, run.outputs) == (USUAL, COPIES, outputs))
}

/// By how many percent an output takes longer in a run of so many than in one of so many others.
fn growth(ends: &Goals, of: usize, than: usize) -> Option<f64> {
    Some(100.0 * (run_of(ends, of)?.milliseconds / run_of(ends, than)?.milliseconds - 1.0))
}

/// Bytes of memory that each output more takes.
fn memory_growth(ends: &Goals, from: usize, to: usize) -> Option<f64> {
    let memory = |outputs| Some(run_of(ends, outputs)?.memory? * 1e6);
    Some((memory(to)? - memory(from)?) / (to - from) as f64)
}

/// In how many cases no peer has a better score than the program with its steps fused.
fn compared(quality: &Quality) -> String {
    let mut cases: Vec<&str> = quality.results.iter().map(|score| score.case.as_str()).collect();
    cases.dedup();
    let ours = |name: &str| name.starts_with("Delta Augment");
    let best = |case: &str, own: bool| {
        let scores = quality.results.iter().filter(|score| score.case == case && ours(&score.name) == own);
        scores.filter_map(|score| score.psnr).fold(f64::NEG_INFINITY, f64::max)
    };
    let held = cases.iter().filter(|case| best(case, true) >= best(case, false)).count();
    let verdict = format!("{held} of {} maps", cases.len());
    if held == cases.len() { verdict } else { format!("**{verdict}**, missed") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missed_is_said_so() {
        let row = |measured| Target::at_least("a", 1.8, Some(2.2), measured).row();
        assert_eq!(row(Some(1.85)), "| a | at least 1.80 | 2.20 | 1.85 |");
        assert_eq!(row(Some(1.5)), "| a | at least 1.80 | 2.20 | **1.50**, missed |");
        assert_eq!(row(None), "| a | at least 1.80 | 2.20 | not measured |");
        let row = |measured| Target::at_most("a", 15.0, Some(measured)).shown(1, " ms").row();
        assert_eq!(row(6.5), "| a | at most 15.0 ms |  | 6.5 ms |");
        assert_eq!(row(16.0), "| a | at most 15.0 ms |  | **16.0 ms**, missed |");
    }
}
