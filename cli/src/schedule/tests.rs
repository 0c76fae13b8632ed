//! The scheduler under unequal work: order, bounds, faults.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use augment_core::error::{Error, ErrorKind, Result};
use proptest::prelude::*;

use super::*;

/// Sources of unequal speed and size; every seventh fails, every eleventh panics, copy 2 of source 3 fails.
#[derive(Default)]
struct Uneven {
    pixels: u64,
    held: AtomicU64,
    most: AtomicU64,
}

struct Held<'a>(&'a Uneven);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.held.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Uneven {
    fn hold(&self) -> Held<'_> {
        let held = self.held.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(held, Ordering::SeqCst);
        Held(self)
    }
}

/// What all copies of a source share; says when it is freed.
struct Ready(usize);

impl Work for Uneven {
    type Raw = ();
    type Prepared = Ready;
    type Output = (usize, usize);

    fn read(&self, source: usize) -> Result<((), u64)> {
        if source % 7 == 6 {
            return Err(Error::new(ErrorKind::Io, "cannot be read"));
        }
        Ok(((), self.pixels))
    }

    fn prepare(&self, source: usize, (): ()) -> Result<Ready> {
        thread::sleep(Duration::from_micros(source as u64 * 37 % 300));
        assert!(source % 11 != 10, "a bad file");
        Ok(Ready(source))
    }

    fn render(&self, source: usize, prepared: &Ready, copy: usize) -> Result<(usize, usize)> {
        let _held = self.hold();
        assert_eq!(prepared.0, source, "another source's preparation");
        thread::sleep(Duration::from_micros((source as u64 + copy as u64 * 53) % 200));
        if (source, copy) == (3, 2) {
            return Err(Error::new(ErrorKind::Encode, "cannot be written"));
        }
        Ok((source, copy))
    }

    fn bytes(_: &(usize, usize)) -> u64 {
        1000
    }
}

fn log(work: &Uneven, jobs: usize, sources: usize, copies: usize) -> Vec<String> {
    let mut log = Vec::new();
    run(work, Extent { copies: vec![copies; sources], jobs }, |turn| {
        log.push(match turn {
            Turn::Output((source, copy)) => format!("{source}.{copy}"),
            Turn::CopyFailed { source, copy, error } => format!("{source}.{copy}: {error}"),
            Turn::SourceFailed { source, error } => format!("{source}: {error}"),
        });
        Ok(())
    })
    .unwrap();
    log
}

#[test]
fn results_come_in_order_for_any_number_of_threads() {
    let work = Uneven::default();
    let alone = log(&work, 1, 40, 5);
    assert_eq!(alone[..6], ["0.0", "0.1", "0.2", "0.3", "0.4", "1.0"].map(String::from));
    assert!(
        alone.contains(&String::from("3.2: cannot be written")) && alone.contains(&String::from("3.3")),
        "{alone:?}"
    );
    assert!(alone.contains(&String::from("6: cannot be read")), "{alone:?}");
    assert!(alone.iter().any(|line| line.starts_with("10: a fault in this program") && line.contains("a bad file")));
    assert_eq!(alone.len(), 40 * 5 - 4 * (5 + 3), "five sources cannot be read, three are faulty");
    for jobs in [2, 3, 8] {
        assert_eq!(log(&work, jobs, 40, 5), alone, "{jobs} threads");
    }
}

#[test]
fn so_many_threads_work_and_no_more() {
    /// Who renders; each waits at its first output until all have come, however long a busy machine lets them wait.
    struct Names {
        seen: Mutex<BTreeSet<String>>,
        came: Condvar,
        jobs: usize,
    }
    impl Work for Names {
        type Raw = ();
        type Prepared = ();
        type Output = ();

        fn read(&self, _: usize) -> Result<((), u64)> {
            Ok(((), 1))
        }

        fn prepare(&self, _: usize, (): ()) -> Result<()> {
            Ok(())
        }

        fn render(&self, _: usize, (): &(), _: usize) -> Result<()> {
            let mut seen = self.seen.lock().unwrap();
            if seen.insert(format!("{:?}", thread::current().id())) {
                self.came.notify_all();
                drop(self.came.wait_timeout_while(seen, Duration::from_secs(20), |seen| seen.len() < self.jobs));
            }
            Ok(())
        }

        fn bytes((): &()) -> u64 {
            0
        }
    }
    for jobs in [1, 2, 4] {
        let work = Names { seen: Mutex::default(), came: Condvar::new(), jobs };
        run(&work, Extent { copies: vec![10; 20], jobs }, |_| Ok(())).unwrap();
        let threads = work.seen.into_inner().unwrap();
        assert_eq!(threads.len(), jobs, "{threads:?}");
        assert!(threads.contains(&format!("{:?}", thread::current().id())), "the caller's did nothing");
    }
}

#[test]
fn many_copies_of_one_source_use_all_threads() {
    let work = Uneven::default();
    assert_eq!(log(&work, 4, 1, 200).len(), 200);
    assert!(work.most.load(Ordering::SeqCst) >= 2, "copies of one source were rendered one by one");
}

