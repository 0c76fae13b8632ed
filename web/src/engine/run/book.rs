//! The book of a run: which outputs are still to make, who makes which, and what waits for its turn in the zip.
//!
//! A task is some outputs of one source. A worker is given the next outputs of the source that it has decoded, else the
//! next source, else a share of a source that others are at. Results are handed over by source, then copy; how far the
//! workers run ahead of that is bounded in outputs and bytes, so that memory does not grow with the dataset.

use std::collections::{BTreeMap, VecDeque};

/// Outputs of one task at most: so many that a worker is not idle between tasks.
const MOST_COPIES: usize = 4;
/// Outputs that may be begun and not yet handed over, for each worker, and besides.
const WINDOW: usize = 12;
/// Bytes that wait to be handed over; beyond them only the next ones are made.
const WAITING_BYTES: u64 = 96 << 20;
/// Times that a task is given out before its source is given up.
const TRIES: u32 = 2;

/// Some outputs of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Task {
    /// Position of the source in the listing.
    pub(super) item: usize,
    /// The first of the outputs.
    pub(super) first: usize,
    /// Outputs.
    pub(super) count: usize,
    /// Whether they are the last of their source.
    pub(super) last: bool,
    /// Times that it was given out before.
    tries: u32,
}

/// What comes next into the zip.
#[derive(Debug, PartialEq)]
pub(super) enum Turn<T> {
    /// Outputs of a source.
    Outputs(Task, T),
    /// A source that is given up, with so many outputs that will not come.
    Lost {
        /// Position of the source in the listing.
        item: usize,
        /// Outputs.
        outputs: usize,
        /// Why.
        why: String,
    },
    /// Nothing more.
    End,
}

/// A source between its first task and its last result.
#[derive(Debug)]
struct Live {
    /// The next output to give out.
    next: usize,
    /// Outputs that were given out.
    begun: usize,
    /// The worker that had it first, and has it decoded.
    worker: usize,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Book<T> {
    /// Outputs of each source.
    copies: Vec<usize>,
    window: usize,
    next_item: usize,
    live: BTreeMap<usize, Live>,
    /// Tasks whose worker ended.
    again: VecDeque<Task>,
    /// The next output to be handed over.
    head: (usize, usize),
    waiting: BTreeMap<(usize, usize), Waiting<T>>,
    waiting_bytes: u64,
    begun: usize,
    handed_over: usize,
    paused: bool,
}

#[derive(Debug)]
enum Waiting<T> {
    Outputs(Task, T, u64),
    Lost(String),
}

impl<T> Book<T> {
    /// A run of sources with so many outputs each, one at least, on so many workers.
    pub(super) fn new(copies: Vec<usize>, workers: usize) -> Self {
        Self {
            copies,
            window: WINDOW * workers + WINDOW,
            next_item: 0,
            live: BTreeMap::new(),
            again: VecDeque::new(),
            head: (0, 0),
            waiting: BTreeMap::new(),
            waiting_bytes: 0,
            begun: 0,
            handed_over: 0,
            paused: false,
        }
    }

    /// Gives out no more tasks, or does so again.
    pub(super) const fn pause(&mut self, paused: bool) {
        self.paused = paused;
    }

    /// The next task for a worker; `None` when it must wait.
    pub(super) fn take(&mut self, worker: usize) -> Option<Task> {
        if self.paused {
            return None;
        }
        // What is given again comes first: it is what the zip waits for.
        if let Some(task) = self.again.pop_front() {
            return Some(task);
        }
        let open = |(item, live): &(&usize, &Live)| live.next < self.copies[**item];
        let own = self.live.iter().filter(open).find(|(_, live)| live.worker == worker).map(|(item, _)| *item);
        let others = || self.live.iter().find(open).map(|(item, _)| *item);
        let next = (self.next_item < self.copies.len()).then_some(self.next_item);
        let item = own.or(next).or_else(others)?;
        let first = self.live.get(&item).map_or(0, |live| live.next);
        if (item, first) != self.head && !self.within_window() {
            return None;
        }
        if item == self.next_item {
            self.next_item += 1;
            self.live.insert(item, Live { next: 0, begun: 0, worker });
        }
        let left = self.copies[item] - first;
        // Where sources are few, their outputs are shared in small parts.
        let most = if self.next_item < self.copies.len() { MOST_COPIES } else { 1 };
        let count = left.min(most);
        let task = Task { item, first, count, last: count == left, tries: 0 };
        if let Some(live) = self.live.get_mut(&item) {
            live.next += task.count;
            live.begun += task.count;
        }
        self.begun += task.count;
        Some(task)
    }

    /// Whether more may be begun before the next one is handed over.
    const fn within_window(&self) -> bool {
        self.begun - self.handed_over < self.window && self.waiting_bytes < WAITING_BYTES
    }

