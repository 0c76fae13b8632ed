//! Previews against the run that they stand for: the same draws, the same labels, and pixels that look the same.
#![expect(clippy::unwrap_used, reason = "a picture that cannot be made fails the test")]

use augment_core::codec;
use augment_core::digest::Digest;
use augment_core::files::{Files, InMemory};
use augment_core::formats::{LabelChoice, LabelFormat};
use augment_core::image::Image;
use augment_core::limits::Limits;
use augment_core::pipeline::{CopyKind, Output, RunSpec, bases};
use augment_core::plan::Recipe;
use augment_core::preview::{Reduced, View};
use augment_core::run::{InputDataset, Partners};
use augment_core::transforms::{CATALOG, Kind};
use serde_json::{Value, json};

/// Longest side of the previews; the scenes are 640 pixels wide.
const SIDE: u32 = 160;
/// What a preview must reach against the full output reduced by area, in decibels.
const MIN_PSNR: f64 = 27.0;
/// Steps whose effect is smaller than a reduced pixel: there it averages out, and the preview shows it all the same.
const FINER_THAN_A_PREVIEW: &[&str] = &["gaussian_noise", "salt_pepper", "jpeg_artifacts", "cutout"];

struct Studio {
    found: InputDataset<InMemory>,
    digests: Vec<(Digest, usize)>,
}

impl Studio {
    fn new(count: u32) -> Self {
        let files: InMemory = augment_sample::dataset(count, LabelFormat::Coco).map(Result::unwrap).collect();
        let found = InputDataset::open(files, false, LabelChoice::Auto, Limits::default()).unwrap();
        let digests = found.dataset.items.iter().enumerate();
        let digests = digests.map(|(at, item)| (Digest::of(&found.inputs.read(&item.name).unwrap()), at)).collect();
        Self { found, digests }
    }

    fn job(&self, steps: &Value) -> RunSpec {
        let recipe = json!({ "version": 1, "output": { "format": "png" }, "steps": steps });
        let recipe = Recipe::from_value(recipe).unwrap_or_else(|problems| panic!("{steps}: {problems:?}"));
        let job = RunSpec::new(recipe, 7, &self.found.dataset, LabelFormat::Coco, Limits::default());
        job.with_partners(self.digests.iter().map(|(digest, _)| *digest).collect())
    }

    fn run(&self, job: &RunSpec, item: usize, copy: u32) -> Output {
        let prepared = self.found.prepare(job, item, self.found.read(item).unwrap().0).unwrap();
        let partners = Partners::new(self.digests.iter().copied());
        let partner = |digest| partners.fetch(&self.found, job, digest);
        let base = &bases(&self.found.dataset)[item];
        job.render(&prepared, base, CopyKind::Augmented(copy), &partner).unwrap()
    }

    fn preview(&self, job: &RunSpec, item: usize, copy: u32) -> View {
        let reduced = |item: usize, side: u32| {
            let entry = &self.found.dataset.items[item];
            Reduced::new(entry, &self.found.inputs.read(&entry.name)?, None, side, &Limits::default())
        };
        let partner = |digest: Digest| {
            let (_, item) = self.digests.iter().find(|(known, _)| *known == digest).unwrap();
            Ok(reduced(*item, SIDE)?.small)
        };
        job.preview(&reduced(item, 2 * SIDE).unwrap(), CopyKind::Augmented(copy), SIDE, &partner).unwrap()
    }
}

/// Every example of the transforms that a filter lets pass.
fn examples(wanted: impl Fn(&str, Kind) -> bool) -> Vec<Value> {
    let mut steps = Vec::new();
    for entry in CATALOG.iter().filter(|entry| wanted(entry.op, entry.kind)) {
        for example in entry.examples {
            let mut step: Value = serde_json::from_str(example).unwrap();
            step["op"] = entry.op.into();
            steps.push(step);
        }
    }
    assert!(!steps.is_empty(), "the filter lets something pass");
    steps
}

