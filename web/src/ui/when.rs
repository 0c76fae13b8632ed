//! Shows parts of the page under a condition; type-erased to keep the module small.

use leptos::prelude::*;

use crate::erased::live;

/// Shows its children while a signal is true.
#[component]
pub fn When(
    /// The condition.
    #[prop(into)]
    on: Signal<bool>,
    /// The content; created anew each time.
    children: ChildrenFn,
) -> impl IntoView {
    let on = Memo::new(move |_| on.get());
    let children = StoredValue::new(children);
    live(move || on.get().then(|| children.with_value(|children| children()).into_any())).into_any()
}
