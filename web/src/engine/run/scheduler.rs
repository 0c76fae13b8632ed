//! The scheduler of a run: assigns outputs to workers and puts their results into order.
//!
//! A task is some outputs of one source. A worker gets the next outputs of the source that it has decoded, else the next
//! source, else a share of a source that another worker has. Results leave in the order of sources and copies. A window
//! bounds how far workers run ahead, in outputs and bytes, so that memory does not grow with the dataset.

use std::collections::{BTreeMap, VecDeque};

/// The most outputs of one task: enough to keep a worker busy between messages.
const MAX_COPIES: usize = 4;
/// The size of the window in outputs: this many for each worker, and once more.
const WINDOW: usize = 12;
/// The size of the window in bytes: while more wait, only the next output is made.
const WINDOW_BYTES: u64 = 96 << 20;
/// How often a task is tried before its source fails.
const TRIES: u32 = 2;

/// Some outputs of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Task {
    /// Position of the source in the listing.
    pub(super) item: usize,
    /// The position of the first output.
    pub(super) first: usize,
    /// The number of outputs.
    pub(super) count: usize,
    /// Whether it has the last outputs of its source.
    pub(super) last: bool,
    /// How often it failed before.
    tries: u32,
}

/// What to add to the zip next.
#[derive(Debug, PartialEq)]
pub(super) enum NextOutput<T> {
    /// Outputs of a source.
    Outputs(Task, T),
    /// A source failed; its remaining outputs will not come.
    Lost {
        /// Position of the source in the listing.
        item: usize,
        /// The number of outputs that will not come.
        outputs: usize,
        /// Why.
        why: String,
    },
    /// All outputs were added.
    End,
}

/// A source between its first task and its last result.
#[derive(Debug)]
struct ActiveSource {
    /// The next output to assign.
    next: usize,
    /// Outputs that were assigned.
    assigned: usize,
    /// The worker that has decoded it.
    worker: usize,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Scheduler<T> {
    /// The number of outputs of each source.
    copies: Vec<usize>,
    window: usize,
    next_item: usize,
    active: BTreeMap<usize, ActiveSource>,
    /// Tasks whose worker stopped.
    again: VecDeque<Task>,
    /// The next output of the zip.
    head: (usize, usize),
    waiting: BTreeMap<(usize, usize), Waiting<T>>,
    waiting_bytes: u64,
    assigned: usize,
    added: usize,
    paused: bool,
}

#[derive(Debug)]
enum Waiting<T> {
    Outputs(Task, T, u64),
    Lost(String),
}

impl<T> Scheduler<T> {
    /// A scheduler for sources with these numbers of outputs, at least one each.
    pub(super) fn new(copies: Vec<usize>, workers: usize) -> Self {
        Self {
            copies,
            window: WINDOW * workers + WINDOW,
            next_item: 0,
            active: BTreeMap::new(),
            again: VecDeque::new(),
            head: (0, 0),
            waiting: BTreeMap::new(),
            waiting_bytes: 0,
            assigned: 0,
            added: 0,
            paused: false,
        }
    }

    /// Stops assigning tasks, or starts again.
    pub(super) const fn pause(&mut self, paused: bool) {
        self.paused = paused;
    }

    /// The next task for a worker; `None` if it must wait.
    pub(super) fn take(&mut self, worker: usize) -> Option<Task> {
        if self.paused {
            return None;
        }
        // A failed task comes first: the zip waits for it.
        if let Some(task) = self.again.pop_front() {
            return Some(task);
        }
        let open = |(item, source): &(&usize, &ActiveSource)| source.next < self.copies[**item];
        let own = self.active.iter().filter(open).find(|(_, source)| source.worker == worker).map(|(item, _)| *item);
        let others = || self.active.iter().find(open).map(|(item, _)| *item);
        let next = (self.next_item < self.copies.len()).then_some(self.next_item);
        let item = own.or(next).or_else(others)?;
        let first = self.active.get(&item).map_or(0, |source| source.next);
        if (item, first) != self.head && !self.within_window() {
            return None;
        }
        if item == self.next_item {
            self.next_item += 1;
            self.active.insert(item, ActiveSource { next: 0, assigned: 0, worker });
        }
        let left = self.copies[item] - first;
        // The last sources are shared among workers in small parts.
        let most = if self.next_item < self.copies.len() { MAX_COPIES } else { 1 };
        let count = left.min(most);
        let task = Task { item, first, count, last: count == left, tries: 0 };
        if let Some(source) = self.active.get_mut(&item) {
            source.next += task.count;
            source.assigned += task.count;
        }
        self.assigned += task.count;
        Some(task)
    }

    /// Whether the window has room for another task.
    const fn within_window(&self) -> bool {
        self.assigned - self.added < self.window && self.waiting_bytes < WINDOW_BYTES
    }

