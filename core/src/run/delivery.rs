//! Puts the results of a run into the order of sources and outputs, and bounds how far work runs ahead.

use std::collections::BTreeMap;

/// Results that arrive in any order and leave in the order of sources and their outputs.
///
/// Outputs are begun, stored when they are ready, and delivered in turn. The window bounds outputs that are begun and not
/// yet delivered, and bytes that wait, so that memory does not grow with the dataset. The window is advice: who begins
/// work asks [`Self::has_room`], and may always begin the output at [`Self::head`], on which all others wait.
#[derive(Debug)]
pub struct Delivery<T, E> {
    /// The number of outputs of each source.
    outputs: Vec<usize>,
    window: usize,
    max_bytes: u64,
    /// The next output to be delivered.
    head: (usize, usize),
    /// Outputs begun of sources that are not delivered to their end.
    begun: BTreeMap<usize, usize>,
    /// Outputs that are begun and not delivered.
    ahead: usize,
    waiting: BTreeMap<(usize, usize), Waiting<T, E>>,
    waiting_bytes: u64,
}

#[derive(Debug)]
enum Waiting<T, E> {
    Outputs { count: usize, result: T, bytes: u64 },
    Failed(E),
}

/// A result in its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered<T, E> {
    /// Some outputs of a source.
    Outputs {
        /// The position of the source.
        source: usize,
        /// The position of the first output.
        first: usize,
        /// The number of outputs.
        count: usize,
        /// Whether these are the last of their source.
        last: bool,
        /// What was stored.
        result: T,
    },
    /// A source failed; its remaining outputs will not come.
    Failed {
        /// The position of the source.
        source: usize,
        /// The number of outputs that will not come.
        outputs: usize,
        /// Why.
        error: E,
    },
}

impl<T, E> Delivery<T, E> {
    /// A delivery of sources with these numbers of outputs, at least one each, and a window of outputs and bytes.
    #[must_use]
    pub const fn new(outputs: Vec<usize>, window: usize, max_bytes: u64) -> Self {
        Self {
            outputs,
            window,
            max_bytes,
            head: (0, 0),
            begun: BTreeMap::new(),
            ahead: 0,
            waiting: BTreeMap::new(),
            waiting_bytes: 0,
        }
    }

    /// The number of sources.
    #[must_use]
    pub const fn sources(&self) -> usize {
        self.outputs.len()
    }

    /// The number of outputs of a source.
    #[must_use]
    pub fn outputs_of(&self, source: usize) -> usize {
        self.outputs[source]
    }

    /// The source and output to be delivered next.
    #[must_use]
    pub const fn head(&self) -> (usize, usize) {
        self.head
    }