/// An image reduced to a size by the mean over the area of each pixel.
fn by_area(image: &Image, width: usize, height: usize) -> Vec<f64> {
    let n = image.channels().count();
    let (w, h) = (image.size().width as usize, image.size().height as usize);
    let spans = |from: usize, to: usize| -> Vec<Vec<(usize, f64)>> {
        let step = from as f64 / to as f64;
        let span = |i: usize| {
            let (a, b) = (i as f64 * step, (i + 1) as f64 * step);
            let cell = |at: usize| (at, (b.min(at as f64 + 1.0) - a.max(at as f64)) / step);
            (a as usize..(b.ceil() as usize).min(from)).map(cell).filter(|(_, share)| *share > 0.0).collect()
        };
        (0..to).map(span).collect()
    };
    let (columns, rows) = (spans(w, width), spans(h, height));
    let mut out = Vec::with_capacity(width * height * n);
    for row in &rows {
        for column in &columns {
            for channel in 0..n {
                let at =
                    |(y, dy): &(usize, f64), (x, dx): &(usize, f64)| dy * dx * f64::from(image.pixel(*x, *y)[channel]);
                out.push(row.iter().flat_map(|y| column.iter().map(move |x| at(y, x))).sum());
            }
        }
    }
    out
}

fn psnr(a: &[u8], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len(), "the same size");
    let squared: f64 = a.iter().zip(b).map(|(a, b)| (f64::from(*a) - b) * (f64::from(*a) - b)).sum();
    let ratio = 255.0 * 255.0 / (squared / a.len() as f64).max(1e-9);
    10.0 * augment_core::math::ln(ratio) / std::f64::consts::LN_10
}

fn compare(studio: &Studio, steps: &Value, copy: u32) -> f64 {
    let job = studio.job(steps);
    let (output, view) = (studio.run(&job, 1, copy), studio.preview(&job, 1, copy));
    assert_eq!(view.steps, output.line.steps, "{steps}: the draws");
    assert_eq!((view.full.width, view.full.height), (output.line.width, output.line.height), "{steps}: the full size");
    let size = view.image.size();
    assert!(size.width.max(size.height) <= SIDE, "{steps}: {size:?}");

    let placed = &output.placed.objects;
    assert_eq!(view.kept.len(), placed.len(), "{steps}: what stays");
    let reasons: Vec<_> = view.dropped.iter().filter_map(|mark| mark.reason.clone()).collect();
    let expected: Vec<_> = output.line.labels.dropped.iter().map(|dropped| dropped.reason.clone()).collect();
    assert_eq!(reasons, expected, "{steps}: why the others do not");
    let scale = f64::from(size.width) / f64::from(view.full.width);
    for (mark, object) in view.kept.iter().zip(placed) {
        let (mark, full) = (mark.bbox.unwrap(), object.bbox.unwrap());
        for (small, full) in [(mark.x0, full.x0), (mark.x1, full.x1)] {
            assert!((small - full * scale).abs() < 1e-6, "{steps}: {small}, not {}", full * scale);
        }
    }
    let full = codec::decode(&output.image, &Limits::default()).unwrap().image;
    psnr(view.image.samples(), &by_area(&full, size.width as usize, size.height as usize))
}

fn hold(studio: &Studio, steps: Vec<Value>) {
    let mut low = Vec::new();
    for step in steps {
        for copy in 0..2 {
            let steps = json!([step]);
            let reached = compare(studio, &steps, copy);
            if reached < MIN_PSNR {
                low.push(format!("{reached:.1} dB for copy {copy} of {steps}"));
            }
        }
    }
    assert!(low.is_empty(), "less than {MIN_PSNR} dB:\n{}", low.join("\n"));
}

#[test]
fn geometry_is_pictured_as_the_run_makes_it() {
    hold(&Studio::new(2), examples(|_, kind| kind == Kind::Geometric));
}

#[test]
fn pixels_and_their_surroundings_are_pictured_as_the_run_makes_them() {
    let wanted =
        |op: &str, kind| kind != Kind::Geometric && kind != Kind::Mixing && !FINER_THAN_A_PREVIEW.contains(&op);
    hold(&Studio::new(2), examples(wanted));
}

#[test]
fn mixes_are_pictured_as_the_run_makes_them() {
    hold(&Studio::new(6), examples(|_, kind| kind == Kind::Mixing));
}

#[test]
fn steps_of_all_kinds_together_are_pictured_as_the_run_makes_them() {
    let studio = Studio::new(2);
    for recipe in augment_core::plan::BUILT_IN {
        let recipe: Value = serde_json::from_str(recipe.json).unwrap();
        for copy in 0..4 {
            // Noise and strong blurs differ by nature; here it is the draws, the sizes and the labels that count.
            let reached = compare(&studio, &recipe["steps"], copy);
            assert!(reached > 18.0, "{reached:.1} dB for copy {copy} of {recipe}");
        }
    }
}
