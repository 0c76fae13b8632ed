//! The scheduler of a run: assigns outputs to workers, and assigns them again when a worker stops.
//!
//! A task is some outputs of one source. A worker gets the next outputs of the source that it has decoded, else the next
//! source, else a share of a source that another worker has. Results leave through a [`Delivery`], in order.

use std::collections::{BTreeMap, VecDeque};

use augment_core::run::{Delivered, Delivery};

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
    /// How often it failed before.
    tries: u32,
}

/// A source between its first task and its last result.
#[derive(Debug)]
struct ActiveSource {
    /// The next output to assign.
    next: usize,
    /// The first output that will not come.
    lost_from: Option<usize>,
    /// The worker that has decoded it.
    worker: usize,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Scheduler<T> {
    next_item: usize,
    active: BTreeMap<usize, ActiveSource>,
    /// Tasks whose worker stopped.
    again: VecDeque<Task>,
    delivery: Delivery<T, String>,
    paused: bool,
}

impl<T> Scheduler<T> {
    /// A scheduler for sources with these numbers of outputs, at least one each.
    pub(super) fn new(copies: Vec<usize>, workers: usize) -> Self {
        Self {
            next_item: 0,
            active: BTreeMap::new(),
            again: VecDeque::new(),
            delivery: Delivery::new(copies, WINDOW * workers + WINDOW, WINDOW_BYTES),
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
        let open = |(item, source): &(&usize, &ActiveSource)| {
            source.lost_from.is_none() && source.next < self.delivery.outputs_of(**item)
        };
        let own = self.active.iter().filter(open).find(|(_, source)| source.worker == worker).map(|(item, _)| *item);
        let others = || self.active.iter().find(open).map(|(item, _)| *item);
        let next = (self.next_item < self.delivery.sources()).then_some(self.next_item);
        let item = own.or(next).or_else(others)?;
        let first = self.active.get(&item).map_or(0, |source| source.next);
        if (item, first) != self.delivery.head() && !self.delivery.has_room() {
            return None;
        }
        if item == self.next_item {
            self.next_item += 1;
            self.active.insert(item, ActiveSource { next: 0, lost_from: None, worker });
        }
        let left = self.delivery.outputs_of(item) - first;
        // The last sources are shared among workers in small parts.
        let most = if self.next_item < self.delivery.sources() { MAX_COPIES } else { 1 };
        let count = left.min(most);
        let task = Task { item, first, count, tries: 0 };
        if let Some(source) = self.active.get_mut(&item) {
            source.next += task.count;
        }
        self.delivery.begin(item, count);
        Some(task)
    }

    /// Stores the result of a task.
    pub(super) fn done(&mut self, task: Task, result: T, bytes: u64) {
        self.delivery.store((task.item, task.first), task.count, result, bytes);
    }

    /// Assigns a task again after its worker stopped. If this very task has stopped a worker twice, its source fails.
    pub(super) fn failed(&mut self, mut task: Task, over_this: bool, why: &str) {
        let Some(source) = self.active.get_mut(&task.item) else { return };
        if source.lost_from.is_some_and(|lost| lost < task.first) {
            return;
        }
        task.tries += u32::from(over_this);
        if task.tries < TRIES {
            // In order: the zip waits for the first one.
            let at = self.again.partition_point(|other| (other.item, other.first) < (task.item, task.first));
            self.again.insert(at, task);
            return;
        }
        source.lost_from = Some(task.first);
        // Earlier outputs still come.
        self.again.retain(|other| other.item != task.item || other.first < task.first);
        self.delivery.fail(task.item, task.first, why.to_owned());
    }

    /// Whether all outputs have left.
    pub(super) const fn is_over(&self) -> bool {
        self.delivery.is_over()
    }

    /// What to add to the zip next; `None` if it is not ready yet, or all outputs have left.
    pub(super) fn next_output(&mut self) -> Option<Delivered<T, String>> {
        let delivered = self.delivery.deliver()?;
        let head = self.delivery.head().0;
        self.active = self.active.split_off(&head);
        self.again.retain(|task| task.item >= head);
        Some(delivered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a scheduler to its end: `act` says for every task whether it succeeds.
    fn run(
        items: usize,
        copies: usize,
        workers: usize,
        act: impl FnMut(Task) -> bool,
    ) -> Vec<Delivered<usize, String>> {
        run_each(vec![copies; items], workers, act)
    }

    fn run_each(
        copies: Vec<usize>,
        workers: usize,
        mut act: impl FnMut(Task) -> bool,
    ) -> Vec<Delivered<usize, String>> {
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
            steps.extend(std::iter::from_fn(|| scheduler.next_output()));
            if scheduler.is_over() {
                return steps;
            }
        }
        steps
    }

    fn outputs(steps: &[Delivered<usize, String>]) -> Vec<(usize, usize)> {
        let all = |step: &Delivered<usize, String>| match step {
            Delivered::Outputs { source, first, count, .. } => {
                (*first..first + count).map(|copy| (*source, copy)).collect()
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
            let last = steps.iter().filter(|step| matches!(step, Delivered::Outputs { last: true, .. })).count();
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
        let lost: Vec<_> = steps.iter().filter(|step| matches!(step, Delivered::Failed { .. })).collect();
        assert_eq!(lost, [&Delivered::Failed { source: 3, outputs: 5, error: "it broke".into() }]);
    }

    #[test]
    fn a_source_that_fails_midway_keeps_its_first_outputs() {
        let steps = run(2, 10, 2, |task| task.item != 1 || task.first < 4);
        let kept = outputs(&steps);
        assert!(kept.starts_with(&(0..10).map(|copy| (0, copy)).collect::<Vec<_>>()), "{kept:?}");
        let lost = steps.iter().find_map(|step| match step {
            Delivered::Failed { source, outputs, .. } => Some((*source, *outputs)),
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
        assert!((0..2).all(|_| matches!(scheduler.next_output(), Some(Delivered::Outputs { .. }))));
        assert!(scheduler.is_over());
    }

    #[test]
    fn outputs_before_the_one_that_broke_still_come() {
        let mut scheduler: Scheduler<()> = Scheduler::new(vec![8; 2], 1);
        let (first, second) = (scheduler.take(0).unwrap(), scheduler.take(0).unwrap());
        assert_eq!((first.first, second.first), (0, 4));
        scheduler.failed(first, false, "its neighbor broke it");
        scheduler.failed(second, true, "it broke");
        let again = [scheduler.take(0).unwrap(), scheduler.take(0).unwrap()];
        scheduler.failed(again[0], false, "its neighbor broke it");
        scheduler.failed(again[1], true, "it broke");
        let first = scheduler.take(0).unwrap();
        assert_eq!((first.item, first.first), (0, 0), "it waits no longer for the one that broke");
        scheduler.done(first, (), 0);
        assert!(matches!(scheduler.next_output(), Some(Delivered::Outputs { source: 0, count: 4, .. })));
        assert!(matches!(scheduler.next_output(), Some(Delivered::Failed { source: 0, outputs: 4, .. })));
        assert_eq!(scheduler.take(0).map(|task| task.item), Some(1));
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
