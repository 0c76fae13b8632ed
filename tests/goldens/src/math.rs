//! Samples of every function that could differ between targets.

use augment_core::math;

use crate::Golden;

type One = (&'static str, fn(f64) -> f64);
type Two = (&'static str, fn(f64, f64) -> f64);

pub(crate) fn add(goldens: &mut Vec<Golden>) {
    let one: [One; 8] = [
        ("sin", math::sin),
        ("cos", math::cos),
        ("tan", math::tan),
        ("atan", math::atan),
        ("exp", math::exp),
        ("ln", math::ln),
        ("log2", math::log2),
        ("sqrt", math::sqrt),
    ];
    for (name, function) in one {
        goldens.push(of(name, samples().map(function)));
    }
    let two: [Two; 3] = [("atan2", math::atan2), ("pow", math::pow), ("hypot", math::hypot)];
    for (name, function) in two {
        goldens.push(of(name, samples().map(|x| function(x, 17.25 - x))));
    }
    goldens.push(of("sin_cos_degrees", samples().map(|x| math::sin_cos_degrees(x).0)));
    goldens.push(of("to_u8", samples().map(|x| f64::from(math::to_u8(x)))));
}

/// Numbers of both signs and many sizes, by arithmetic that rounds alike everywhere.
fn samples() -> impl Iterator<Item = f64> {
    (-4000..4000).map(|i| f64::from(i) * f64::from(i).abs() / 8192.0 + f64::from(i) / 7.0)
}

fn of(name: &str, values: impl Iterator<Item = f64>) -> Golden {
    // The bits of a not-a-number are free to differ; that it is one is not.
    let bytes: Vec<u8> =
        values.flat_map(|x| if x.is_nan() { u64::MAX.to_le_bytes() } else { x.to_bits().to_le_bytes() }).collect();
    Golden::of("math", name, &bytes)
}
