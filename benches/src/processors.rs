//! What a second thread can give on this machine at all: sums that need no memory, on one thread and on two.

use std::hint::black_box;
use std::thread;
use std::time::Instant;

use crate::Spread;

/// Steps of every sum: about a fifth of a second.
const STEPS: u64 = 200_000_000;
/// As many sums side by side keep all units of a core busy.
const BUSY: usize = 16;

/// How many times as much two threads do as one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Processors {
    /// With one sum, each step of which waits for the last one: most of a core stands idle.
    pub(crate) waiting: Spread,
    /// With sums enough to keep a core busy: two processors that share a core gain little.
    pub(crate) busy: Spread,
}

/// Measures in turn, as many rounds as asked.
pub(crate) fn measure(rounds: usize) -> Option<Processors> {
    let (mut waiting, mut busy) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        waiting.push(gain(sums::<1>));
        busy.push(gain(sums::<BUSY>));
    }
    Some(Processors { waiting: Spread::of(waiting)?, busy: Spread::of(busy)? })
}

/// The gain of a second thread.
fn gain(work: fn()) -> f64 {
    let seconds = |threads: usize| {
        let start = Instant::now();
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
        start.elapsed().as_secs_f64()
    };
    2.0 * seconds(1) / seconds(2)
}

/// Numbers side by side, shifted and mixed so that no step can be left out.
fn sums<const COUNT: usize>() {
    let mut sums: [u64; COUNT] = std::array::from_fn(|at| at as u64 + 1);
    for _ in 0..STEPS / COUNT.isqrt() as u64 {
        for sum in &mut sums {
            *sum ^= *sum << 13;
            *sum ^= *sum >> 7;
            *sum ^= *sum << 17;
        }
    }
    black_box(sums);
}
