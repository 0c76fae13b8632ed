//! One kernel, once, for a counter of instructions around it: `augment-kernels` lists them, `augment-kernels NAME` runs one.
#![expect(clippy::print_stdout, reason = "prints the list")]

use std::hint::black_box;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use augment_core::codec::{self, Encoding, Subsampling};
use augment_core::digest::Digest;
use augment_core::geometry::Size;
use augment_core::image::{Channels, Fill, Image};
use augment_core::labels::{Classes, LabelPolicy, Labels};
use augment_core::limits::Limits;
use augment_core::plan::{DrawContext, Plan, Recipe, draw_plan};
use augment_render::engine::{RenderContext, Sample, execute};
use serde_json::json;

/// What is counted, by name: the channels of the picture, and the steps that reach the kernel.
const KERNELS: &[(&str, Channels, &str)] = &[
    ("copy/flip", Channels::Rgb, r#"{"op": "flip_horizontal"}"#),
    ("copy/quarter-turn", Channels::Rgb, r#"{"op": "quarter_turn", "turns": 1}"#),
    ("bilinear/turn", Channels::Rgb, r#"{"op": "rotate", "degrees": 12.5, "border": "reflect"}"#),
    ("bilinear/turn-gray", Channels::Gray, r#"{"op": "rotate", "degrees": 12.5, "border": "reflect"}"#),
    ("bilinear/turn-alpha", Channels::Rgba, r#"{"op": "rotate", "degrees": 12.5, "border": "reflect"}"#),
    ("bilinear/turn-filled", Channels::Rgb, r#"{"op": "rotate", "degrees": 12.5, "border": "constant"}"#),
    ("bilinear/perspective", Channels::Rgb, r#"{"op": "perspective"}"#),
    ("bilinear/elastic", Channels::Rgb, r#"{"op": "elastic"}"#),
    ("bilinear/four-samples", Channels::Rgb, r#"{"op": "affine", "scale": 0.6, "degrees": 12.5}"#),
    ("separable/grow", Channels::Rgb, r#"{"op": "scale", "factor": 1.15, "border": "reflect"}"#),
    ("separable/shrink", Channels::Rgb, r#"{"op": "scale", "factor": 0.4, "border": "constant"}"#),
    ("separable/shrink-gray", Channels::Gray, r#"{"op": "scale", "factor": 0.4, "border": "constant"}"#),
    ("separable/shrink-alpha", Channels::Rgba, r#"{"op": "scale", "factor": 0.4, "border": "constant"}"#),
    ("color/matrix", Channels::Rgb, r#"{"op": "hue", "degrees": 15}"#),
    ("color/table", Channels::Rgb, r#"{"op": "gamma", "exponent": 1.3}"#),
    ("color/mean-luma", Channels::Rgb, r#"{"op": "contrast", "factor": 1.2}"#),
    ("color/histogram", Channels::Rgb, r#"{"op": "equalize"}"#),
    ("noise/gaussian", Channels::Rgb, r#"{"op": "gaussian_noise", "sigma": 10}"#),
    ("noise/salt-pepper", Channels::Rgb, r#"{"op": "salt_pepper"}"#),
    ("convolve/gaussian-1", Channels::Rgb, r#"{"op": "gaussian_blur", "sigma": 1}"#),
    ("convolve/gaussian-5", Channels::Rgb, r#"{"op": "gaussian_blur", "sigma": 5}"#),
    ("convolve/motion", Channels::Rgb, r#"{"op": "motion_blur", "length": 9, "degrees": 30}"#),
    ("convolve/box", Channels::Rgb, r#"{"op": "box_blur", "radius": 3}"#),
    ("window/median", Channels::Rgb, r#"{"op": "median_blur"}"#),
    ("window/clahe", Channels::Rgb, r#"{"op": "clahe"}"#),
];

/// What is counted besides, of the way around the kernels.
const PARTS: &[&str] = &["codec/decode", "codec/encode", "digest/sha-256"];

const JPEG: Encoding = Encoding::Jpeg { quality: 90, subsampling: Subsampling::Quarter };

fn main() -> anyhow::Result<()> {
    let Some(name) = std::env::args().nth(1) else {
        KERNELS.iter().map(|kernel| kernel.0).chain(PARTS.iter().copied()).for_each(|name| println!("{name}"));
        return Ok(());
    };
    let picture = Arc::new(picture(Channels::Rgb)?);
    match name.as_str() {
        "codec/decode" => {
            let bytes = codec::encode(&picture, &JPEG, None, Fill::BLACK)?;
            measured_kernel(&mut || codec::decode(&bytes, &Limits::default()).map(drop))?;
        }
        "codec/encode" => measured_kernel(&mut || codec::encode(&picture, &JPEG, None, Fill::BLACK).map(drop))?,
        "digest/sha-256" => measured_kernel(&mut || {
            black_box(Digest::of(picture.samples()));
            Ok(())
        })?,
        name => {
            let kernel = KERNELS.iter().find(|kernel| kernel.0 == name);
            let (_, channels, step) = kernel.with_context(|| format!("there is no kernel '{name}'"))?;
            let (plan, source) = (plan(step)?, self::picture(*channels)?);
            let sample = Sample::new(Arc::new(source), &Labels::default());
            let mut sample = Some(sample);
            measured_kernel(&mut || execute_one(&plan, sample.take()))?;
        }
    }
    Ok(())
}

/// The function that a counter watches: only what it calls counts.
#[inline(never)]
fn measured_kernel(work: &mut dyn FnMut() -> augment_core::Result<()>) -> augment_core::Result<()> {
    black_box(work())
}

fn execute_one(plan: &Plan, sample: Option<Sample>) -> augment_core::Result<()> {
    let (classes, policy, limits) = (Classes::default(), LabelPolicy::default(), Limits::default());
    let partner = |_| Err(augment_core::Error::new(augment_core::ErrorKind::Recipe, "nothing is mixed here"));
    let around = RenderContext { classes: &classes, policy: &policy, limits: &limits, partner: &partner };
    if let Some(sample) = sample {
        black_box(execute(plan, sample, &around)?);
    }
    Ok(())
}

fn plan(step: &str) -> anyhow::Result<Plan> {
    let step: serde_json::Value = serde_json::from_str(step)?;
    let recipe =
        Recipe::from_value(json!({"version": 1, "steps": [step]})).map_err(|problems| anyhow!("{problems:?}"))?;
    let classes = Classes::default();
    let subject = DrawContext { source: Digest::of(b"a"), size: SIZE, objects: &[], classes: &classes, partners: &[] };
    Ok(draw_plan(&recipe, 7, 0, &subject)?)
}

const SIZE: Size = Size::new(256, 192);

/// Shades, edges and grain: nothing that a kernel could skip.
fn picture(channels: Channels) -> anyhow::Result<Image> {
    let n = channels.count();
    let samples = (0..SIZE.area() * n).map(|i| {
        let (x, y, c) = (i / n % SIZE.width as usize, i / n / SIZE.width as usize, i % n);
        let grain = (x * 7919 + y * 104_729 + c * 31 + x * y) % 23;
        (x / 2 + y / 3 + 40 * ((x / 16 + y / 12) % 3) + grain + 20 * c).min(255) as u8
    });
    Ok(Image::from_samples(SIZE, channels, samples.collect())?)
}
