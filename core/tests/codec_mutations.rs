//! Every fixture with bytes changed, parts left out and its end cut: a picture within the limits, or an error.

use augment_core::codec::{decode, decode_as, decode_mask, decode_small, probe};
use augment_core::limits::Limits;
use augment_core::reading::{LevelRange, Reading};

const CHANGES: usize = 40;

/// A stream of numbers that is the same everywhere (Knuth's constants).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

fn changed(file: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut file = file.to_vec();
    for _ in 0..=numbers.below(3) {
        // Heads are short, and most of what decides stands in them.
        let reach = if numbers.below(2) == 0 { file.len().min(300) } else { file.len() };
        let at = numbers.below(reach);
        match numbers.below(6) {
            0 => file.truncate(at),
            1 => drop(file.drain(at..(at + 1 + numbers.below(9)).min(file.len()))),
            2 => file[at..].iter_mut().take(2).for_each(|byte| *byte = 0xFF),
            3 => file[at..].iter_mut().take(4).for_each(|byte| *byte = 0),
            _ => file[at..].iter_mut().take(1).for_each(|byte| *byte ^= 1 << numbers.below(8)),
        }
    }
    file
}

#[test]
fn changed_files_are_pictures_within_the_limits_or_errors() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/codec");
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let limits = Limits { max_pixels: 100_000, ..Limits::default() };
    let wanted = Reading { range: Some(LevelRange::File), keep_truncated: true };
    let (mut pictures, mut errors) = (0, 0);
    for path in names.iter().filter(|path| path.extension().is_some_and(|end| end != "py" && end != "json")) {
        let file = std::fs::read(path).unwrap();
        let mut numbers = Numbers(file.len() as u64);
        for _ in 0..CHANGES {
            let file = changed(&file, &mut numbers);
            let decoded = decode(&file, &limits);
            if let Ok(decoded) = &decoded {
                assert_eq!(probe(&file, &limits).unwrap(), decoded.header, "{}", path.display());
                assert!(decoded.image.size().area() <= 100_000, "{}", path.display());
                assert!(decode_as(&file, &limits, &wanted).is_ok(), "{}: what is read is read", path.display());
            }
            let _ = (decode_mask(&file, &limits), decode_small(&file, &limits, &wanted, 8));
            *if decoded.is_ok() { &mut pictures } else { &mut errors } += 1;
        }
    }
    assert!(pictures > 1000 && errors > 1000, "{pictures} pictures, {errors} errors: both are tried");
}
