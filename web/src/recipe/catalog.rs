//! The catalog of transforms: search, groups by kind, and a picture of each effect.

use augment_core::transforms::{CATALOG, Descriptor, Kind};
use leptos::html;
use leptos::prelude::*;
use serde_json::json;

use super::editor::{Editor, title};
use super::thumbnails::{StepThumbnails, thumbnail};
use crate::erased::{effect, live, memo};
use crate::ui::Dialog;

const KINDS: [(Kind, &str, &str); 5] = [
    (Kind::Geometric, "Geometric", "Move pixels and labels together."),
    (Kind::Pixel, "Pixel", "Change light and color; labels stay."),
    (Kind::Neighborhood, "Neighborhood", "Change every pixel based on its neighbors; labels stay."),
    (Kind::Occlusion, "Occlusion", "Cover parts of the image."),
    (Kind::Mixing, "Mixing", "Combine several images of the dataset."),
];

const GROUPS: [(&str, &str); 3] = [
    ("one_of", "Runs one of its steps, picked by weight."),
    ("some_of", "Runs a few of its steps, in order."),
    ("sequence", "Runs all of its steps or none, with one probability."),
];

/// The dialog; open while [`Editor::adding`] has a position.
pub(super) fn catalog(editor: Editor) -> AnyView {
    let open = RwSignal::new(false);
    effect(move || open.set(editor.adding.with(Option::is_some)));
    effect(move || {
        if !open.get() && editor.adding.with_untracked(Option::is_some) {
            editor.adding.set(None);
        }
    });
    view! {
        <Dialog open=open title="Add a step" class="broad catalog">{content(editor)}</Dialog>
    }
    .into_any()
}

fn content(editor: Editor) -> AnyView {
    let query = RwSignal::new(String::new());
    let field = NodeRef::<html::Input>::new();
    let thumbnails = StepThumbnails::of_chosen_image(editor.studio);
    effect(move || {
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });
    let add = Callback::new(move |op: &'static str| {
        let Some(place) = editor.adding.get_untracked() else { return };
        editor.adding.set(None);
        let step = if super::is_group(op) { json!({ "op": op, "steps": [] }) } else { json!({ "op": op }) };
        editor.insert(&step, place);
    });
    let sections: Vec<AnyView> = KINDS
        .into_iter()
        .map(|(kind, name, about)| {
            let entries: Vec<&'static Descriptor> =
                CATALOG.iter().copied().filter(|entry| entry.kind == kind).collect();
            let any = {
                let entries = entries.clone();
                move || query.with(|query| entries.iter().any(|entry| matches(query, entry.op, entry.summary)))
            };
            let tiles: Vec<AnyView> = entries.into_iter().map(|entry| tile(entry, query, thumbnails, add)).collect();
            view! {
                <section class="catalog-kind" hidden=live(move || !any())>
                    <h3 class="catalog-title">{name}<span class="soft small">{about}</span></h3>
                    <div class="catalog-tiles">{tiles}</div>
                </section>
            }
            .into_any()
        })
        .collect();
    let groups: Vec<AnyView> = GROUPS
        .into_iter()
        .map(|(op, about)| {
            view! {
                <button type="button" class="tile flat" hidden=live(move || !query.with(|query| matches(query, op, about)))
                    on:click=move |_| add.run(op)>
                    <span class="tile-words"><span class="tile-name">{title(op)}</span><span class="tile-about">{about}</span></span>
                </button>
            }
            .into_any()
        })
        .collect();
    let found = memo(move || {
        query.with(|query| CATALOG.iter().filter(|entry| matches(query, entry.op, entry.summary)).count())
    });
    let group_found = memo(move || query.with(|query| GROUPS.iter().any(|(op, about)| matches(query, op, about))));
    view! {
        <div class="catalog-search">
            <input class="input" type="search" placeholder="Search: blur, color, crop…" aria-label="Search the catalog" autocomplete="off"
                node_ref=field
                prop:value=live(move || query.get())
                on:input=move |event| query.set(event_target_value(&event))
                on:keydown=move |event| {
                    // Enter adds the first match.
                    if event.key() == "Enter" && !query.with_untracked(String::is_empty) {
                        event.prevent_default();
                        let first = query.with_untracked(|query| CATALOG.iter().find(|entry| matches(query, entry.op, entry.summary)).map(|entry| entry.op));
                        if let Some(op) = first {
                            add.run(op);
                        }
                    }
                } />
            <span class="soft small num" role="status">{live(move || format!("{} of {}", found.get(), CATALOG.len()))}</span>
        </div>
        <div class="dialog-body">
            {sections}
            <section class="catalog-kind" hidden=live(move || !group_found.get())>
                <h3 class="catalog-title">"Groups"<span class="soft small">"Choose steps at random."</span></h3>
                <div class="catalog-tiles">{groups}</div>
            </section>
            <p class="soft" hidden=live(move || found.get() > 0 || group_found.get())>"Nothing found. Try one word, such as “blur” or “crop”."</p>
        </div>
    }
    .into_any()
}

fn tile(
    entry: &'static Descriptor,
    query: RwSignal<String>,
    thumbnails: StepThumbnails,
    add: Callback<&'static str>,
) -> AnyView {
    view! {
        <button type="button" class="tile" hidden=live(move || !query.with(|query| matches(query, entry.op, entry.summary)))
            on:click=move |_| add.run(entry.op)>
            {thumbnail(thumbnails, entry)}
            <span class="tile-words">
                <span class="tile-name">{title(entry.op)}</span>
                <span class="tile-about">{first_sentence(entry.summary)}</span>
            </span>
        </button>
    }
    .into_any()
}

/// Whether the name or description contains each word of a query.
fn matches(query: &str, op: &str, about: &str) -> bool {
    let text = format!("{} {op} {about}", op.replace('_', " ")).to_lowercase();
    query.to_lowercase().split_whitespace().all(|word| text.contains(&word.replace("colour", "color")))
}

fn first_sentence(summary: &str) -> String {
    let summary = summary.trim();
    let end = summary.find(". ").or_else(|| summary.find(": ")).unwrap_or(summary.len());
    summary[..end].trim_end_matches('.').replace('`', "")
}
