//! Time and memory of the function: measurements, and the promised limits.

use std::time::{Duration, Instant};

use augment_core::codec::{Encoding, PngCompression, Subsampling, encode};
use augment_core::geometry::Size;
use augment_core::image::{Channels, Fill, Image};
use augment_stores_local::ORIGINALS_BUCKET;
use serde_json::{Value, json};

use crate::harness::Harness;

/// An image with noise, like a photograph.
fn picture(width: u32, height: u32, number: u32, channels: Channels) -> Image {
    let mut state = number.wrapping_mul(747_796_405) + 1;
    let count = if channels == Channels::Rgba { 4 } else { 3 };
    let mut samples = Vec::with_capacity((width * height) as usize * count);
    for y in 0..height {
        for x in 0..width {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = state >> 28;
            let levels = [x * 255 / width + noise, y * 255 / height + noise, (x + y) % 256, 255];
            samples.extend(levels[..count].iter().map(|level| (*level).min(255) as u8));
        }
    }
    Image::from_samples(Size::new(width, height), channels, samples).unwrap()
}

pub(crate) fn large(width: u32, height: u32, number: u32) -> Vec<u8> {
    let encoding = Encoding::Jpeg { quality: 92, subsampling: Subsampling::Quarter };
    encode(&picture(width, height, number, Channels::Rgb), &encoding, None, Fill::BLACK).unwrap()
}

fn event(key: &str) -> Value {
    json!({ "Records": [{ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
        "s3": { "bucket": { "name": ORIGINALS_BUCKET }, "object": { "key": key } } }] })
}

/// The peak memory of a process in MB.
fn peak(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto and the function: cargo xtask aws"]
async fn small_images_with_five_copies() {
    let harness = Harness::new(Duration::from_secs(60)).await;
    let metadata = [("num-of-augments", "5"), ("recipe", "classic")];
    let (mut wall, mut inside, mut pixels) = (Vec::new(), Vec::new(), 0);
    let worker = harness.worker(1024, Duration::from_secs(30)).await;
    for number in 0..101 {
        let key = format!("originals/s{number}/a.jpg");
        harness.put(&key, &metadata, large(270, 180, number)).await;
        let began = Instant::now();
        let answer = worker.invoke(event(&key)).await.unwrap();
        wall.push(began.elapsed().as_secs_f64() * 1000.0);
        let made = harness.image(&format!("s{number}")).await.made.unwrap();
        assert_eq!(answer["images"][0]["made"]["outputs"], 5, "{answer}");
        inside.push(made.augment_ms as f64);
        pixels += made.pixels;
    }
    let first = wall.remove(0);
    inside.remove(0);
    wall.sort_by(f64::total_cmp);
    inside.sort_by(f64::total_cmp);
    println!(
        "270x180, 5 copies, 7 thumbnails: first call {first:.1} ms (a new process), then median {:.1} ms, p95 {:.1} ms with emulators",
        wall[50], wall[95]
    );
    println!(
        "  of which decoding to zip: median {:.1} ms, p95 {:.1} ms; {} pixels made",
        inside[50], inside[95], pixels
    );
    println!("  memory: {:.0} MB", peak(worker.process()));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs moto and the function: cargo xtask aws"]
async fn twenty_four_megapixels_fit_into_512_megabytes() {
    let harness = Harness::new(Duration::from_secs(60)).await;
    let rgba = encode(
        &picture(6000, 4000, 1, Channels::Rgba),
        &Encoding::Png { compression: PngCompression::Fast },
        None,
        Fill::BLACK,
    );
    let flips = r#"{"version":1,"seed":1,"count":2,"steps":[{"op":"flip_horizontal"}]}"#;
    for (name, recipe, bytes) in [
        ("jpeg", "classic", large(6000, 4000, 1)),
        ("strong", "segmentation", large(6000, 4000, 2)),
        ("png", flips, rgba.unwrap()),
    ] {
        let worker = harness.worker(512, Duration::from_secs(120)).await;
        let key = format!("originals/{name}/a.jpg");
        let size = bytes.len();
        harness.put(&key, &[("recipe", recipe), ("num-of-augments", "2")], bytes).await;
        let began = Instant::now();
        let answer = worker.invoke(event(&key)).await.unwrap();
        let (took, peak) = (began.elapsed(), peak(worker.process()));
        println!("24 MP {name} ({:.1} MB): {:.1} s, {peak:.0} MB at most", size as f64 / 1e6, took.as_secs_f64());
        assert_eq!(answer["images"][0]["state"], "ready", "{name}: {answer}");
        let made = harness.image(name).await.made.unwrap();
        println!("  {:.1} MP/s of copies", made.pixels as f64 / 1e3 / made.augment_ms as f64);
        assert!(peak < 512.0, "{name}: {peak} MB");
    }
    let worker = harness.worker(512, Duration::from_secs(60)).await;
    harness.put("originals/large/a.jpg", &[], large(8000, 6500, 1)).await;
    let answer = worker.invoke(event("originals/large/a.jpg")).await.unwrap();
    assert_eq!(answer["images"][0]["error_kind"], "memory", "{answer}");
    println!("52 MP: {}; {:.0} MB at most", answer["images"][0]["error"], peak(worker.process()));
}