#[test]
fn a_slow_source_is_not_locked_out_by_those_after_it() {
    /// Every other source takes long to read, so that the one after it is ready first.
    struct Slow;
    impl Work for Slow {
        type Raw = ();
        type Prepared = ();
        type Output = ();

        fn read(&self, source: usize) -> Result<((), u64)> {
            thread::sleep(Duration::from_millis(if source.is_multiple_of(2) { 4 } else { 0 }));
            Ok(((), 1))
        }

        fn prepare(&self, _: usize, (): ()) -> Result<()> {
            Ok(())
        }

        fn render(&self, _: usize, (): &(), _: usize) -> Result<()> {
            thread::sleep(Duration::from_micros(200));
            Ok(())
        }

        fn bytes((): &()) -> u64 {
            0
        }
    }
    for jobs in [2, 3] {
        let mut outputs = 0;
        run(&Slow, Extent { copies: vec![60; 6], jobs }, |_| {
            outputs += 1;
            Ok(())
        })
        .unwrap();
        assert_eq!(outputs, 360);
    }
}

#[test]
fn threads_stay_with_what_they_prepared_and_then_help() {
    let mut state = Window::<Uneven>::new(Extent { copies: vec![3; 2], jobs: 2 }, BUDGET_PIXELS, WAITING_BYTES);
    let mut take = |thread: usize| match state.take_task(thread) {
        Some(Some(ThreadTask::Read(source))) => {
            state.read(source, Ok(((), 1)));
            format!("read {source}")
        }
        Some(Some(ThreadTask::Prepare(source, ()))) => {
            state.prepared(thread, source, Ok(Arc::new(Ready(source))));
            format!("prepare {source}")
        }
        Some(Some(ThreadTask::Render(source, copy, _))) => {
            state.rendered(source, copy, Ok((source, copy)));
            format!("{source}.{copy}")
        }
        _ => panic!("there is work left"),
    };
    assert_eq!([0, 0, 1, 1].map(&mut take), ["read 0", "prepare 0", "read 1", "prepare 1"]);
    assert_eq!([0, 1, 1, 1].map(&mut take), ["0.0", "1.0", "1.1", "1.2"]);
    assert_eq!([1, 0].map(take), ["0.1", "0.2"], "nothing of its own was left to the second thread");
}

#[test]
fn huge_sources_run_alone_and_all_get_done() {
    for pixels in [100_000_000, 250_000_000, u64::MAX / 8] {
        let work = Uneven { pixels, ..Uneven::default() };
        assert_eq!(log(&work, 4, 6, 4).len(), 24);
        assert_eq!(work.most.load(Ordering::SeqCst), 1, "{pixels} pixels");
    }
}

#[test]
fn a_failed_delivery_ends_the_run() {
    let extent = Extent { copies: vec![10; 1000], jobs: 3 };
    let error = run(&Uneven::default(), extent, |_| anyhow::bail!("the disk is full")).unwrap_err();
    assert_eq!(error.to_string(), "the disk is full");
}

#[test]
fn nothing_to_do_ends_at_once() {
    assert!(log(&Uneven::default(), 2, 0, 5).is_empty());
}

proptest! {
    /// Threads that end their tasks in any order never all wait while there is work left.
    #[test]
    fn no_order_of_events_locks_the_threads(
        copies in prop::collection::vec(1..70_usize, 1..12),
        jobs in 1..5_usize,
        pixels in prop::sample::select(&[1, 60_000_000, 130_000_000, 500_000_000]),
        choices in prop::collection::vec(0..100_usize, 1..200),
    ) {
        let total = copies.iter().sum::<usize>();
        let mut state = Window::<Uneven>::new(Extent { copies, jobs }, BUDGET_PIXELS, WAITING_BYTES);
        let mut choices = choices.iter().cycle();
        let (mut under_way, mut handed_over) = (Vec::new(), 0);
        loop {
            // Threads that are free take what there is, the caller's first; where there is nothing, a task ends.
            let free = (0..jobs).find(|thread| under_way.iter().all(|(busy, _)| busy != thread));
            match free.and_then(|thread| Some((thread, state.take_step(thread)?))) {
                Some((_, None)) => break,
                Some((_, Some(NextStep::HandOver(_)))) => handed_over += 1,
                Some((thread, Some(NextStep::Work(task)))) => under_way.push((thread, task)),
                None => {
                    prop_assert!(!under_way.is_empty(), "all threads wait after {handed_over} of {total}");
                    match under_way.swap_remove(choices.next().unwrap() % under_way.len()) {
                        (_, ThreadTask::Read(source)) => state.read(source, Ok(((), pixels))),
                        (thread, ThreadTask::Prepare(source, ())) => state.prepared(thread, source, Ok(Arc::new(Ready(source)))),
                        (_, ThreadTask::Render(source, copy, _)) => state.rendered(source, copy, Ok((source, copy))),
                    }
                }
            }
        }
        prop_assert_eq!(handed_over, total);
    }
}
