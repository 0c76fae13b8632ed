//! Fills ordered sets and maps one item at a time. `collect` sorts first, and the code of a sort for each type made the
//! engine in the browser larger by a twentieth.

/// A set or map with these items; of equal keys the last value stays.
pub(crate) fn filled<C: Default + Extend<T>, T>(items: impl IntoIterator<Item = T>) -> C {
    let mut collection = C::default();
    collection.extend(items);
    collection
}
