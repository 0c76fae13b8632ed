//! A folder of hostile input: each bad file gets one clear line, the rest is complete, and nothing is harmed.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::process::{Child, Stdio};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::support::{contents, delta, jpeg, picture, png, voc, write};

const MAX_MEMORY: u64 = 400 << 20;

/// CRC-32 as PNG has it (ISO 3309), bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

/// A PNG whose header claims a size, and whose data is another picture's.
fn claiming(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(&picture(0, 64, 64));
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

/// A zip of good and bad entries, as an attacker would make it.
fn zip(entries: &[(&str, &[u8])], links: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in entries {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    for (name, target) in links {
        writer.add_symlink(*name, *target, options).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A COCO file that speaks of an image that is not there and gives two images one id.
const COCO: &str = r#"{
  "images": [
    {"id": 1, "file_name": "coco_good.jpg", "width": 120, "height": 90},
    {"id": 2, "file_name": "coco_absent.jpg", "width": 120, "height": 90},
    {"id": 1, "file_name": "coco_twin.jpg", "width": 120, "height": 90}
  ],
  "annotations": [
    {"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 10, 30, 30], "area": 900, "iscrowd": 0},
    {"id": 1, "image_id": 1, "category_id": 1, "bbox": [50, 40, 20, 20], "area": 400, "iscrowd": 0},
    {"id": 3, "image_id": 77, "category_id": 1, "bbox": [50, 40, 20, 20], "area": 400, "iscrowd": 0}
  ],
  "categories": [{"id": 1, "name": "cell"}]
}"#;

/// Billions of laughs.
fn entities() -> String {
    let mut text = String::from("<?xml version=\"1.0\"?><!DOCTYPE annotation [<!ENTITY a0 \"ha\">");
    for i in 1..30 {
        text += &format!("<!ENTITY a{i} \"{}\">", format!("&a{};", i - 1).repeat(10));
    }
    text + "]><annotation><object><name>&a29;</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>"
}

/// Builds the folder; gives the names that must each be named as bad, and the stems that must come out.
fn build(at: &Path) -> (Vec<&'static str>, Vec<&'static str>) {
    let good = jpeg(&picture(1, 120, 90));
    // The good ones: with VOC labels, without any, in a zip, with a coordinate that is a little outside.
    for name in ["voc_one", "voc_two", "voc_three", "voc_four"] {
        write(at, &format!("{name}.jpg"), &good);
        write(at, &format!("{name}.xml"), voc(120, 90, &[[10, 10, 60, 60]]));
    }
    write(at, "bare.jpg", &good);
    write(at, "coco_good.jpg", &good);
    write(at, "coco_twin.jpg", &good);
    write(at, "yolo_outside.jpg", &good);
    write(at, "yolo_outside.txt", "0 0.5 0.5 1.0006 1.0006\n");

    write(at, "empty.jpg", "");
    write(at, "cut.jpg", &good[..good.len() / 2]);
    let picture = png(&picture(2, 200, 150));
    write(at, "cut.png", &picture[..picture.len() / 2]);
    write(at, "text.jpg", "this is no picture");
    write(at, "huge.png", claiming(60_000, 60_000));
    write(at, "entities.jpg", &good);
    write(at, "entities.xml", entities());
    write(at, "lone.xml", voc(120, 90, &[[10, 10, 60, 60]]));
    write(at, "coco.json", COCO);
    for (name, line) in [("nan", "0 nan 0.5 0.2 0.2"), ("negative", "0 0.5 0.5 -0.2 0.2"), ("missing", "0 0.5 0.5 0.2")]
    {
        write(at, &format!("yolo_{name}.jpg"), &good);
        write(at, &format!("yolo_{name}.txt"), format!("{line}\n"));
    }
    let escaping: [(&str, &[u8]); 4] =
        [("../evil.jpg", &good), ("/tmp/delta-evil.jpg", &good), ("..\\evil2.jpg", &good), ("zip_good.jpg", &good)];
    write(at, "escape.zip", zip(&escaping, &[("link.jpg", "/etc/passwd")]));
    let zeros = vec![0; 300 << 20];
    write(at, "bomb.zip", zip(&[("zeros.jpg", &zeros)], &[]));
    write(at, "damaged.zip", &b"PK\x03\x04 and nothing that follows"[..]);
    let bad = vec![
        "bomb.zip/zeros.jpg",
        "coco.json",
        "coco.json",
        "cut.jpg",
        "cut.png",
        "damaged.zip",
        "empty.jpg",
        "entities.xml",
        "escape.zip/..",
        "escape.zip/..",
        "escape.zip//tmp/delta-evil.jpg",
        "escape.zip/link.jpg",
        "huge.png",
        "lone.xml",
        "text.jpg",
        "yolo_missing.txt",
        "yolo_nan.txt",
        "yolo_negative.txt",
    ];
    let come_out = vec!["bare", "coco_good", "voc_four", "voc_one", "voc_three", "voc_two", "yolo_outside", "zip_good"];
    (bad, come_out)
}

/// Waits for a process, and gives its exit code, its words and its peak memory in bytes.
fn watched(mut child: Child) -> (Option<i32>, String, u64) {
    let status = format!("/proc/{}/status", child.id());
    let mut stderr = child.stderr.take().unwrap();
    let errors = std::thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).unwrap();
        text
    });
    let mut peak = 0;
    loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(kibibytes.unwrap_or(0) << 10);
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code(), errors.join().unwrap(), peak);
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

#[test]
fn hostile_input_is_named_and_the_rest_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let (bad, come_out) = build(&at.join("in"));
    let before = contents(&at.join("in"));
    let child = delta()
        .current_dir(at)
        .args(["augment", "in", "-o", "out", "--count", "2", "--seed", "1"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (code, errors, peak) = watched(child);
    assert_eq!(code, Some(1), "{errors}");
    assert!(!errors.contains("a fault in this program") && !errors.contains("panicked"), "{errors}");

    let failures: Vec<&str> =
        errors.lines().filter(|line| !line.starts_with("warning: ") && !line.contains(": warning: ")).collect();
    for name in &bad {
        assert!(failures.iter().any(|line| line.starts_with(name)), "{name} is not named:\n{errors}");
    }
    assert_eq!(failures.len(), bad.len(), "one line for each failure:\n{errors}");
    let outside = errors.lines().filter(|line| line.starts_with("yolo_outside.jpg: warning: ")).count();
    assert_eq!(outside, 1, "{errors}");

    let out = contents(&at.join("out"));
    for stem in &come_out {
        for copy in 0..2 {
            let image = format!("images/{stem}_{copy}.jpg");
            assert!(out.iter().any(|(name, _)| *name == image), "{image} is missing: {errors}");
        }
    }
    for (name, _) in out.iter().filter(|(name, _)| name.starts_with("images/")) {
        let bytes = fs::read(at.join("out").join(name)).unwrap();
        augment_core::codec::decode(&bytes, &Default::default()).unwrap();
    }
    assert_eq!(contents(&at.join("in")), before, "the input was changed");
    let mut left: Vec<_> = fs::read_dir(at).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["in", "out"], "something was written outside the output");
    assert!(!Path::new("/tmp/delta-evil.jpg").exists(), "an absolute name was followed");
    assert!(peak > 0 || cfg!(not(target_os = "linux")), "the memory could not be measured");
    assert!(peak < MAX_MEMORY, "{} MiB were taken", peak >> 20);
}
