//! Where the processor's time goes, on one thread, by the library alone: the stages of a recipe, single operations.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::anyhow;
use augment_core::archive::ZipSink;
use augment_core::codec::{self, Encoding, Subsampling};
use augment_core::digest::Digest;
use augment_core::image::{Fill, Image};
use augment_core::labels::{Classes, LabelPolicy, Labels};
use augment_core::limits::Limits;
use augment_core::plan::{DrawContext, Plan, PlannedStep, Recipe, draw_plan};
use augment_core::transforms::Action;
use augment_render::engine::{RenderContext, Sample, execute};
use serde_json::json;

use crate::Spread;
use crate::contest::{COPIES, recipe_text};
use crate::corpus::Corpus;

const JPEG: Encoding = Encoding::Jpeg { quality: 90, subsampling: Subsampling::Quarter };
const SEED: u64 = 7;

/// Seconds by what they were spent on, medians over rounds.
#[derive(Debug)]
pub(crate) struct Stages {
    /// Name of the recipe.
    pub(crate) recipe: &'static str,
    /// In the order of the run.
    pub(crate) seconds: Vec<(&'static str, f64)>,
    /// Pixels of all outputs, in millions.
    pub(crate) megapixels: f64,
}

/// Megapixels a second of single operations.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) speed: Spread,
}

/// What this thread has had of the processor: a busy machine changes it less than it changes the hour.
#[cfg(unix)]
fn processor_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// The time since the first call.
#[cfg(not(unix))]
fn processor_seconds() -> f64 {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed().as_secs_f64()
}

#[derive(Default)]
struct Clock {
    spent: BTreeMap<usize, f64>,
}

/// The stages in the order of the run.
const STAGES: &[&str] = &["read", "decode", "hash", "draw", "geometry", "pixel", "neighborhood", "encode", "zip"];

impl Clock {
    fn time<T>(&mut self, stage: &str, work: impl FnOnce() -> T) -> T {
        let at = STAGES.iter().position(|name| *name == stage).unwrap_or_default();
        let start = processor_seconds();
        let done = work();
        *self.spent.entry(at).or_default() += processor_seconds() - start;
        done
    }
}

/// Runs a recipe over the corpus as the program does, but with a clock between the stages.
pub(crate) fn stages(name: &'static str, corpus: &Corpus, rounds: usize) -> anyhow::Result<Stages> {
    let recipe = Recipe::parse(&recipe_text(name)?).map_err(|problems| anyhow!("the recipe is wrong: {problems:?}"))?;
    let mut megapixels = 0.0;
    let mut spent: Vec<Vec<f64>> = vec![Vec::new(); STAGES.len()];
    for _ in 0..rounds {
        let mut clock = Clock::default();
        megapixels = run(&recipe, corpus, &mut clock)?;
        for (at, seconds) in clock.spent {
            spent[at].push(seconds);
        }
    }
    let medians = STAGES.iter().zip(spent).filter_map(|(name, values)| Some((*name, Spread::of(values)?.median)));
    Ok(Stages { recipe: name, seconds: medians.collect(), megapixels })
}

fn run(recipe: &Recipe, corpus: &Corpus, clock: &mut Clock) -> anyhow::Result<f64> {
    let limits = Limits::default();
    let mut sink = ZipSink::new(std::io::sink());
    let mut pixels = 0.0;
    for (number, file) in corpus.files.iter().enumerate() {
        let bytes = clock.time("read", || std::fs::read(file))?;
        let image = Arc::new(clock.time("decode", || codec::decode(&bytes, &limits))?.image);
        let source = clock.time("hash", || Digest::of(&bytes));
        for copy in 0..COPIES as u32 {
            let (classes, objects) = (Classes::default(), Vec::new());
            let subject =
                DrawContext { source, size: image.size(), objects: &objects, classes: &classes, partners: &[] };
            let plan = clock.time("draw", || draw_plan(recipe, SEED, copy, &subject))?;
            let mut sample = Sample::new(Arc::clone(&image), &Labels::default());
            for part in by_stage(plan) {
                sample = clock.time(stage_of(&part), || stage(&part, sample))?;
            }
            let size = sample.image.size();
            pixels += f64::from(size.width) * f64::from(size.height);
            let encoded = clock.time("encode", || codec::encode(&sample.image, &JPEG, None, Fill::BLACK))?;
            clock.time("hash", || hash(&encoded));
            clock.time("zip", || sink.add(&format!("{number}_{copy}.jpg"), &encoded))?;
        }
    }
    sink.finish()?;
    Ok(pixels / 1e6)
}

/// A plan cut where one kind of step follows another: what fuses stays together.
fn by_stage(plan: Plan) -> Vec<Plan> {
    let mut parts: Vec<Plan> = Vec::new();
    for step in plan.steps {
        match parts.last_mut() {
            Some(part) if part.steps.first().map(kind) == Some(kind(&step)) => part.steps.push(step),
            _ => parts.push(Plan { steps: vec![step] }),
        }
    }
    parts
}

fn kind(step: &PlannedStep) -> &'static str {
    match step.action {
        Action::Geometric(_) => "geometry",
        Action::Pixel(_) => "pixel",
        _ => "neighborhood",
    }
}

