//! The random stream's first values, of every kind of draw.

use augment_core::digest::Digest;
use augment_core::sampling::{Random, StepIdentity};

use crate::Golden;

pub(crate) fn add(goldens: &mut Vec<Golden>) {
    let source = Digest::of(b"a source");
    let step = StepIdentity { op: "rotate", ordinal: 1 };
    let stream = || Random::for_step(7, source, 3, &step);
    goldens.push(of("step.bits", stream(), |random| random.bits()));
    goldens.push(of("step.unit", stream(), |random| random.unit().to_bits()));
    goldens.push(of("step.uniform", stream(), |random| random.uniform(-20.0, 20.0).to_bits()));
    goldens.push(of("step.below", stream(), |random| random.below(1000)));
    goldens.push(of("step.normal", stream(), |random| random.normal().to_bits()));
    goldens.push(of("step.permutation", stream(), |random| {
        random.permutation(12).into_iter().fold(0, |digits, next| digits * 12 + next as u64)
    }));
    goldens.push(of("drawn.bits", Random::from_drawn(42), |random| random.bits()));
}

fn of(case: &str, mut random: Random, draw: impl Fn(&mut Random) -> u64) -> Golden {
    let bytes: Vec<u8> = (0..1000).flat_map(|_| draw(&mut random).to_le_bytes()).collect();
    Golden::of("stream", case, &bytes)
}