    /// Notes what a task gave.
    pub(super) fn done(&mut self, task: Task, result: T, bytes: u64) {
        if (task.item, task.first) >= self.head {
            self.waiting_bytes += bytes;
            self.waiting.insert((task.item, task.first), Waiting::Outputs(task, result, bytes));
        }
    }

    /// Notes that a task's worker ended. It is given out again; where the worker ended over this very task for the
    /// second time, its source is given up.
    pub(super) fn ended(&mut self, mut task: Task, over_this: bool, why: &str) {
        let Some(live) = self.live.get_mut(&task.item) else { return };
        if live.begun < live.next {
            // The source is given up already.
            return;
        }
        task.tries += u32::from(over_this);
        if task.tries < TRIES {
            // In order, so that what the zip waits for comes first.
            let at = self.again.partition_point(|other| (other.item, other.first) < (task.item, task.first));
            self.again.insert(at, task);
            return;
        }
        // Past the last output, which none is: so nothing more of it is given out, even where all was.
        live.next = usize::MAX;
        self.again.retain(|other| other.item != task.item);
        self.waiting.insert((task.item, task.first), Waiting::Lost(why.to_owned()));
    }

    /// What comes next into the zip; `None` when it is not there yet.
    pub(super) fn turn(&mut self) -> Option<Turn<T>> {
        let (item, copy) = self.head;
        if item == self.copies.len() {
            return Some(Turn::End);
        }
        Some(match self.waiting.remove(&self.head)? {
            Waiting::Outputs(task, result, bytes) => {
                self.waiting_bytes -= bytes;
                self.handed_over += task.count;
                self.advance(item, copy + task.count);
                Turn::Outputs(task, result)
            }
            Waiting::Lost(why) => {
                self.drop_rest(item);
                let outputs = self.copies[item] - copy;
                self.handed_over = self.begun - self.out_after(item);
                self.advance(item, self.copies[item]);
                Turn::Lost { item, outputs, why }
            }
        })
    }

    fn advance(&mut self, item: usize, copy: usize) {
        if copy < self.copies[item] {
            self.head = (item, copy);
        } else {
            self.head = (item + 1, 0);
            self.live.remove(&item);
        }
    }

    /// Forgets what came of a source that is given up.
    fn drop_rest(&mut self, item: usize) {
        let rest: Vec<(usize, usize)> = self.waiting.range((item, 0)..(item + 1, 0)).map(|(key, _)| *key).collect();
        for key in rest {
            if let Some(Waiting::Outputs(_, _, bytes)) = self.waiting.remove(&key) {
                self.waiting_bytes -= bytes;
            }
        }
    }

