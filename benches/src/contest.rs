//! The contest: every contender does the same work in turn, round after round, each in a process of its own.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use anyhow::{Context as _, bail};
use augment_core::archive::ZipFiles;
use augment_core::files::Files as _;
use augment_core::limits::Limits;
use serde::Deserialize;

use crate::Spread;
use crate::corpus::Corpus;
use crate::processors;

/// Recipes by name; peers know them by the same names.
pub(crate) const RECIPES: &[&str] = &["classic", "strong"];
/// What `peers.py` calls the peers.
const PEERS: &[&str] = &["codec", "albumentations", "augrs", "augmentor"];
/// Copies of each picture.
pub(crate) const COPIES: usize = 5;
/// How many threads or processes.
pub(crate) const WIDTHS: [usize; 2] = [1, 2];
/// How often the program runs in a round: the gain of a second thread is a ratio of two short runs.
const TURNS: usize = 3;
/// The exit code of `peers.py` for work that a peer cannot do.
const CANNOT: i32 = 3;

/// Who runs, on what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contest<'a> {
    pub(crate) delta: &'a Path,
    pub(crate) python: Option<&'a Path>,
    pub(crate) corpus: &'a Corpus,
    pub(crate) scratch: &'a Path,
}

/// One contender's results with one recipe.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    /// Libraries and versions.
    pub(crate) versions: String,
    /// Megapixels a second at each of [`WIDTHS`]; `None` where it could not run.
    pub(crate) speeds: Vec<Option<Spread>>,
    /// Megapixels a second of processor time, on one thread: a busy machine changes it less.
    pub(crate) by_processor: Option<Spread>,
    /// Megapixels a second of two processes together, each on one thread, which know nothing of each other: what two
    /// threads can come to on this machine.
    pub(crate) apart: Option<Spread>,
    /// Why it did not run.
    pub(crate) missing: Option<String>,
}

/// All results with one recipe.
#[derive(Debug)]
pub(crate) struct Race {
    pub(crate) recipe: &'static str,
    pub(crate) entries: Vec<Entry>,
    /// What a second thread could give in the same rounds: where sums wait for each other, and where they keep a core
    /// busy.
    pub(crate) gains: Option<[Spread; 2]>,
}

impl Race {
    /// The median speed of a contender by processor time.
    pub(crate) fn by_processor(&self, name: &str) -> Option<f64> {
        let entry = self.entries.iter().find(|entry| entry.name == name)?;
        Some(entry.by_processor?.median)
    }

    /// What two threads of the program do beside one that shares the machine with a process as busy: what the threads
    /// lose to one another, without what the machine loses.
    pub(crate) fn two_to_one_beside(&self) -> Option<f64> {
        let entry = self.entries.iter().find(|entry| entry.name == DELTA)?;
        Some(2.0 * self.speed(DELTA, 2)? / entry.apart?.median)
    }

    /// The median speed of a contender.
    pub(crate) fn speed(&self, name: &str, width: usize) -> Option<f64> {
        let entry = self.entries.iter().find(|entry| entry.name == name)?;
        let at = WIDTHS.iter().position(|other| *other == width)?;
        entry.speeds.get(at).copied().flatten().map(|spread| spread.median)
    }
}

/// The program's own name in the results.
pub(crate) const DELTA: &str = "delta";

#[derive(Deserialize)]
struct Measured {
    seconds: f64,
    /// Of the processor, all threads.
    processor_seconds: Option<f64>,
    pixels: f64,
    versions: String,
}

/// What happened when a contender ran once.
enum Run {
    Done(Measured),
    Cannot(String),
}

/// What the rounds have measured of one contender; see [`Entry`].
#[derive(Default)]
struct Tally {
    speeds: [Vec<f64>; WIDTHS.len()],
    by_processor: Vec<f64>,
    apart: Vec<f64>,
    versions: String,
    missing: Option<String>,
}

