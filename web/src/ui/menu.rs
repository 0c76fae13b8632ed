//! A menu button: arrow keys move through the menu, Escape and a click outside close it.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, HtmlElement, KeyboardEvent, Node};

use super::{Button, ButtonKind, Glyph, When};

/// A button that opens a list of [`MenuItem`]s.
#[component]
pub fn Menu(
    /// The label of the button.
    #[prop(into)]
    label: Signal<String>,
    /// The icon of the button.
    #[prop(default = Glyph::More)]
    glyph: Glyph,
    /// Whether to show only the icon.
    #[prop(default = true)]
    icon_only: bool,
    /// More classes of the button.
    #[prop(default = "small tip-end")]
    class: &'static str,
    /// Whether the menu aligns with the button's start, not with its end.
    #[prop(optional)]
    start: bool,
    /// The items; created when it opens.
    children: ChildrenFn,
) -> impl IntoView {
    let open = RwSignal::new(false);
    provide_context(MenuState { open });
    let root = NodeRef::<html::Div>::new();
    let list = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    let children = StoredValue::new(children);
    Effect::new(move || {
        if open.get() {
            focus_item(list, 0);
        }
    });
    let on_key = move |event: KeyboardEvent| {
        let now = items(list).iter().position(|item| document().active_element().as_ref() == Some(item.as_ref()));
        let now = now.map_or(0, |now| now as i32);
        match event.key().as_str() {
            "ArrowDown" => focus_item(list, now + 1),
            "ArrowUp" => focus_item(list, now - 1),
            "Home" => focus_item(list, 0),
            "End" => focus_item(list, -1),
            "Escape" => {
                open.set(false);
                if let Some(button) = button.get_untracked() {
                    let _ = button.focus();
                }
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let on_leave = move |event: FocusEvent| {
        let to = event.related_target().and_then(|to| to.dyn_into::<Node>().ok());
        let inside = root.get_untracked().is_some_and(|root| to.is_some() && root.contains(to.as_ref()));
        if !inside && to.is_some() {
            open.set(false);
        }
    };
    let elsewhere = window_event_listener(leptos::ev::pointerdown, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
        let inside = root.get_untracked().is_some_and(|root| root.contains(target.as_ref()));
        if open.get_untracked() && !inside {
            open.set(false);
        }
    });
    on_cleanup(move || elsewhere.remove());
    view! {
        <div class="menu" node_ref=root on:focusout=on_leave>
            <Button label=label glyph=glyph icon_only=icon_only class=class kind=ButtonKind::Quiet expanded=open node=button
                on_press=move || open.update(|open| *open = !*open) />
            <When on=open>
                <div class="menu-list" class:start=start role="menu" aria-label=move || label.get() node_ref=list on:keydown=on_key>
                    {children.with_value(|children| children())}
                </div>
            </When>
        </div>
    }
}

#[derive(Clone, Copy, Debug)]
struct MenuState {
    open: RwSignal<bool>,
}

/// An entry of a [`Menu`].
#[component]
pub fn MenuItem(
    /// The label.
    #[prop(into)]
    label: Signal<String>,
    /// The icon.
    #[prop(optional)]
    glyph: Option<Glyph>,
    /// Whether it removes something.
    #[prop(optional)]
    danger: bool,
    /// Whether it is disabled.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// The action.
    #[prop(into)]
    on_choose: UnsyncCallback<()>,
) -> impl IntoView {
    let menu = use_context::<MenuState>();
    view! {
        <button type="button" class="menu-item" class:danger=danger role="menuitem" tabindex="-1"
            disabled=move || disabled.get()
            on:click=move |_| {
                if let Some(menu) = menu {
                    menu.open.set(false);
                }
                on_choose.run(());
            }>
            {glyph.map(|glyph| view! { <super::Icon glyph=glyph size="s" /> })}
            <span>{move || label.get()}</span>
        </button>
    }
}

fn items(list: NodeRef<html::Div>) -> Vec<HtmlElement> {
    let Some(list) = list.get_untracked() else { return Vec::new() };
    let Ok(found) = list.query_selector_all("[role=menuitem]:not(:disabled)") else { return Vec::new() };
    (0..found.length()).filter_map(|i| found.get(i)?.dyn_into().ok()).collect()
}

fn focus_item(list: NodeRef<html::Div>, at: i32) {
    let items = items(list);
    if !items.is_empty() {
        let _ = items[at.rem_euclid(items.len() as i32) as usize].focus();
    }
}
