//! Numbers that are no 8-bit levels: which of them are black and white, and what is said where the picture would be lost.

use crate::error::{Error, ErrorKind, Result};
use crate::math::floor;

/// A picture whose levels end below this part of what they may be would be nearly black …
const NEARLY_BLACK: f64 = 1.0 / 16.0;
/// … and below this one, dark.
const DARK: f64 = 1.0 / 4.0;

/// What kind of numbers samples are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SampleKind {
    Unsigned,
    Signed,
    Float,
}

/// Samples that are numbers of so many bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SampleNumbers {
    pub(super) kind: SampleKind,
    pub(super) bits: u32,
}

impl SampleNumbers {
    /// Whether the numbers are levels, which have one meaning only.
    pub(super) const fn are_levels(self) -> bool {
        matches!(self.kind, SampleKind::Unsigned) && self.bits <= 8
    }

    /// What is black and white where nothing else is said.
    pub(super) fn usual(self) -> (f64, f64) {
        match self.kind {
            SampleKind::Unsigned => (0.0, power(self.bits) - 1.0),
            SampleKind::Signed => (-power(self.bits - 1), power(self.bits - 1) - 1.0),
            SampleKind::Float => (0.0, 1.0),
        }
    }

    /// Where a number lies between the usual black, 0, and white, 1.
    #[inline]
    pub(super) fn share(self, number: f64) -> f64 {
        let (low, high) = self.usual();
        (number - low) / (high - low)
    }

    fn name(self) -> String {
        match self.kind {
            SampleKind::Unsigned => format!("{}-bit", self.bits),
            SampleKind::Signed => format!("signed {}-bit", self.bits),
            SampleKind::Float => "floating-point".to_owned(),
        }
    }
}

/// 2 to the power of up to 64.
fn power(bits: u32) -> f64 {
    (1_u128 << bits) as f64
}

/// The least and the greatest of some numbers, and how many are none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extremes {
    least: f64,
    greatest: f64,
    /// How many are no number, or infinite.
    not_finite: u64,
}

impl Extremes {
    pub(super) const fn new() -> Self {
        Self { least: f64::INFINITY, greatest: f64::NEG_INFINITY, not_finite: 0 }
    }

    #[inline]
    pub(super) fn see(&mut self, number: f64) {
        if number.is_finite() {
            self.least = self.least.min(number);
            self.greatest = self.greatest.max(number);
        } else {
            self.not_finite += 1;
        }
    }

    /// The range from the least to the greatest; of equal numbers, one that makes them black.
    pub(super) fn range(&self) -> (f64, f64) {
        match self.greatest - self.least {
            width if width > 0.0 && width.is_finite() => (self.least, self.greatest),
            _ if self.least.is_finite() => (self.least, self.least + 1.0),
            _ => (0.0, 1.0),
        }
    }
}

/// Brings numbers to 8 bits, and judges at the end whether the picture survived it.
#[derive(Debug)]
pub(super) struct Levels {
    numbers: SampleNumbers,
    low: f64,
    high: f64,
    factor: f64,
    /// The range where the user said one.
    stated: Option<(f64, f64)>,
    seen: Extremes,
    outside: u64,
}

impl Levels {
    /// For numbers with the range that was stated, if one was.
    pub(super) fn new(numbers: SampleNumbers, stated: Option<(f64, f64)>) -> Self {
        let (low, high) = stated.unwrap_or_else(|| numbers.usual());
        Self { numbers, low, high, factor: 255.0 / (high - low), stated, seen: Extremes::new(), outside: 0 }
    }

    /// A color's place between black, 0, and white, 255; beyond them where it lies outside the range.
    #[inline]
    pub(super) fn place(&mut self, number: f64) -> f64 {
        self.seen.see(number);
        self.outside += u64::from(number < self.low || number > self.high);
        (number - self.low) * self.factor
    }

    /// Says what was done.
    ///
    /// # Errors
    /// `Unsupported` where no range is stated and the usual one would lose the picture.
    pub(super) fn finish(self, warnings: &mut Vec<String>) -> Result<()> {
        let (name, not_finite) = (self.numbers.name(), self.seen.not_finite);
        if let Some((low, high)) = self.stated {
            let cut = match self.outside {
                0 => String::new(),
                outside => format!(" ({outside} samples outside are cut)"),
            };
            let (low, high) = (shown(low), shown(high));
            warnings.push(format!("{name} samples are converted to 8 bits, {low} as black and {high} as white{cut}"));
        } else {
            self.judge(&name, warnings)?;
        }
        if not_finite > 0 {
            warnings.push(format!("{not_finite} samples are not finite: what is no number becomes black"));
        }
        Ok(())
    }

    fn judge(&self, name: &str, warnings: &mut Vec<String>) -> Result<()> {
        let Extremes { least, greatest, .. } = self.seen;
        let (low, high) = self.numbers.usual();
        let run = format!("run from {} to {}", shown(least), shown(greatest));
        let refused = |what: String| Err(Error::new(ErrorKind::Unsupported, what));
        // Of numbers that are levels from 0 on, the greatest tells what is used; of the others, how far they reach.
        let reach = match self.numbers.kind {
            SampleKind::Float if least < low || greatest > high => {
                return refused(format!(
                    "its floating-point samples {run}, and only those from 0 to 1 are levels: \
                     say which become black and white with --range LOW,HIGH, or --range file for its own"
                ));
            }
            SampleKind::Float => high,
            SampleKind::Unsigned => greatest,
            SampleKind::Signed => greatest - least,
        };
        let used = reach / (high - low);
        // A picture of one number alone has nothing to lose.
        let is_flat = least >= greatest && (self.numbers.kind != SampleKind::Unsigned || greatest <= 0.0);
        if used < NEARLY_BLACK && !is_flat {
            let all = match self.numbers.kind {
                SampleKind::Signed => "one shade of gray",
                _ => "nearly black",
            };
            return refused(format!(
                "its {name} samples {run} of {low} to {high}, and would all be {all}: say which become black and white \
                 with --range LOW,HIGH, or --range file for its own"
            ));
        }
        if used < DARK && !is_flat {
            warnings.push(format!(
                "{name} samples are converted to 8 bits, but {run} of {low} to {high} only: --range uses all levels"
            ));
        } else {
            warnings.push(format!("{name} samples are converted to 8 bits"));
        }
        Ok(())
    }
}

/// A number as short as it is told apart from others of its width.
fn shown(number: f64) -> String {
    if f64::from(number as f32) == number { (number as f32).to_string() } else { number.to_string() }
}

/// The level of a place between black, 0, and white, 255; what is no number is black.
#[inline]
pub(super) fn level(place: f64) -> u8 {
    floor(place + 0.5) as u8
}
