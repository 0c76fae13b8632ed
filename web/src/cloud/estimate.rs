//! Estimates how long the cloud takes for a run: upload, work, download.
//!
//! Measurements are used where there are any: the time of an output in this browser, and the speed of earlier uploads.
//! Everything else is an assumption, each with its reason.

use augment_api::{Limits, images_per_item};

/// The assumed upload speed in bytes per second: 10 Mbit/s, which most fixed lines and many mobile ones reach.
const UP: f64 = 1.25e6;
/// How much faster the download is: lines are sold with several times more download than upload.
const DOWN: f64 = 4.0;
/// Seconds before and after the work: to start the state machine, and to join the zip.
const AROUND: f64 = 10.0;

/// The size of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct RunSize {
    /// Images.
    pub(super) images: u64,
    /// Bytes of the originals.
    pub(super) bytes: u64,
    /// All outputs: the cloud also makes those again that are done here.
    pub(super) outputs: u64,
    /// Bytes of the zip.
    pub(super) zip: u64,
    /// Seconds that one processor here takes for an output.
    pub(super) each: f64,
}

/// The connection to the service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Uplink {
    /// The measured upload speed in bytes per second; `None` before the first upload.
    pub(super) measured: Option<f64>,
    /// Whether the service runs on this machine.
    pub(super) local: bool,
    /// Items that the service works on at once.
    pub(super) at_once: u32,
}

impl Uplink {
    /// The upload speed in bytes per second.
    pub(super) fn up(self) -> f64 {
        self.measured.unwrap_or(UP)
    }
}

/// The estimated seconds. A processor in the cloud counts as fast as one here: native code is faster than a browser's,
/// but a function's processor is slower than most users' own.
pub(super) fn seconds(task: RunSize, line: Uplink) -> f64 {
    let images = task.images.max(1) as f64;
    let copies = task.outputs as f64 / images;
    let whole = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let an_item = f64::from(images_per_item(whole(task.images), task.bytes, copies.ceil() as u32));
    let items = (images / an_item).ceil();
    let at_once = f64::from(line.at_once.max(1)).min(items);
    let work = (items / at_once).ceil() * an_item.min(images) * copies * task.each;
    let around = if line.local { 1.0 } else { AROUND };
    task.bytes as f64 / line.up() + around + work + task.zip as f64 / (line.up() * DOWN)
}

/// A rounded time: `15 s`, `4 min`, `2.5 h`.
pub(super) fn about(seconds: f64) -> String {
    match seconds.max(1.0) {
        few @ ..20.0 => format!("{:.0} s", (few / 5.0).ceil() * 5.0),
        some @ ..95.0 => format!("{:.0} s", (some / 10.0).round() * 10.0),
        more @ ..5400.0 => format!("{:.0} min", (more / 60.0).round()),
        hours => format!("{:.1} h", hours / 3600.0),
    }
}

/// A speed in megabits: `12 Mbit/s`.
pub(super) fn mbit(bytes_a_second: f64) -> String {
    let mbit = bytes_a_second * 8e-6;
    if mbit < 9.5 { format!("{mbit:.1} Mbit/s") } else { format!("{mbit:.0} Mbit/s") }
}

/// Why a run exceeds the limits of the service; `None` if it does not.
pub(super) fn too_much(images: usize, count: u32, limits: &Limits) -> Option<String> {
    if images as u64 > u64::from(limits.max_job_images) {
        return Some(format!("The cloud accepts at most {} images; this run has {images}.", limits.max_job_images));
    }
    (count > limits.max_count)
        .then(|| format!("The cloud accepts at most {} copies of an image; this run makes {count}.", limits.max_count))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: RunSize = RunSize { images: 1000, bytes: 400_000_000, outputs: 5000, zip: 2_000_000_000, each: 0.2 };

    #[test]
    fn a_faster_line_and_more_machines_take_less_time() {
        let slow = Uplink { measured: None, local: false, at_once: 40 };
        let fast = Uplink { measured: Some(12.5e6), local: false, at_once: 40 };
        let alone = Uplink { measured: Some(12.5e6), local: true, at_once: 2 };
        assert!((seconds(SET, slow) - (320.0 + 10.0 + 27.0 + 400.0)).abs() < 1.0, "{}", seconds(SET, slow));
        assert!(seconds(SET, fast) < seconds(SET, slow) / 5.0, "{}", seconds(SET, fast));
        assert!(
            seconds(SET, alone) > 500.0,
            "two processors share a thousand seconds of work: {}",
            seconds(SET, alone)
        );
    }

    #[test]
    fn a_few_images_are_one_item_on_one_machine() {
        let small = RunSize { images: 10, bytes: 100_000, outputs: 50, zip: 500_000, each: 1.0 };
        let line = Uplink { measured: Some(1e9), local: false, at_once: 40 };
        assert!((seconds(small, line) - 60.0).abs() < 0.1, "{}", seconds(small, line));
    }

    #[test]
    fn times_are_rounded() {
        let told: Vec<String> = [0.2, 7.0, 41.0, 94.0, 250.0, 9000.0].into_iter().map(about).collect();
        assert_eq!(told, ["5 s", "10 s", "40 s", "90 s", "4 min", "2.5 h"]);
        assert_eq!((mbit(UP), mbit(250_000.0)), ("10 Mbit/s".into(), "2.0 Mbit/s".into()));
    }

    #[test]
    fn runs_beyond_the_limits_are_refused() {
        let limits = Limits::default();
        assert_eq!(too_much(60, 5, &limits), None);
        assert!(too_much(60, 21, &limits).is_some_and(|words| words.contains("20 copies")), "copies");
        assert!(too_much(6000, 5, &limits).is_some_and(|words| words.contains("5000 images")), "images");
    }
}