impl Tally {
    /// Takes a run at one of [`WIDTHS`].
    fn add(&mut self, at: usize, run: Run) {
        let done = match run {
            Run::Done(done) => done,
            Run::Cannot(why) => {
                self.missing = Some(why);
                return;
            }
        };
        self.speeds[at].push(done.pixels / 1e6 / done.seconds);
        if let (Some(seconds), 1) = (done.processor_seconds, WIDTHS[at]) {
            self.by_processor.push(done.pixels / 1e6 / seconds);
        }
        self.versions = done.versions;
    }

    fn into_entry(self, name: &'static str) -> Entry {
        Entry {
            name,
            versions: self.versions,
            speeds: self.speeds.into_iter().map(Spread::of).collect(),
            by_processor: Spread::of(self.by_processor),
            apart: Spread::of(self.apart),
            missing: self.missing,
        }
    }
}

/// A recipe's JSON: built in, or of the benchmark.
pub(crate) fn recipe_text(name: &str) -> anyhow::Result<String> {
    if name == "strong" {
        return Ok(include_str!("../recipes/strong.json").to_owned());
    }
    let built_in = augment_core::plan::BUILT_IN.iter().find(|recipe| recipe.name == name);
    Ok(built_in.with_context(|| format!("there is no recipe '{name}'"))?.json.to_owned())
}

impl Contest<'_> {
    /// Runs all contenders in turn, as many rounds as asked, and reports each one's spread.
    pub(crate) fn run(&self, recipe: &'static str, rounds: usize) -> anyhow::Result<Race> {
        let file = self.scratch.join(format!("{recipe}.json"));
        std::fs::write(&file, recipe_text(recipe)?)?;
        let names = [DELTA].into_iter().chain(PEERS.iter().copied());
        let mut tallies: Vec<(&str, Tally)> = names.map(|name| (name, Tally::default())).collect();
        let (mut waiting, mut busy) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            for (name, tally) in &mut tallies {
                if *name != DELTA {
                    self.turn(name, (recipe, &file), tally)?;
                    continue;
                }
                for _ in 0..TURNS {
                    self.turn(name, (recipe, &file), tally)?;
                    tally.apart.push(self.two_apart(&file)?);
                    let gain = processors::gain();
                    waiting.push(gain.waiting);
                    busy.push(gain.busy);
                }
            }
        }
        let entries = tallies.into_iter().map(|(name, tally)| tally.into_entry(name)).collect();
        let gains = Spread::of(waiting).zip(Spread::of(busy)).map(|(waiting, busy)| [waiting, busy]);
        Ok(Race { recipe, entries, gains })
    }

    /// Runs one contender at each of [`WIDTHS`], as long as it can.
    fn turn(&self, name: &str, recipe: (&str, &Path), tally: &mut Tally) -> anyhow::Result<()> {
        for (at, width) in WIDTHS.into_iter().enumerate() {
            if tally.missing.is_none() {
                tally.add(at, self.once(name, recipe, width)?);
            }
        }
        Ok(())
    }

    fn once(&self, name: &str, (recipe, file): (&str, &Path), width: usize) -> anyhow::Result<Run> {
        if name == DELTA { self.delta(file, width) } else { self.peer(name, recipe, width) }
    }

    fn command(&self, recipe: &Path, out: &Path, width: usize) -> Command {
        let mut command = Command::new(self.delta);
        command.arg("augment").arg(&self.corpus.folder).arg("-o").arg(out).arg("--recipe").arg(recipe);
        command.args(["--seed", "7", "--quality", "90", "--json", "--count", &COPIES.to_string()]);
        command.args(["--jobs", &width.to_string()]).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Two processes at once, each over all of the corpus.
    fn two_apart(&self, recipe: &Path) -> anyhow::Result<f64> {
        let outs = [fresh(self.scratch, "delta.zip")?, fresh(self.scratch, "other.zip")?];
        let start = Instant::now();
        let mut children = Vec::new();
        for out in &outs {
            let child = self.command(recipe, out, 1).spawn();
            children.push(child.with_context(|| format!("{} did not start", self.delta.display()))?);
        }
        for child in children {
            check(&child.wait_with_output()?)?;
        }
        let seconds = start.elapsed().as_secs_f64();
        let pixels = pixels_of(&outs[0], self.corpus.files.len() * COPIES)?;
        outs.iter().try_for_each(std::fs::remove_file)?;
        Ok(2.0 * pixels / 1e6 / seconds)
    }

    /// The whole program, from its start to its end.
    fn delta(&self, recipe: &Path, width: usize) -> anyhow::Result<Run> {
        let out = fresh(self.scratch, "delta.zip")?;
        let mut command = self.command(recipe, &out, width);
        let (start, processor) = (Instant::now(), children_seconds());
        let output = command.output().with_context(|| format!("{} did not start", self.delta.display()))?;
        let seconds = start.elapsed().as_secs_f64();
        let processor_seconds = children_seconds().zip(processor).map(|(after, before)| after - before);
        check(&output)?;
        let pixels = pixels_of(&out, self.corpus.files.len() * COPIES)?;
        std::fs::remove_file(&out)?;
        let versions = format!("delta {}", env!("CARGO_PKG_VERSION"));
        Ok(Run::Done(Measured { seconds, processor_seconds, pixels, versions }))
    }

    fn peer(&self, name: &str, recipe: &str, width: usize) -> anyhow::Result<Run> {
        let Some(python) = self.python else { return Ok(Run::Cannot("no Python environment with it".to_owned())) };
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers.py");
        let mut command = Command::new(python);
        command.args([script, name, recipe]).arg(&self.corpus.folder).arg(COPIES.to_string());
        let out = fresh(self.scratch, "peer.zip")?;
        command.arg(&out).arg(width.to_string());
        let output = command.output().with_context(|| format!("{} did not start", python.display()))?;
        if out.exists() {
            std::fs::remove_file(&out)?;
        }
        if output.status.code() == Some(CANNOT) {
            return Ok(Run::Cannot("it has no such steps".to_owned()));
        }
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            return Ok(Run::Cannot(stderr.lines().last().unwrap_or("it failed silently").to_owned()));
        }
        let line = String::from_utf8_lossy(&output.stdout);
        let line = line.lines().last().unwrap_or_default();
        Ok(Run::Done(serde_json::from_str(line).with_context(|| format!("{name} printed '{line}'"))?))
    }
}

