//! Which chroma subsampling an output gets: what is said, the source's where its format is kept, or by the quality.

#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is wrong")]

use augment_core::codec::{Encoding, Subsampling, decode, encode, probe};
use augment_core::geometry::Size;
use augment_core::image::{Channels, Fill, Image};
use augment_core::limits::Limits;
use augment_core::plan::Recipe;

const ALL: [Subsampling; 3] = [Subsampling::Quarter, Subsampling::Half, Subsampling::Full];

/// Red lines a pixel wide: what is lost of chroma shows.
fn lines() -> Image {
    let size = Size::new(40, 24);
    let pixel = |at: usize| if (at % size.width as usize).is_multiple_of(5) { [254, 0, 0] } else { [20, 30, 90] };
    Image::from_samples(size, Channels::Rgb, (0..size.area()).flat_map(pixel).collect()).unwrap()
}

fn jpeg(subsampling: Subsampling) -> Vec<u8> {
    encode(&lines(), &Encoding::Jpeg { quality: 90, subsampling }, None, Fill::BLACK).unwrap()
}

/// The subsampling that a recipe's output section gives the outputs of a file.
fn given(output: &str, source: &[u8]) -> Option<Subsampling> {
    let recipe = Recipe::parse(&format!(r#"{{"version": 1, "output": {output}, "steps": []}}"#)).unwrap();
    match recipe.output.encoding(&probe(source, &Limits::default()).unwrap()) {
        Encoding::Jpeg { subsampling, .. } => Some(subsampling),
        _ => None,
    }
}

#[test]
fn a_head_tells_the_subsampling_of_its_file() {
    for subsampling in ALL {
        assert_eq!(probe(&jpeg(subsampling), &Limits::default()).unwrap().subsampling, Some(subsampling));
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/codec");
    for (name, subsampling) in [
        ("420.jpg", Some(Subsampling::Quarter)),
        ("422.jpg", Some(Subsampling::Half)),
        ("444.jpg", Some(Subsampling::Full)),
        ("rgb.jpg", Some(Subsampling::Full)),
        // What cannot be written becomes the next finer.
        ("440.jpg", Some(Subsampling::Full)),
        ("411.jpg", Some(Subsampling::Half)),
        ("gray.jpg", None),
        ("rgb8.png", None),
    ] {
        let header = probe(&std::fs::read(folder.join(name)).unwrap(), &Limits::default()).unwrap();
        assert_eq!(header.subsampling, subsampling, "{name}");
    }
}

#[test]
fn kept_jpegs_keep_their_subsampling_and_others_go_by_quality() {
    for source in ALL {
        let file = jpeg(source);
        for quality in [1, 90, 94, 95, 100] {
            let usual = if quality >= 95 { Subsampling::Full } else { Subsampling::Quarter };
            let output = format!(r#"{{"format": "keep", "quality": {quality}}}"#);
            assert_eq!(given(&output, &file), Some(source), "{output}");
            let output = format!(r#"{{"format": "jpeg", "quality": {quality}}}"#);
            assert_eq!(given(&output, &file), Some(usual), "{output}");
            for (name, stated) in [("4:2:0", ALL[0]), ("4:2:2", ALL[1]), ("4:4:4", ALL[2])] {
                for format in ["keep", "jpeg"] {
                    let output = format!(r#"{{"format": "{format}", "quality": {quality}, "subsampling": "{name}"}}"#);
                    assert_eq!(given(&output, &file), Some(stated), "{output}");
                }
            }
        }
        assert_eq!(given(r#"{"format": "png"}"#, &file), None);
    }
    assert_eq!(given("{}", &jpeg(Subsampling::Full)), Some(Subsampling::Quarter), "as ever");
}

#[test]
fn a_recipe_says_nothing_of_subsampling_unless_it_was_told() {
    let json = |text: &str| Recipe::parse(text).unwrap().to_json()["output"].get("subsampling").cloned();
    assert_eq!(json(r#"{"version": 1, "steps": []}"#), None);
    let stated = r#"{"version": 1, "output": {"subsampling": "4:2:2"}, "steps": []}"#;
    assert_eq!(json(stated), Some("4:2:2".into()));
    assert!(Recipe::parse(&stated.replace("4:2:2", "4:1:1")).is_err());
}

#[test]
fn manifests_that_say_nothing_of_subsampling_mean_halved_chroma() {
    let encoding: Encoding = serde_json::from_str(r#"{"format": "jpeg", "quality": 96}"#).unwrap();
    assert_eq!(encoding, Encoding::Jpeg { quality: 96, subsampling: Subsampling::Quarter });
    let written = serde_json::to_string(&Encoding::Jpeg { quality: 96, subsampling: Subsampling::Half }).unwrap();
    assert_eq!(written, r#"{"format":"jpeg","quality":96,"subsampling":"4:2:2"}"#);
}

#[test]
fn full_chroma_keeps_lines_that_halved_chroma_smears() {
    let worst = |subsampling| {
        let file = encode(&lines(), &Encoding::Jpeg { quality: 100, subsampling }, None, Fill::BLACK).unwrap();
        let image = decode(&file, &Limits::default()).unwrap().image;
        let apart = image.samples().iter().zip(lines().samples()).map(|(a, b)| a.abs_diff(*b)).max();
        apart.unwrap_or(u8::MAX)
    };
    let [quarter, half, full] = ALL.map(worst);
    assert!(full <= 3 && half > 40 && quarter > 40, "{full} {half} {quarter}");
}
