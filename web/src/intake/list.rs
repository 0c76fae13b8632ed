//! The list of images. Only the rows in view exist, so ten thousand images cost no more than ten.

use augment_web_messages::{ItemInfo, Listing};
use leptos::html;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{KeyboardEvent, ResizeObserver};

use super::thumbnails::Thumbnails;
use crate::engine::Engine;
use crate::studio_state::{Studio, Tab};
use crate::ui::{bytes, count};

/// The height of a row in CSS pixels, as in the style sheet.
const ROW: f64 = 48.0;
/// Extra rows above and below the view, so that fast scrolling shows no gaps.
const BEYOND: usize = 4;

/// The images of the dataset, to select one.
#[component]
pub(super) fn ImageList() -> impl IntoView {
    let studio = expect_context::<Studio>();
    let engine = expect_context::<Engine>();
    let list = NodeRef::<html::Div>::new();
    let top = RwSignal::new(0.0_f64);
    let height = RwSignal::new(400.0_f64);
    let total = Memo::new(move |_| of(studio, |listing| listing.items.len()).unwrap_or_default());
    // A new listing needs new thumbnails.
    let thumbnails = Memo::new_with_compare(
        move |_| {
            studio.listing.with(|listing| {
                let classes = listing.as_ref().map_or(&[][..], |listing| &listing.classes);
                Thumbnails::new(engine.clone(), classes)
            })
        },
        |_, _| true,
    );
    let edition = Memo::new(move |before: Option<&u32>| {
        studio.listing.track();
        before.map_or(0, |before| before + 1)
    });

    let look = move || {
        if let Some(list) = list.get_untracked() {
            top.set(f64::from(list.scroll_top()));
            height.set(f64::from(list.client_height()));
        }
    };
    // The height of the list changes with the window, with the elements above it, and when its tab is shown.
    let resized = SendWrapper::new(Closure::<dyn FnMut()>::new(look));
    let observer = ResizeObserver::new((*resized).as_ref().unchecked_ref()).ok().map(SendWrapper::new);
    let watching = observer.clone();
    Effect::new(move || {
        if let (Some(observer), Some(list)) = (&watching, list.get()) {
            observer.observe(&list);
        }
    });
    on_cleanup(move || {
        if let Some(observer) = observer {
            observer.disconnect();
        }
        drop(resized);
    });

    // Scrolls the selected row into view.
    Effect::new(move || {
        let at = studio.chosen.get() as f64 * ROW;
        let Some(list) = list.get() else { return };
        let (from, room) = (f64::from(list.scroll_top()), f64::from(list.client_height()));
        if at < from {
            list.set_scroll_top(at as i32);
        } else if at + ROW > from + room {
            list.set_scroll_top((at + ROW - room) as i32);
        }
    });

    let range = Memo::new(move |_| {
        let first = (top.get() / ROW) as usize;
        let rows = (height.get() / ROW) as usize + 1;
        (first.saturating_sub(BEYOND), (first + rows + BEYOND).min(total.get()))
    });
    let on_key = move |event: KeyboardEvent| {
        let last = total.get_untracked().saturating_sub(1);
        let page = ((height.get_untracked() / ROW) as usize).max(1);
        let now = studio.chosen.get_untracked();
        let to = match event.key().as_str() {
            "ArrowDown" => now + 1,
            "ArrowUp" => now.saturating_sub(1),
            "PageDown" => now + page,
            "PageUp" => now.saturating_sub(page),
            "Home" => 0,
            "End" => last,
            "Enter" | " " => {
                studio.tab.set(Tab::Preview);
                event.prevent_default();
                return;
            }
            _ => return,
        };
        event.prevent_default();
        studio.chosen.set(to.min(last));
    };
    view! {
        <div class="images" role="listbox" tabindex="0" aria-label="Images" node_ref=list
            aria-activedescendant=move || format!("image-{}", studio.chosen.get())
            on:scroll=move |_| look() on:keydown=on_key>
            <div class="images-room" role="presentation" style:height=move || format!("{}px", total.get() as f64 * ROW)>
                <For
                    each=move || { let (from, to) = range.get(); let edition = edition.get(); (from..to).map(move |at| (edition, at)) }
                    key=|key| *key
                    children=move |(_, at)| {
                        let item = of(studio, |listing| listing.items.get(at).cloned()).flatten();
                        item.map(|item| view! { <ImageRow at=at item=item total=total thumbnails=thumbnails.get_untracked() /> })
                    }
                />
            </div>
        </div>
    }
}

fn of<T>(studio: Studio, get: impl FnOnce(&Listing) -> T) -> Option<T> {
    studio.listing.with(|listing| listing.as_ref().map(get))
}

#[component]
fn ImageRow(at: usize, item: ItemInfo, total: Memo<usize>, thumbnails: Thumbnails) -> impl IntoView {
    let studio = expect_context::<Studio>();
    let place = NodeRef::<html::Span>::new();
    Effect::new(move || {
        if let Some(place) = place.get() {
            let thumbnails = thumbnails.clone();
            // When the row is in the document.
            request_animation_frame(move || thumbnails.request(at, (*place).clone().into()));
        }
    });
    let (folder, name) = match item.name.rsplit_once('/') {
        Some((folder, name)) => (format!(" · {folder}/"), name.to_owned()),
        None => (String::new(), item.name.clone()),
    };
    let about = match (&item.class, item.labeled, item.masked) {
        (Some(class), ..) => format!("class {class}"),
        (None, true, _) => "labeled".into(),
        (None, false, true) => "with a mask".into(),
        (None, false, false) => "no labels".into(),
    };
    view! {
        <div class="image-row" class:chosen=move || studio.chosen.get() == at id=format!("image-{at}") role="option"
            aria-selected=move || (studio.chosen.get() == at).to_string()
            aria-setsize=move || total.get() aria-posinset=at + 1
            style:top=format!("{}px", at as f64 * ROW)
            title=item.name
            on:click=move |_| studio.chosen.set(at)>
            <span class="image-thumb" node_ref=place></span>
            <span class="image-words">
                <span class="image-name"><span class="truncate">{name}</span></span>
                <span class="image-about truncate num">{about} " · " {bytes(item.bytes)} {folder}</span>
            </span>
            <span class="image-number num" aria-hidden="true">{count(at as u64 + 1)}</span>
        </div>
    }
}
