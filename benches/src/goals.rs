//! The whole program at its ends: large pictures and memory, small pictures, its start, and how it scales.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, bail};
use augment_core::codec::{self, Encoding, Subsampling};
use augment_core::geometry::Size;
use augment_core::image::{Fill, Image};
use augment_core::limits::Limits;

use crate::Spread;
use crate::contest::{COPIES, Contest, Race, fresh};
use crate::corpus::Corpus;

const JPEG: Encoding = Encoding::Jpeg { quality: 90, subsampling: Subsampling::Quarter };
/// What small pictures measure.
pub(crate) const SMALL: Size = Size::new(270, 180);
/// What large pictures measure.
pub(crate) const LARGE: Size = Size::new(4000, 3000);
/// So many that the last output, beside which the other threads have nothing to do, weighs little.
const LARGE_PICTURES: usize = 8;
/// What shows how time grows, beside small pictures.
pub(crate) const USUAL: Size = Size::new(640, 480);
/// Pictures that come again and again where time grows, so that fewer are not other ones.
const DIFFERENT: usize = 20;
/// Sizes, outputs and copies a picture of the runs that show how time grows.
const EXTENTS: &[(Size, usize, usize)] = &[
    (USUAL, 100, COPIES),
    (USUAL, 1000, COPIES),
    (USUAL, 10_000, COPIES),
    (SMALL, 100, COPIES),
    (SMALL, 1000, COPIES),
    (SMALL, 10_000, COPIES),
    (SMALL, 10_000, 100),
];
/// How often a run of few outputs is repeated in a round.
const TURNS: usize = 5;

/// All results.
#[derive(Debug)]
pub(crate) struct Goals {
    /// `classic` on large pictures, all contenders.
    pub(crate) large: Race,
    /// Frames of memory over the fixed part, with one worker and `classic`.
    pub(crate) frames: Option<f64>,
    /// Small outputs a second on one thread.
    pub(crate) small: Spread,
    /// Milliseconds from start to end with one small picture.
    pub(crate) start: Spread,
    /// How time and memory grow.
    pub(crate) growth: Vec<Growth>,
}

/// One of the runs that show how time and memory grow.
#[derive(Debug)]
pub(crate) struct Growth {
    pub(crate) size: Size,
    pub(crate) outputs: usize,
    /// A picture.
    pub(crate) copies: usize,
    /// An output.
    pub(crate) milliseconds: f64,
    /// Megabytes at most.
    pub(crate) memory: Option<f64>,
}

/// Runs the program over pictures made of the corpus.
pub(crate) fn measure(contest: &Contest<'_>, corpus: &Corpus, rounds: usize, quick: bool) -> anyhow::Result<Goals> {
    let many = if quick { 200 } else { 2000 };
    let different: Vec<PathBuf> =
        corpus.files.iter().step_by(corpus.files.len().div_ceil(DIFFERENT)).cloned().collect();
    let large = pictures(&corpus.files, contest.scratch, LARGE, LARGE_PICTURES)?;
    let small = pictures(&different, contest.scratch, SMALL, many)?;
    let usual = pictures(&different, contest.scratch, USUAL, many)?;
    let one = contest.scratch.join("one");
    std::fs::create_dir_all(&one)?;
    std::fs::copy(&small.files[0], one.join("one.jpg"))?;

    let race = Contest { corpus: &large, ..*contest }.run("classic", rounds)?;
    let program = Program { delta: contest.delta, scratch: contest.scratch };
    // What one copy of one small picture takes; short as that is, it is looked at often.
    let fixed = program.most(&one, 1, 15)?;
    let peak = program.most(&large.folder, COPIES, rounds)?;
    let frame = LARGE.area() as f64 * 3.0 / 1e6;
    let starts = (0..if quick { 5 } else { 31 }).map(|_| Ok(1e3 * program.run(&one, 1)?.0));
    let starts = starts.collect::<anyhow::Result<Vec<_>>>()?;
    let (growth, speeds) = grow(&program, &small, &usual, rounds)?;
    Ok(Goals {
        large: race,
        frames: peak.zip(fixed).map(|(peak, fixed)| (peak - fixed) / frame),
        small: Spread::of(speeds).context("small pictures were measured")?,
        start: Spread::of(starts).context("the start was measured")?,
        growth,
    })
}

