//! Slider scales: the values that a slider offers for a parameter, and their positions.

use augment_core::transforms::Control;
use serde_json::Value;

/// Common lengths; sliders for lengths in pixels step through them.
const LENGTHS: &[i64] = &[
    0, 1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 160, 192, 224, 256, 288, 320, 384, 416, 448, 512, 576, 640, 704, 768,
    832, 896, 960, 1024, 1152, 1280, 1536, 1920, 2048, 2560, 3072, 3840, 4096, 5120, 6144, 8192, 12288, 16384, 32768,
    65535,
];

/// From this maximum on, an integer is a length on [`LENGTHS`].
const MANY: f64 = 2000.0;

/// A slider's scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The least allowed value.
    pub min: f64,
    /// The greatest allowed value.
    pub max: f64,
    /// Whether only integers are allowed.
    pub whole: bool,
    /// The least value on the slider.
    low: f64,
    /// The distance of two positions; 0 for lengths.
    step: f64,
    /// The last position.
    last: u32,
}

impl Scale {
    /// The scale of a numeric control: as narrow as is useful, but with room for the default and the current values.
    #[must_use]
    pub fn of(control: &Control, default: &Value, now: (f64, f64)) -> Option<Self> {
        let (min, max, whole) = match *control {
            Control::Number { min, max } | Control::Range { min, max } => (min, max, false),
            Control::Integer { min, max } | Control::IntRange { min, max } => (min as f64, max as f64, true),
            _ => return None,
        };
        if whole && max > MANY {
            return Some(Self::lengths(min, max));
        }
        let (first, second) = ends(default);
        let (mut low, mut high) = useful(min, max, (first, second));
        if now.0 < low || now.1 > high {
            // The value is outside the useful range: use the whole range.
            (low, high) = (min, max);
        }
        let step = if whole { 1.0 } else { round_down((high - low) / 100.0) };
        Some(Self { min, max, whole, low, step, last: ((high - low) / step + 0.5) as u32 })
    }

    /// This scale, or the former one if it includes it: a scale that shrinks would move the handle that someone drags.
    #[must_use]
    pub fn no_narrower(self, before: Option<&Self>) -> Self {
        let holds = |before: &&Self| before.low <= self.low && before.value(before.last) >= self.value(self.last);
        before.filter(holds).copied().unwrap_or(self)
    }

    fn lengths(min: f64, max: f64) -> Self {
        let first = LENGTHS.iter().position(|length| *length as f64 >= min).unwrap_or(0);
        let steps = LENGTHS[first..].iter().filter(|length| (**length as f64) < max).count();
        Self { min, max, whole: true, low: LENGTHS[first] as f64, step: 0.0, last: steps as u32 }
    }

    /// Fractions from 0 to 1 in hundredths, for probabilities.
    #[must_use]
    pub const fn fraction() -> Self {
        Self { min: 0.0, max: 1.0, whole: false, low: 0.0, step: 0.01, last: 100 }
    }

    /// The slider's last position; the first is 0.
    #[must_use]
    pub const fn last(&self) -> u32 {
        self.last
    }

    /// The value at a position.
    #[must_use]
    pub fn value(&self, position: u32) -> f64 {
        let position = position.min(self.last);
        let value = if self.step > 0.0 {
            let value = f64::from(position).mul_step(self.step) + self.low;
            round_to(value, decimals(self.step).max(decimals(self.low)))
        } else {
            let first = LENGTHS.iter().position(|length| *length as f64 >= self.min).unwrap_or(0);
            LENGTHS.get(first + position as usize).map_or(self.max, |length| *length as f64)
        };
        value.clamp(self.min, self.max)
    }

    /// The position nearest to a value.
    #[must_use]
    pub fn position(&self, value: f64) -> u32 {
        if self.step > 0.0 {
            return (((value - self.low) / self.step).max(0.0) + 0.5).min(f64::from(self.last)) as u32;
        }
        (0..=self.last)
            .min_by(|a, b| (self.value(*a) - value).abs().total_cmp(&(self.value(*b) - value).abs()))
            .unwrap_or(0)
    }

