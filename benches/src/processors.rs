//! What a second thread can give on this machine at a moment: sums that need no memory, on one thread and on two.

use std::hint::black_box;
use std::thread;
use std::time::Instant;

/// Rounds of sums: about a fifth of a second on one thread.
const ROUNDS: u64 = 300_000_000;

/// How many times as much two threads do as one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gain {
    /// With one sum, each step of which waits for the last one: most of a core stands idle.
    pub(crate) waiting: f64,
    /// With eight sums at once, as many as keep a core busy: what shares a core gains little.
    pub(crate) busy: f64,
}

/// The gains at this moment.
pub(crate) fn gain() -> Gain {
    Gain { waiting: gain_of(waiting), busy: gain_of(busy) }
}

fn gain_of(work: fn()) -> f64 {
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

fn waiting() {
    let mut sum = black_box(1_u64);
    for _ in 0..ROUNDS / 3 {
        // Shifts and exclusive ors by turns, which nothing shortens.
        sum ^= sum << 13;
        sum ^= sum >> 7;
        sum ^= sum << 17;
    }
    black_box(sum);
}

fn busy() {
    let mut sums: [u64; 8] = black_box([1, 2, 3, 4, 5, 6, 7, 8]);
    for _ in 0..ROUNDS {
        let [a, b, c, d, e, f, g, h] = sums;
        // Each of the last round's numbers alone, so that all eight can be made at once.
        sums = [a.wrapping_add(b), b ^ c, c.wrapping_add(d), d ^ e, e.wrapping_add(f), f ^ g, g.wrapping_add(h), h ^ a];
    }
    black_box(sums);
}