/// Runs [`EXTENTS`], as far as there are pictures for them: how each grew, and how many small outputs a second were made.
fn grow(
    program: &Program<'_>,
    small: &Corpus,
    usual: &Corpus,
    rounds: usize,
) -> anyhow::Result<(Vec<Growth>, Vec<f64>)> {
    let mut runs = Vec::new();
    for (size, outputs, copies) in EXTENTS.iter().copied() {
        let pictures = if size == SMALL { small } else { usual };
        if outputs / copies <= pictures.files.len() {
            let folder = part(pictures, outputs / copies, program.scratch)?;
            runs.push((folder, (size, outputs, copies), Vec::new(), None));
        }
    }
    // In turn, as what is compared must be.
    for _ in 0..rounds {
        for (folder, (_, outputs, copies), times, memory) in &mut runs {
            for _ in 0..if *outputs < 10_000 { TURNS } else { 1 } {
                let (seconds, peak) = program.run(folder, *copies)?;
                times.push(1e3 * seconds / *outputs as f64);
                *memory = memory.iter().copied().chain(peak).max_by(f64::total_cmp);
            }
        }
    }
    let (mut growth, mut speeds) = (Vec::new(), Vec::new());
    for (_, (size, outputs, copies), times, memory) in runs {
        if size == SMALL && outputs >= 1000 && copies == COPIES {
            speeds.extend(times.iter().map(|time| 1e3 / time));
        }
        let milliseconds = Spread::of(times).context("there is at least one round")?.median;
        growth.push(Growth { size, outputs, copies, milliseconds, memory });
    }
    Ok((growth, speeds))
}

/// Pictures of one size out of others, in turn.
fn pictures(others: &[PathBuf], scratch: &Path, size: Size, count: usize) -> anyhow::Result<Corpus> {
    let folder = scratch.join(format!("{}x{}", size.width, size.height));
    std::fs::create_dir_all(&folder)?;
    let limits = Limits::default();
    let mut files = Vec::new();
    for (i, source) in others.iter().cycle().take(count).enumerate() {
        let path = folder.join(format!("{i:04}.jpg"));
        if !path.exists() {
            let image = codec::decode(&std::fs::read(source)?, &limits)?.image;
            std::fs::write(&path, codec::encode(&resized(&image, size)?, &JPEG, None, Fill::BLACK)?)?;
        }
        files.push(path);
    }
    let megapixels = size.area() as f64 * count as f64 / 1e6;
    Ok(Corpus::of(folder, files, megapixels))
}

/// The nearest pixels: cheap, and full of edges.
fn resized(image: &Image, size: Size) -> anyhow::Result<Image> {
    let from = image.size();
    let scaled = |i: usize, to: u32, from: u32| (i * from as usize + from as usize / 2) / to as usize;
    let mut samples = Vec::with_capacity(size.area() * image.channels().count());
    for y in 0..size.height as usize {
        for x in 0..size.width as usize {
            let (x, y) = (scaled(x, size.width, from.width), scaled(y, size.height, from.height));
            samples.extend(image.pixel(x.min(from.width as usize - 1), y.min(from.height as usize - 1)));
        }
    }
    Ok(Image::from_samples(size, image.channels(), samples)?)
}

/// A folder with the first files of a corpus.
fn part(corpus: &Corpus, count: usize, scratch: &Path) -> anyhow::Result<PathBuf> {
    let of = corpus.folder.file_name().unwrap_or_default().to_string_lossy();
    let folder = scratch.join(format!("{of}-first-{count}"));
    std::fs::create_dir_all(&folder)?;
    for path in &corpus.files[..count] {
        let to = folder.join(path.file_name().unwrap_or_default());
        if !to.exists() {
            std::fs::copy(path, to)?;
        }
    }
    Ok(folder)
}

/// The program, on one thread.
struct Program<'a> {
    delta: &'a Path,
    scratch: &'a Path,
}

impl Program<'_> {
    /// The most memory that several runs had, in megabytes: who looks now and then may miss the most, above all of a short
    /// run, but never sees too much.
    fn most(&self, folder: &Path, copies: usize, times: usize) -> anyhow::Result<Option<f64>> {
        let seen = (0..times).map(|_| Ok(self.run(folder, copies)?.1)).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(seen.into_iter().flatten().max_by(f64::total_cmp))
    }

    /// Runs it over a folder: seconds from start to end, and the most memory it had, in megabytes, where the system tells.
    fn run(&self, folder: &Path, copies: usize) -> anyhow::Result<(f64, Option<f64>)> {
        let out = fresh(self.scratch, "goals.zip")?;
        let mut command = Command::new(self.delta);
        command.arg("augment").arg(folder).arg("-o").arg(out);
        command.args(["--recipe", "classic", "--seed", "7", "--jobs", "1", "--json", "--count", &copies.to_string()]);
        let start = Instant::now();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("delta did not start")?;
        let memory = watch(child.id());
        let status = child.wait()?;
        let seconds = start.elapsed().as_secs_f64();
        if !status.success() {
            bail!("delta failed on {}", folder.display());
        }
        Ok((seconds, memory.join().ok().flatten()))
    }
}

/// Follows a process to its end: the most memory it had, in megabytes.
fn watch(process: u32) -> std::thread::JoinHandle<Option<f64>> {
    std::thread::spawn(move || {
        let mut most = None;
        while let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/status")) {
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let Some(kilobytes) = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok()) else {
                break;
            };
            most = Some(kilobytes * 1024.0 / 1e6);
            std::thread::sleep(std::time::Duration::from_micros(500));
        }
        most
    })
}
