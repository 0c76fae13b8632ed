//! Real photographs: one in all EXIF orientations, and lossless ones through the encoders.

use std::io::Write;
use std::path::{Path, PathBuf};

use augment_core::codec::{Encoding, PngCompression, Subsampling, decode, encode, probe};
use augment_core::geometry::Size;
use augment_core::image::{Fill, Image};
use augment_core::limits::Limits;

/// The files of a folder of shared data, or nothing, said aloud, where it is absent.
fn files(folder: &str) -> Vec<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(folder);
    let Ok(entries) = std::fs::read_dir(&path) else {
        // Straight to the stream: the harness hides what a passing test prints.
        let _ = writeln!(std::io::stderr(), "SKIPPED: {} is absent", path.display());
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

fn mean_difference(a: &Image, b: &Image) -> f64 {
    let sum: u64 = a.samples().iter().zip(b.samples()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.samples().len() as f64
}

#[test]
fn all_orientations_show_the_same_picture() {
    let mut first: Option<Image> = None;
    for (number, file) in files("exif-orientation").iter().enumerate() {
        let bytes = std::fs::read(file).expect("a readable file");
        let decoded = decode(&bytes, &Limits::default()).unwrap();
        assert_eq!(usize::from(decoded.header.orientation), number.max(1));
        assert_eq!(decoded.image.size(), Size::new(1800, 1200), "{}", file.display());
        assert_eq!(probe(&bytes, &Limits::default()).unwrap(), decoded.header);
        // Each file was compressed on its own, so they agree but for that.
        let first = first.get_or_insert_with(|| decoded.image.clone());
        let difference = mean_difference(first, &decoded.image);
        assert!(difference < 8.0, "{} differs by {difference} levels", file.display());
    }
}

#[test]
fn photographs_survive_encoding() {
    for file in files("kodak") {
        let image = decode(&std::fs::read(&file).expect("a readable file"), &Limits::default()).unwrap().image;
        for encoding in [
            Encoding::Png { compression: PngCompression::Fast },
            Encoding::WebP,
            Encoding::Jpeg { quality: 95, subsampling: Subsampling::Full },
        ] {
            let bytes = encode(&image, &encoding, None, Fill::BLACK).unwrap();
            let difference = mean_difference(&image, &decode(&bytes, &Limits::default()).unwrap().image);
            let most = if matches!(encoding, Encoding::Jpeg { .. }) { 2.0 } else { 0.0 };
            assert!(difference <= most, "{}: {encoding:?} differs by {difference}", file.display());
        }
    }
}
