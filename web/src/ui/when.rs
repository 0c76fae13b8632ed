//! Parts of the page that come and go, and values that follow signals, behind few types: each new type of closure in a
//! view costs the page a kilobyte.

use leptos::prelude::*;

/// A value that follows signals.
pub type Live<T> = Box<dyn FnMut() -> T + Send>;

/// A value that follows the signals that are read in `get`.
pub fn live<T>(get: impl FnMut() -> T + Send + 'static) -> Live<T> {
    Box::new(get)
}

/// Shows its children while a signal says so.
#[component]
pub fn When(
    /// Whether they are shown.
    #[prop(into)]
    on: Signal<bool>,
    /// What is shown; made anew each time.
    children: ChildrenFn,
) -> impl IntoView {
    let on = Memo::new(move |_| on.get());
    let children = StoredValue::new(children);
    live(move || on.get().then(|| children.with_value(|children| children()).into_any())).into_any()
}