/// A file of the scratch folder that is not there: where one is replaced, some file systems first write the new one to the
/// disk, and the next run waits. For the same reason no file outlives its run, to be written while the next one is measured.
pub(crate) fn fresh(scratch: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let path = scratch.join(name);
    if path.exists() {
        std::fs::remove_file(&path)?;
    }
    Ok(path)
}

fn check(output: &Output) -> anyhow::Result<()> {
    if !output.status.success() {
        bail!("delta failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Processor time of all processes that were started and have ended; `None` where the system does not tell it so.
fn children_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // After the name in brackets: user and system time of ended children are the 14th and 15th field, in 1/100 s.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((ticks(13)? + ticks(14)?) / 100.0)
}

/// Pixels of all outputs of a run, by its manifest.
fn pixels_of(zip: &Path, expected: usize) -> anyhow::Result<f64> {
    #[derive(Deserialize)]
    struct Line {
        width: u32,
        height: u32,
    }
    let files = ZipFiles::open(Cursor::new(std::fs::read(zip)?), Limits::default())?;
    let manifest = String::from_utf8(files.read("manifest.jsonl")?)?;
    let lines: Vec<Line> = manifest.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    if lines.len() != expected {
        bail!("delta made {} outputs, not {expected}", lines.len());
    }
    Ok(lines.iter().map(|line| f64::from(line.width) * f64::from(line.height)).sum())
}