    /// Stores the result of a task.
    pub(super) fn done(&mut self, task: Task, result: T, bytes: u64) {
        if (task.item, task.first) >= self.head {
            self.waiting_bytes += bytes;
            self.waiting.insert((task.item, task.first), Waiting::Outputs(task, result, bytes));
        }
    }

    /// Assigns a task again after its worker stopped. If this very task has stopped a worker twice, its source fails.
    pub(super) fn failed(&mut self, mut task: Task, over_this: bool, why: &str) {
        let Some(source) = self.active.get_mut(&task.item) else { return };
        if source.assigned < source.next {
            // The source has failed already.
            return;
        }
        task.tries += u32::from(over_this);
        if task.tries < TRIES {
            // In order: the zip waits for the first one.
            let at = self.again.partition_point(|other| (other.item, other.first) < (task.item, task.first));
            self.again.insert(at, task);
            return;
        }
        // Past the last output, so that no more of them are assigned.
        source.next = usize::MAX;
        self.again.retain(|other| other.item != task.item);
        self.waiting.insert((task.item, task.first), Waiting::Lost(why.to_owned()));
    }

    /// What to add to the zip next; `None` if it is not ready yet.
    pub(super) fn next_output(&mut self) -> Option<NextOutput<T>> {
        let (item, copy) = self.head;
        if item == self.copies.len() {
            return Some(NextOutput::End);
        }
        Some(match self.waiting.remove(&self.head)? {
            Waiting::Outputs(task, result, bytes) => {
                self.waiting_bytes -= bytes;
                self.added += task.count;
                self.advance(item, copy + task.count);
                NextOutput::Outputs(task, result)
            }
            Waiting::Lost(why) => {
                self.drop_rest(item);
                let outputs = self.copies[item] - copy;
                self.added = self.assigned - self.out_after(item);
                self.advance(item, self.copies[item]);
                NextOutput::Lost { item, outputs, why }
            }
        })
    }

    fn advance(&mut self, item: usize, copy: usize) {
        if copy < self.copies[item] {
            self.head = (item, copy);
        } else {
            self.head = (item + 1, 0);
            self.active.remove(&item);
        }
    }

    /// Drops the results of a source that failed.
    fn drop_rest(&mut self, item: usize) {
        let rest: Vec<(usize, usize)> = self.waiting.range((item, 0)..(item + 1, 0)).map(|(key, _)| *key).collect();
        for key in rest {
            if let Some(Waiting::Outputs(_, _, bytes)) = self.waiting.remove(&key) {
                self.waiting_bytes -= bytes;
            }
        }
    }