    /// Outputs of later sources that were begun.
    fn out_after(&self, item: usize) -> usize {
        self.live.range(item + 1..).map(|(_, live)| live.begun).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a book to its end: `act` says for every task whether its worker lives.
    fn run(items: usize, copies: usize, workers: usize, act: impl FnMut(Task) -> bool) -> Vec<Turn<usize>> {
        run_each(vec![copies; items], workers, act)
    }

    fn run_each(copies: Vec<usize>, workers: usize, mut act: impl FnMut(Task) -> bool) -> Vec<Turn<usize>> {
        let mut book = Book::new(copies, workers);
        let mut busy: VecDeque<(usize, Task)> = VecDeque::new();
        let mut turns = Vec::new();
        for round in 0.. {
            assert!(round < 100_000, "the run does not end");
            for worker in 0..workers {
                if busy.iter().filter(|(other, _)| *other == worker).count() < 2
                    && let Some(task) = book.take(worker)
                {
                    busy.push_back((worker, task));
                }
            }
            // The last one first, so that the order of results is not that of tasks.
            if let Some((_, task)) = busy.pop_back() {
                if act(task) { book.done(task, task.item, 10) } else { book.ended(task, true, "it broke") }
            }
            while let Some(turn) = book.turn() {
                if turn == Turn::End {
                    assert_eq!(book.waiting_bytes, 0, "nothing is left waiting");
                    assert_eq!(book.begun, book.handed_over, "what was begun was handed over");
                    return turns;
                }
                turns.push(turn);
            }
        }
        turns
    }

    fn outputs(turns: &[Turn<usize>]) -> Vec<(usize, usize)> {
        let all = |turn: &Turn<usize>| match turn {
            Turn::Outputs(task, _) => (task.first..task.first + task.count).map(|copy| (task.item, copy)).collect(),
            _ => Vec::new(),
        };
        turns.iter().flat_map(all).collect()
    }

    #[test]
    fn outputs_are_handed_over_once_and_in_order() {
        for (items, copies, workers) in [(1, 1, 1), (7, 5, 2), (2, 40, 8), (60, 5, 3), (3, 1, 16)] {
            let turns = run(items, copies, workers, |_| true);
            let expected: Vec<_> = (0..items).flat_map(|item| (0..copies).map(move |copy| (item, copy))).collect();
            assert_eq!(outputs(&turns), expected, "{items} × {copies} on {workers}");
        }
    }

    #[test]
    fn sources_that_go_through_unchanged_have_one_output_among_others() {
        for workers in [1, 3] {
            let copies = vec![1, 5, 1, 1, 12];
            let expected: Vec<_> = copies
                .iter()
                .enumerate()
                .flat_map(|(item, copies)| (0..*copies).map(move |copy| (item, copy)))
                .collect();
            let turns = run_each(copies, workers, |_| true);
            assert_eq!(outputs(&turns), expected, "on {workers}");
            let last = turns.iter().filter(|turn| matches!(turn, Turn::Outputs(Task { last: true, .. }, _))).count();
            assert_eq!(last, 5, "each source ends once");
        }
    }

    #[test]
    fn a_task_is_tried_again_once() {
        let mut broke = false;
        let turns = run(5, 5, 2, |task| task.item != 3 || std::mem::replace(&mut broke, true));
        assert_eq!(outputs(&turns).len(), 25, "the second try makes all");
        let turns = run(5, 5, 2, |task| task.item != 3);
        assert_eq!(outputs(&turns).len(), 20, "the others are whole");
        let lost: Vec<_> = turns.iter().filter(|turn| matches!(turn, Turn::Lost { .. })).collect();
        assert_eq!(lost, [&Turn::Lost { item: 3, outputs: 5, why: "it broke".into() }]);
    }

    #[test]
    fn a_source_that_is_lost_in_its_middle_keeps_what_came_before() {
        let turns = run(2, 10, 2, |task| task.item != 1 || task.first < 4);
        let kept = outputs(&turns);
        assert!(kept.starts_with(&(0..10).map(|copy| (0, copy)).collect::<Vec<_>>()), "{kept:?}");
        let lost = turns.iter().find_map(|turn| match turn {
            Turn::Lost { item, outputs, .. } => Some((*item, *outputs)),
            _ => None,
        });
        assert_eq!(lost, Some((1, 20 - kept.len())), "the rest is counted");
    }

    #[test]
    fn innocent_tasks_of_a_worker_that_ended_do_not_count_as_tries() {
        let mut book: Book<()> = Book::new(vec![1; 2], 1);
        let (first, second) = (book.take(0).unwrap(), book.take(0).unwrap());
        for _ in 0..5 {
            book.ended(second, false, "its neighbor broke it");
            assert_eq!(book.take(0), Some(second), "given again as if for the first time");
        }
        book.done(first, (), 0);
        book.done(second, (), 0);
        assert!(matches!(book.turn(), Some(Turn::Outputs(..))) && matches!(book.turn(), Some(Turn::Outputs(..))));
        assert_eq!(book.turn(), Some(Turn::End));
    }

    #[test]
    fn workers_do_not_run_far_ahead() {
        let mut book: Book<()> = Book::new(vec![1; 10_000], 2);
        let first = book.take(0).unwrap();
        let mut begun = 1;
        while let Some(task) = book.take(1) {
            begun += task.count;
            book.done(task, (), 1);
        }
        assert!(begun <= 3 * WINDOW + MOST_COPIES, "{begun} begun while the first one is not done");
        book.done(first, (), 1);
        assert!(book.turn().is_some(), "the first is handed over");
        assert!(book.take(1).is_some(), "and another may begin");
        let mut book: Book<()> = Book::new(vec![1; 10_000], 2);
        let (first, second) = (book.take(0).unwrap(), book.take(1).unwrap());
        book.done(second, (), WAITING_BYTES);
        assert_eq!(book.take(1), None, "many bytes wait");
        book.done(first, (), 1);
    }

    #[test]
    fn a_source_stays_with_the_worker_that_decoded_it_until_sources_are_few() {
        let mut book: Book<()> = Book::new(vec![8; 3], 2);
        let (a, b, c) = (book.take(0).unwrap(), book.take(1).unwrap(), book.take(0).unwrap());
        assert_eq!((a.item, b.item, c.item), (0, 1, 0));
        let last: Vec<usize> = std::iter::from_fn(|| book.take(1)).map(|task| task.item).collect();
        assert!(last.contains(&2), "the next source, then shares: {last:?}");
        let mut lone: Book<()> = Book::new(vec![8; 1], 4);
        assert!((0..4).all(|worker| lone.take(worker).is_some_and(|task| task.count == 1)), "one source for all");
    }

    #[test]
    fn a_pause_gives_nothing_out() {
        let mut book: Book<()> = Book::new(vec![1; 1], 1);
        book.pause(true);
        assert_eq!(book.take(0), None);
        book.pause(false);
        assert!(book.take(0).is_some(), "and then it does");
    }
}
