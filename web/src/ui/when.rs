//! Parts of the page that come and go, all behind one type.

use leptos::prelude::*;

use crate::erased::live;

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