    /// Outputs of later sources that were assigned.
    fn out_after(&self, item: usize) -> usize {
        self.active.range(item + 1..).map(|(_, source)| source.assigned).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a scheduler to its end: `act` says for every task whether it succeeds.
    fn run(items: usize, copies: usize, workers: usize, act: impl FnMut(Task) -> bool) -> Vec<NextOutput<usize>> {
        run_each(vec![copies; items], workers, act)
    }

    fn run_each(copies: Vec<usize>, workers: usize, mut act: impl FnMut(Task) -> bool) -> Vec<NextOutput<usize>> {
        let mut scheduler = Scheduler::new(copies, workers);
        let mut busy: VecDeque<(usize, Task)> = VecDeque::new();
        let mut steps = Vec::new();
        for round in 0.. {
            assert!(round < 100_000, "the run never ends");
            for worker in 0..workers {
                if busy.iter().filter(|(other, _)| *other == worker).count() < 2
                    && let Some(task) = scheduler.take(worker)
                {
                    busy.push_back((worker, task));
                }
            }
            // The last one first, so that results come out of order.
            if let Some((_, task)) = busy.pop_back() {
                if act(task) { scheduler.done(task, task.item, 10) } else { scheduler.failed(task, true, "it broke") }
            }
            while let Some(step) = scheduler.next_output() {
                if step == NextOutput::End {
                    assert_eq!(scheduler.waiting_bytes, 0, "nothing waits");
                    assert_eq!(scheduler.assigned, scheduler.added, "all assigned outputs were added");
                    return steps;
                }
                steps.push(step);
            }
        }
        steps
    }

    fn outputs(steps: &[NextOutput<usize>]) -> Vec<(usize, usize)> {
        let all = |step: &NextOutput<usize>| match step {
            NextOutput::Outputs(task, _) => {
                (task.first..task.first + task.count).map(|copy| (task.item, copy)).collect()
            }
            _ => Vec::new(),
        };
        steps.iter().flat_map(all).collect()
    }

    #[test]
    fn outputs_leave_once_and_in_order() {
        for (items, copies, workers) in [(1, 1, 1), (7, 5, 2), (2, 40, 8), (60, 5, 3), (3, 1, 16)] {
            let steps = run(items, copies, workers, |_| true);
            let expected: Vec<_> = (0..items).flat_map(|item| (0..copies).map(move |copy| (item, copy))).collect();
            assert_eq!(outputs(&steps), expected, "{items} × {copies} on {workers}");
        }
    }

    #[test]
    fn sources_may_have_different_numbers_of_outputs() {
        for workers in [1, 3] {
            let copies = vec![1, 5, 1, 1, 12];
            let expected: Vec<_> = copies
                .iter()
                .enumerate()
                .flat_map(|(item, copies)| (0..*copies).map(move |copy| (item, copy)))
                .collect();
            let steps = run_each(copies, workers, |_| true);
            assert_eq!(outputs(&steps), expected, "on {workers}");
            let last =
                steps.iter().filter(|step| matches!(step, NextOutput::Outputs(Task { last: true, .. }, _))).count();
            assert_eq!(last, 5, "each source ends once");
        }
    }

    #[test]
    fn a_task_is_tried_again_once() {
        let mut broke = false;
        let steps = run(5, 5, 2, |task| task.item != 3 || std::mem::replace(&mut broke, true));
        assert_eq!(outputs(&steps).len(), 25, "the second try succeeds");
        let steps = run(5, 5, 2, |task| task.item != 3);
        assert_eq!(outputs(&steps).len(), 20, "the others are complete");
        let lost: Vec<_> = steps.iter().filter(|step| matches!(step, NextOutput::Lost { .. })).collect();
        assert_eq!(lost, [&NextOutput::Lost { item: 3, outputs: 5, why: "it broke".into() }]);
    }

    #[test]
    fn a_source_that_fails_midway_keeps_its_first_outputs() {
        let steps = run(2, 10, 2, |task| task.item != 1 || task.first < 4);
        let kept = outputs(&steps);
        assert!(kept.starts_with(&(0..10).map(|copy| (0, copy)).collect::<Vec<_>>()), "{kept:?}");
        let lost = steps.iter().find_map(|step| match step {
            NextOutput::Lost { item, outputs, .. } => Some((*item, *outputs)),
            _ => None,
        });
        assert_eq!(lost, Some((1, 20 - kept.len())), "the rest is counted");
    }

    #[test]
    fn other_tasks_of_a_stopped_worker_do_not_count_as_tries() {
        let mut scheduler: Scheduler<()> = Scheduler::new(vec![1; 2], 1);
        let (first, second) = (scheduler.take(0).unwrap(), scheduler.take(0).unwrap());
        for _ in 0..5 {
            scheduler.failed(second, false, "its neighbor broke it");
            assert_eq!(scheduler.take(0), Some(second), "assigned again as if for the first time");
        }
        scheduler.done(first, (), 0);
        scheduler.done(second, (), 0);
        assert!(
            matches!(scheduler.next_output(), Some(NextOutput::Outputs(..)))
                && matches!(scheduler.next_output(), Some(NextOutput::Outputs(..)))
        );
        assert_eq!(scheduler.next_output(), Some(NextOutput::End));
    }

    #[test]
    fn workers_do_not_run_far_ahead() {
        let mut scheduler: Scheduler<()> = Scheduler::new(vec![1; 10_000], 2);
        let first = scheduler.take(0).unwrap();
        let mut assigned = 1;
        while let Some(task) = scheduler.take(1) {
            assigned += task.count;
            scheduler.done(task, (), 1);
        }
        assert!(assigned <= 3 * WINDOW + MAX_COPIES, "{assigned} assigned while the first one is not done");
        scheduler.done(first, (), 1);
        assert!(scheduler.next_output().is_some(), "the first leaves");
        assert!(scheduler.take(1).is_some(), "and another may start");
        let mut scheduler: Scheduler<()> = Scheduler::new(vec![1; 10_000], 2);
        let (first, second) = (scheduler.take(0).unwrap(), scheduler.take(1).unwrap());
        scheduler.done(second, (), WINDOW_BYTES);
        assert_eq!(scheduler.take(1), None, "many bytes wait");
        scheduler.done(first, (), 1);
    }

    #[test]
    fn a_source_stays_with_its_worker_until_the_last_sources() {
        let mut scheduler: Scheduler<()> = Scheduler::new(vec![8; 3], 2);
        let (a, b, c) = (scheduler.take(0).unwrap(), scheduler.take(1).unwrap(), scheduler.take(0).unwrap());
        assert_eq!((a.item, b.item, c.item), (0, 1, 0));
        let last: Vec<usize> = std::iter::from_fn(|| scheduler.take(1)).map(|task| task.item).collect();
        assert!(last.contains(&2), "the next source, then shares: {last:?}");
        let mut lone: Scheduler<()> = Scheduler::new(vec![8; 1], 4);
        assert!((0..4).all(|worker| lone.take(worker).is_some_and(|task| task.count == 1)), "one source for all");
    }

    #[test]
    fn a_pause_assigns_nothing() {
        let mut scheduler: Scheduler<()> = Scheduler::new(vec![1; 1], 1);
        scheduler.pause(true);
        assert_eq!(scheduler.take(0), None);
        scheduler.pause(false);
        assert!(scheduler.take(0).is_some(), "and then it assigns again");
    }
}