fn stage_of(plan: &Plan) -> &'static str {
    plan.steps.first().map_or("draw", kind)
}

fn stage(plan: &Plan, sample: Sample) -> augment_core::Result<Sample> {
    let (classes, policy, limits) = (Classes::default(), LabelPolicy::default(), Limits::default());
    let partner = |_| Err(augment_core::Error::new(augment_core::ErrorKind::Recipe, "the benchmark mixes nothing"));
    execute(plan, sample, &RenderContext { classes: &classes, policy: &policy, limits: &limits, partner: &partner })
}

/// Single steps as a manifest has them, by what they measure.
const STEPS: &[(&str, &str)] = &[
    ("flip", r#"[{"op": "flip_horizontal"}]"#),
    ("quarter turn", r#"[{"op": "quarter_turn", "turns": 1}]"#),
    ("rotate by 12.5°, reflected border", r#"[{"op": "rotate", "degrees": 12.5, "border": "reflect"}]"#),
    (
        "rotate, flip and scale fused",
        r#"[{"op": "rotate", "degrees": 12.5, "border": "reflect"}, {"op": "flip_horizontal"},
            {"op": "scale", "factor": 1.15, "border": "reflect"}]"#,
    ),
    ("scale by 0.4, antialiased", r#"[{"op": "scale", "factor": 0.4, "border": "constant"}]"#),
];

/// Steps that are drawn from a recipe, as their drawn form is their own affair.
const DRAWN: &[(&str, &str)] = &[
    ("brightness, contrast and gamma in one pass", r#"[{"op": "brightness"}, {"op": "contrast"}, {"op": "gamma"}]"#),
    ("color jitter", r#"[{"op": "color_jitter"}]"#),
    ("gaussian noise", r#"[{"op": "gaussian_noise"}]"#),
    ("gaussian blur, sigma 1", r#"[{"op": "gaussian_blur", "sigma": 1.0}]"#),
];

/// Measures decoding, steps, encoding, hashing and zipping over the corpus.
pub(crate) fn parts(corpus: &Corpus, rounds: usize) -> anyhow::Result<Vec<Part>> {
    let limits = Limits::default();
    let files: Vec<Vec<u8>> = corpus.files.iter().map(std::fs::read).collect::<Result<_, _>>()?;
    let mut images = Vec::new();
    for bytes in &files {
        images.push(Arc::new(codec::decode(bytes, &limits)?.image));
    }
    let mut encoded = Vec::new();
    for image in &images {
        encoded.push(codec::encode(image, &JPEG, None, Fill::BLACK)?);
    }
    let mut measured = Vec::new();
    let mut add = |name, work: &mut dyn FnMut() -> anyhow::Result<()>| {
        let mut speeds = Vec::new();
        for _ in 0..rounds {
            let start = processor_seconds();
            work()?;
            speeds.push(corpus.megapixels / (processor_seconds() - start));
        }
        measured.extend(Spread::of(speeds).map(|speed| Part { name, speed }));
        anyhow::Ok(())
    };
    add("decode JPEG", &mut || each(&files, |bytes| codec::decode(bytes, &limits).map(drop)))?;
    let mut plans = Vec::new();
    for (name, steps) in STEPS {
        plans.push((*name, Plan::from_json(&serde_json::from_str(steps)?)?));
    }
    for (name, steps) in DRAWN {
        plans.push((*name, drawn(steps)?));
    }
    for (name, plan) in plans {
        add(name, &mut || each(&images, |image| stage(&plan, unlabeled(image)).map(drop)))?;
    }
    add("encode JPEG, quality 90, 4:2:0", &mut || {
        each(&images, |image| codec::encode(image, &JPEG, None, Fill::BLACK).map(drop))
    })?;
    add("hash of the output", &mut || {
        encoded.iter().for_each(|bytes| hash(bytes));
        Ok(())
    })?;
    add("stored zip", &mut || {
        let mut sink = ZipSink::new(std::io::sink());
        for (number, bytes) in encoded.iter().enumerate() {
            sink.add(&format!("{number}.jpg"), bytes)?;
        }
        sink.finish()?;
        Ok(())
    })?;
    Ok(measured)
}

/// Hashes and throws away, unseen by the optimizer.
fn hash(bytes: &[u8]) {
    std::hint::black_box(Digest::of(bytes));
}

fn unlabeled(image: &Arc<Image>) -> Sample {
    Sample::new(Arc::clone(image), &Labels::default())
}

fn drawn(steps: &str) -> anyhow::Result<Plan> {
    let steps: serde_json::Value = serde_json::from_str(steps)?;
    let recipe =
        Recipe::from_value(json!({"version": 1, "steps": steps})).map_err(|problems| anyhow!("{problems:?}"))?;
    let (size, classes) = (augment_core::geometry::Size::new(640, 480), Classes::default());
    let subject = DrawContext { source: Digest::of(b"a"), size, objects: &[], classes: &classes, partners: &[] };
    Ok(draw_plan(&recipe, SEED, 0, &subject)?)
}

fn each<T>(items: &[T], work: impl Fn(&T) -> augment_core::Result<()>) -> anyhow::Result<()> {
    items.iter().try_for_each(work)?;
    Ok(())
}
