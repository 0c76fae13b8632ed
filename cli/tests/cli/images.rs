//! How images are read and written: ranges of levels, chroma, files that are cut off; and that replay knows of it.

use std::fs;
use std::path::Path;

use augment_core::archive::ZipFiles;
use augment_core::codec::{Encoding, Subsampling, decode, encode, probe};
use augment_core::files::Files;
use augment_core::image::Fill;
use serde_json::{Value, json};

use crate::support::{jpeg, picture, png, run, run_well, write};

/// A gray TIFF of 16 bits.
fn words(width: u32, height: u32, level: impl Fn(u32) -> u16) -> Vec<u8> {
    let bytes = 2 * width * height;
    let tags = [(256, width), (257, height), (258, 16), (259, 1), (262, 1), (273, 122), (278, height), (279, bytes)];
    let mut file = b"II*\0\x08\0\0\0\x08\0".to_vec();
    for (tag, value) in tags {
        file.extend(u16::to_le_bytes(tag));
        file.extend([4, 0, 1, 0, 0, 0]);
        file.extend(value.to_le_bytes());
    }
    file.resize(122, 0);
    file.extend((0..width * height).flat_map(|at| level(at).to_le_bytes()));
    file
}

fn lines(zip: &Path) -> Vec<Value> {
    let files = ZipFiles::open(fs::File::open(zip).unwrap(), Default::default()).unwrap();
    let manifest = String::from_utf8(files.read("manifest.jsonl").unwrap()).unwrap();
    manifest.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn image(zip: &Path, name: &str) -> Vec<u8> {
    ZipFiles::open(fs::File::open(zip).unwrap(), Default::default()).unwrap().read(name).unwrap()
}

/// A run is remade and verified by what it wrote down.
fn holds(at: &Path) {
    run_well(at, "replay out.zip --source data -o again.zip");
    assert_eq!(fs::read(at.join("out.zip")).unwrap(), fs::read(at.join("again.zip")).unwrap());
    run_well(at, "verify out.zip --source data");
}

#[test]
fn twelve_bits_in_sixteen_take_a_range_which_the_manifest_notes() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "data/scan.tif", words(16, 16, |at| (at * 16) as u16));
    let said = run(at, "augment data -o out.zip --recipe none");
    assert_eq!(said.code, 2, "{said:?}");
    assert!(
        said.err.contains("scan.tif") && said.err.contains("0 to 4080") && said.err.contains("--range"),
        "{said:?}"
    );
    for (range, noted, brightest) in [
        ("0,4080", json!([0.0, 4080.0]), 255),
        ("file", json!("file"), 255),
        ("-4080,4080", json!([-4080.0, 4080.0]), 255),
    ] {
        run_well(at, &format!("augment data -o out.zip --format png --seed 1 --recipe none --range {range}"));
        let line = &lines(&at.join("out.zip"))[0];
        assert_eq!(line["input"], json!({ "range": noted }));
        assert!(line["warnings"][0].as_str().unwrap().contains("as white"), "{line}");
        let samples = decode(&image(&at.join("out.zip"), "images/scan_0.png"), &Default::default()).unwrap().image;
        assert_eq!(samples.samples().iter().max(), Some(&brightest), "{range}");
        holds(at);
    }
    for wrong in ["5", "4,3", "1,1", "0,inf", "all"] {
        assert_eq!(run(at, &format!("augment data -o out.zip --range {wrong}")).code, 2, "{wrong}");
    }
}

#[test]
fn chroma_is_kept_or_as_it_is_told_and_the_manifest_says_which() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for (name, subsampling) in [("a", Subsampling::Full), ("b", Subsampling::Half), ("c", Subsampling::Quarter)] {
        let encoding = Encoding::Jpeg { quality: 90, subsampling };
        write(at, &format!("data/{name}.jpg"), encode(&picture(1, 48, 40), &encoding, None, Fill::BLACK).unwrap());
    }
    write(at, "data/d.png", png(&picture(2, 48, 40)));
    for (options, expected) in [
        ("--format keep --quality 80", ["4:4:4", "4:2:2", "4:2:0"]),
        ("--format keep --quality 97", ["4:4:4", "4:2:2", "4:2:0"]),
        ("--format jpeg --quality 94", ["4:2:0", "4:2:0", "4:2:0"]),
        ("--format jpeg --quality 95", ["4:4:4", "4:4:4", "4:4:4"]),
        ("--format keep --quality 97 --subsampling 4:2:2", ["4:2:2", "4:2:2", "4:2:2"]),
        ("--quality 97 --subsampling 4:2:0", ["4:2:0", "4:2:0", "4:2:0"]),
    ] {
        run_well(at, &format!("augment data -o out.zip --seed 1 --recipe flip-vertical {options}"));
        let lines = lines(&at.join("out.zip"));
        for (line, expected) in lines.iter().zip(expected) {
            assert_eq!(line["encoding"]["subsampling"], expected, "{options}: {line}");
            let bytes = image(&at.join("out.zip"), line["output"].as_str().unwrap());
            let found = probe(&bytes, &Default::default()).unwrap().subsampling;
            assert_eq!(serde_json::to_value(found).unwrap(), expected, "{options}");
        }
        holds(at);
    }
    assert_eq!(run(at, "augment data -o out.zip --subsampling 4:1:1").code, 2, "not written");
}

#[test]
fn a_jpeg_that_is_cut_off_is_kept_on_request_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let file = jpeg(&picture(3, 96, 80));
    write(at, "data/cut.jpg", &file[..file.len() * 2 / 3]);
    write(at, "data/whole.jpg", &file);
    let said = run(at, "augment data -o out.zip --recipe none --seed 1");
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("cut.jpg") && said.err.contains("--keep-truncated"), "{said:?}");
    let said = run_well(at, "augment data -o out.zip --recipe flip-vertical --seed 1 --keep-truncated");
    assert!(said.err.contains("cut off"), "{said:?}");
    let lines = lines(&at.join("out.zip"));
    assert_eq!(lines[0]["input"], json!({ "keep_truncated": true }));
    assert!(lines[0]["warnings"][0].as_str().unwrap().contains("cut off"), "{}", lines[0]);
    assert!(lines[1].get("warnings").is_none(), "{}", lines[1]);
    holds(at);
}