    /// Whether everything was delivered.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.head.0 == self.outputs.len()
    }

    /// Whether the window has room for another output.
    #[must_use]
    pub const fn has_room(&self) -> bool {
        self.ahead < self.window && self.waiting_bytes < self.max_bytes
    }

    /// Whether the window is half full.
    #[must_use]
    pub const fn is_half_full(&self) -> bool {
        2 * self.ahead >= self.window || 2 * self.waiting_bytes >= self.max_bytes
    }

    /// Notes that the next outputs of a source are begun.
    pub fn begin(&mut self, source: usize, count: usize) {
        *self.begun.entry(source).or_default() += count;
        self.ahead += count;
    }

    /// Stores the result of outputs that were begun. One that was delivered, or whose source failed before it, is dropped.
    pub fn store(&mut self, (source, first): (usize, usize), count: usize, result: T, bytes: u64) {
        if (source, first) >= self.head {
            self.waiting_bytes += bytes;
            self.waiting.insert((source, first), Waiting::Outputs { count, result, bytes });
        }
    }

    /// Stores that a source failed: from this output on, none of its outputs will come.
    pub fn fail(&mut self, source: usize, first: usize, error: E) {
        if (source, first) >= self.head {
            self.waiting.insert((source, first), Waiting::Failed(error));
        }
    }

    /// The next result in order; `None` if it is not ready yet, or everything was delivered.
    pub fn deliver(&mut self) -> Option<Delivered<T, E>> {
        let (source, first) = self.head;
        Some(match self.waiting.remove(&self.head)? {
            Waiting::Outputs { count, result, bytes } => {
                self.waiting_bytes -= bytes;
                self.ahead -= count;
                self.head.1 += count;
                let last = self.head.1 == self.outputs[source];
                if last {
                    self.end_source();
                }
                Delivered::Outputs { source, first, count, last, result }
            }
            Waiting::Failed(error) => {
                self.ahead -= self.begun.get(&source).map_or(0, |begun| begun - first);
                self.end_source();
                Delivered::Failed { source, outputs: self.outputs[source] - first, error }
            }
        })
    }

    /// Goes on to the next source, without results of this one that still wait.
    fn end_source(&mut self) {
        self.begun.remove(&self.head.0);
        self.head = (self.head.0 + 1, 0);
        while let Some(entry) = self.waiting.first_entry().filter(|entry| *entry.key() < self.head) {
            if let Waiting::Outputs { bytes, .. } = entry.remove() {
                self.waiting_bytes -= bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const WINDOW: usize = 4;

    proptest! {
        /// Tasks that end in any order, some of which fail their source, are delivered once and in order.
        #[test]
        fn results_leave_in_order_whatever_the_order_of_events(
            outputs in prop::collection::vec(1..6_usize, 0..6),
            failing in prop::collection::btree_set((0..6_usize, 0..6_usize), 0..4),
            choices in prop::collection::vec(0..100_usize, 1..100),
        ) {
            let mut delivery = Delivery::<(usize, usize), &str>::new(outputs.clone(), WINDOW, 1000);
            let mut tasks = (0..outputs.len()).flat_map(|source| (0..outputs[source]).map(move |first| (source, first)));
            let mut choices = choices.iter().cycle();
            let (mut next, mut under_way, mut delivered) = (tasks.next(), Vec::new(), Vec::new());
            let mut failed = BTreeSet::new();
            while !delivery.is_over() {
                if let Some(task) = next && (delivery.has_room() || task == delivery.head()) {
                    if !failed.contains(&task.0) {
                        delivery.begin(task.0, 1);
                        under_way.push(task);
                    }
                    next = tasks.next();
                } else {
                    prop_assert!(!under_way.is_empty(), "nothing is under way and all wait: {delivery:?}");
                    let task = under_way.swap_remove(choices.next().unwrap() % under_way.len());
                    if failing.contains(&task) {
                        failed.insert(task.0);
                        delivery.fail(task.0, task.1, "it broke");
                    } else {
                        delivery.store(task, 1, task, 10);
                    }
                }
                prop_assert!(delivery.ahead <= WINDOW + 1, "{} ahead", delivery.ahead);
                while let Some(result) = delivery.deliver() {
                    delivered.push(result);
                }
            }
            let mut expected = (0, 0);
            for result in &delivered {
                let (source, count) = match result {
                    Delivered::Outputs { source, first, count, last, result } => {
                        prop_assert_eq!((*source, *first), expected);
                        prop_assert_eq!(*last, first + count == outputs[*source]);
                        prop_assert_eq!(*result, expected);
                        (*source, *count)
                    }
                    Delivered::Failed { source, outputs: lost, error } => {
                        prop_assert_eq!(*error, "it broke");
                        prop_assert_eq!((*source, *lost), (expected.0, outputs[*source] - expected.1));
                        prop_assert!(failing.contains(&expected));
                        (*source, *lost)
                    }
                };
                expected.1 += count;
                if expected.1 == outputs[source] {
                    expected = (source + 1, 0);
                }
            }
            prop_assert_eq!(expected, (outputs.len(), 0), "everything came or is counted");
            prop_assert_eq!((delivery.ahead, delivery.waiting_bytes), (0, 0));
            prop_assert!(delivery.waiting.is_empty() && delivery.begun.is_empty());
        }
    }

    #[test]
    fn outputs_and_bytes_bound_the_window() {
        let mut delivery = Delivery::<(), ()>::new(vec![8; 2], 4, 100);
        delivery.begin(0, 2);
        assert!(delivery.has_room() && delivery.is_half_full());
        delivery.begin(0, 2);
        assert!(!delivery.has_room(), "four are begun");
        delivery.store((0, 2), 2, (), 100);
        assert_eq!(delivery.deliver(), None, "the first two are missing");
        delivery.store((0, 0), 2, (), 1);
        assert!(delivery.deliver().is_some());
        assert!(!delivery.has_room(), "a hundred bytes wait");
        assert!(delivery.deliver().is_some());
        assert!(delivery.has_room() && !delivery.is_half_full());
    }
}
