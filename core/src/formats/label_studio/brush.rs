//! Label Studio's brush strokes: red, green, blue and alpha of every pixel in one stream of runs, bit by bit (the rle-pack
//! of thi.ng's umbrella); what is not transparent belongs to the object.

use crate::formats::sketch::Patch;
use crate::geometry::Size;

const EARLY: &str = "its brush strokes end early";

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    /// The next bits, at most 32, the highest first.
    fn read(&mut self, count: u32) -> Result<usize, &'static str> {
        let mut value = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8).ok_or(EARLY)?;
            value = value << 1 | usize::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Ok(value)
    }
}

/// The pixels of a frame that the strokes cover.
pub(super) fn unpack(bytes: &[u8], frame: Size) -> Result<Patch, String> {
    let mut bits = Bits { bytes, at: 0 };
    let samples = bits.read(32)?;
    if samples as u64 != 4 * u64::from(frame.width) * u64::from(frame.height) {
        return Err(format!(
            "its brush strokes are {samples} samples, not four a pixel of {}x{}",
            frame.width, frame.height
        ));
    }
    let word = bits.read(5)? as u32 + 1;
    let mut lengths = [0; 4];
    for length in &mut lengths {
        *length = bits.read(4)? as u32 + 1;
    }
    let mut inside = vec![false; samples / 4];
    let mut at = 0;
    while at < samples {
        let is_run = bits.read(1)? == 1;
        let which = bits.read(2)?;
        let end = (at + 1 + bits.read(lengths[which])?).min(samples);
        if is_run {
            // Of four samples of a pixel the last is alpha.
            if bits.read(word)? != 0 {
                inside[at / 4..end / 4].fill(true);
            }
            at = end;
        }
        while at < end {
            let covers = bits.read(word)? != 0;
            if at % 4 == 3 {
                inside[at / 4] = covers;
            }
            at += 1;
        }
    }
    Ok(Patch { size: frame, inside })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packs samples as the tool does: runs of at most 2^16, single samples by themselves.
    fn pack(samples: &[u8]) -> Vec<u8> {
        let mut bits = format!("{:032b}{:05b}{:04b}{:04b}{:04b}{:04b}", samples.len(), 7, 2, 3, 7, 15);
        for run in samples.chunk_by(|a, b| a == b) {
            bits += &match run.len() {
                1 => format!("000000{:08b}", run[0]),
                2..=8 => format!("100{:03b}{:08b}", run.len() - 1, run[0]),
                9..=256 => format!("110{:08b}{:08b}", run.len() - 1, run[0]),
                _ => format!("111{:016b}{:08b}", run.len() - 1, run[0]),
            };
        }
        bits.as_bytes()
            .chunks(8)
            .map(|byte| byte.iter().fold(0, |v, bit| v << 1 | (bit - b'0')) << (8 - byte.len()))
            .collect()
    }

    #[test]
    fn strokes_are_the_pixels_that_are_not_transparent() {
        let frame = Size::new(30, 20);
        let covered = |at: usize| (100..130).contains(&at) || at == 211 || at >= 590;
        // Colors are there in transparent pixels too, alone or in runs over the ends of pixels.
        let samples: Vec<u8> = (0..frame.area())
            .flat_map(|at| {
                if covered(at) {
                    [200, 7, 7, 90]
                } else if at % 5 == 0 {
                    [9, 9, 9, 0]
                } else {
                    [0; 4]
                }
            })
            .collect();
        let found = unpack(&pack(&samples), frame).unwrap();
        let expected: Vec<bool> = (0..frame.area()).map(covered).collect();
        assert_eq!(found.inside, expected);
        let even: Vec<u8> = (0..frame.area()).flat_map(|at| [if covered(at) { 255 } else { 0 }; 4]).collect();
        assert_eq!(unpack(&pack(&even), frame).unwrap().inside, expected, "one level in all four samples");
    }

    #[test]
    fn damaged_strokes_are_refused() {
        let frame = Size::new(3, 2);
        let good = pack(&[255; 24]);
        assert!(unpack(&good, frame).is_ok(), "whole");
        for cut in 0..good.len() - 1 {
            assert!(unpack(&good[..cut], frame).is_err(), "cut at {cut}");
        }
        assert!(unpack(&good, Size::new(2, 2)).unwrap_err().contains("24 samples"), "of another frame");
        assert!(unpack(&[255; 40], frame).is_err(), "noise");
    }
}