    /// The position of a value as a fraction, 0 to 1.
    #[must_use]
    pub fn fraction_of(&self, value: f64) -> f64 {
        f64::from(self.position(value)) / f64::from(self.last.max(1))
    }

    /// Parses a number and limits it to the allowed range; `None` if it is not a number.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<f64> {
        let value: f64 =
            text.trim().replace(',', ".").replace('−', "-").parse().ok().filter(|value: &f64| value.is_finite())?;
        Some(if self.whole { value.round() } else { value }.clamp(self.min, self.max))
    }

    /// The step of a number field.
    #[must_use]
    pub fn field_step(&self) -> f64 {
        if self.step > 0.0 { self.step } else { 1.0 }
    }
}

trait Steps {
    fn mul_step(self, step: f64) -> f64;
}

impl Steps for f64 {
    /// Divides by an integer reciprocal, so that 3 · 0.1 is 0.3.
    fn mul_step(self, step: f64) -> f64 {
        let reciprocal = (1.0 / step).round();
        if step < 1.0 && (reciprocal * step - 1.0).abs() < 1e-9 { self / reciprocal } else { self * step }
    }
}

/// The ends of an interval in JSON; a number is both ends.
#[must_use]
pub fn ends(value: &Value) -> (f64, f64) {
    let number = |value: Option<&Value>| value.and_then(Value::as_f64).unwrap_or(0.0);
    match value.as_array() {
        Some(ends) => (number(ends.first()), number(ends.get(1))),
        None => (number(Some(value)), number(Some(value))),
    }
}

/// An interval as JSON: one number if the ends are equal.
#[must_use]
pub fn interval(low: f64, high: f64) -> Value {
    if low == high { number(low) } else { Value::Array(vec![number(low), number(high)]) }
}

/// A number as JSON, as an integer if possible.
#[must_use]
pub fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 { Value::from(value as i64) } else { Value::from(value) }
}

/// A displayed number: at most four decimals, a true minus sign.
#[must_use]
pub fn display(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".into() } else { text.replace('-', "−") }
}

/// The useful part of an allowed interval: all of it, unless the default is small.
fn useful(min: f64, max: f64, default: (f64, f64)) -> (f64, f64) {
    let reach = default.0.abs().max(default.1.abs());
    if reach == 0.0 {
        return (min, max);
    }
    if min < 0.0 {
        let side = round_up(reach * 4.0);
        return (min.max(-side), max.min(side));
    }
    let top = round_up(reach * 2.5);
    // Cutting off little is not worth it.
    if max <= top * 1.6 { (min, max) } else { (min, top) }
}

const NICE: [f64; 10] = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];

fn round_up(value: f64) -> f64 {
    let unit = unit(value);
    NICE.iter().map(|nice| nice * unit).find(|nice| *nice >= value - unit * 1e-9).unwrap_or(value)
}

fn round_down(value: f64) -> f64 {
    let unit = unit(value);
    [5.0, 2.0, 1.0].iter().map(|nice| nice * unit).find(|nice| *nice <= value + unit * 1e-9).unwrap_or(value)
}

/// The power of ten at or below a value.
fn unit(value: f64) -> f64 {
    let mut unit = 1.0;
    while unit * 10.0 <= value {
        unit *= 10.0;
    }
    let mut below = 1.0;
    while unit / below > value && below < 1e9 {
        below *= 10.0;
    }
    unit / below
}

fn decimals(value: f64) -> usize {
    (0..9).find(|digits| (round_to(value, *digits) - value).abs() < 1e-10).unwrap_or(9)
}

/// Rounds to a number of decimals, to the nearest number that prints so.
fn round_to(value: f64, decimals: usize) -> f64 {
    format!("{value:.decimals$}").parse().unwrap_or(value)
}
