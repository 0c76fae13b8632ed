//! A modal dialog: the browser's own element, which traps and restores the focus.

use leptos::html;
use leptos::prelude::*;

use super::{Button, ButtonKind, Glyph, When};

/// A dialog that is open while `open` is true; Escape and its close button close it.
#[component]
pub fn Dialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Its title.
    #[prop(into)]
    title: Signal<String>,
    /// More classes: `broad`.
    #[prop(optional)]
    class: &'static str,
    /// Its content; created when it opens.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let children = StoredValue::new(children);
    Effect::new(move || {
        let Some(dialog) = node.get() else { return };
        if open.get() && !dialog.open() {
            let _ = dialog.show_modal();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog
            class=format!("dialog {class}")
            node_ref=node
            aria-label=move || title.get()
            on:close=move |_| open.set(false)
        >
            <div class="dialog-head">
                <h2 class="dialog-title">{move || title.get()}</h2>
                <Button label="Close" glyph=Glyph::Close icon_only=true class="small tip-end" kind=ButtonKind::Quiet
                    on_press=move || open.set(false) />
            </div>
            <When on=open>{children.with_value(|children| children())}</When>
        </dialog>
    }
}
