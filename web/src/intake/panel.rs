//! The panel of the dataset: images, labels, classes, problems.

use augment_web_messages::Listing;
use leptos::prelude::*;

use super::Intake;
use super::list::ImageList;
use super::pickers::Pickers;
use super::splits::Splits;
use super::thumbnails::color;
use crate::studio_state::Studio;
use crate::ui::{Glyph, Icon, Menu, MenuItem, Notice, Tone, bytes, count, counted};

/// Classes that are shown at first.
const CLASSES_SHOWN: usize = 12;
/// The most problems that are listed; the rest is counted.
const PROBLEMS_SHOWN: usize = 200;

/// The dataset.
#[component]
pub fn DataPanel() -> impl IntoView {
    let studio = expect_context::<Studio>();
    let intake = expect_context::<Intake>();
    let running = studio.running;
    view! {
        <div class="data">
            <div class="panel-head data-head">
                <h2 class="panel-title">"Dataset"</h2>
                <Menu label="More about the dataset">
                    <MenuItem label="Use the sample instead" glyph=Glyph::Images disabled=running on_choose=move || intake.sample() />
                    <MenuItem label="Clear all" glyph=Glyph::Trash danger=true disabled=running on_choose=move || intake.clear() />
                </Menu>
            </div>
            <Busy />
            {move || studio.listing.with(|listing| listing.as_ref().map(summary))}
            <ImageList />
            <div class="data-add row"><Pickers class="small" /></div>
        </div>
    }
}

/// The current activity, with a button to stop it.
#[component]
pub(super) fn Busy() -> impl IntoView {
    let intake = expect_context::<Intake>();
    view! {
        <div role="status">
            {move || intake.busy.get().map(|words| view! {
                <div class="busy">
                    <span class="spinner" aria-hidden="true"></span>
                    <span class="grow num">{words}</span>
                    <button type="button" class="button quiet small" on:click=move |_| intake.stop()>"Stop"</button>
                </div>
            })}
        </div>
    }
}

fn summary(listing: &Listing) -> impl IntoView + use<> {
    let labeled = listing.labeled.iter().map(|(title, number)| format!("{title} on {}", count(*number as u64)));
    let folders =
        (listing.in_class_folders > 0).then(|| format!("class folders for {}", count(listing.in_class_folders as u64)));
    let masks = (listing.masks > 0).then(|| counted(listing.masks, "mask", "masks"));
    let labels: Vec<String> = labeled.chain(folders).chain(masks).collect();
    let labels = if labels.is_empty() { "no labels".to_owned() } else { labels.join(", ") };
    let facts = format!("{} · {}", counted(listing.items.len(), "image", "images"), bytes(listing.bytes));
    view! {
        <div class="data-facts">
            <p><span class="strong num">{facts}</span><br /><span class="soft small num">{labels}</span></p>
            {(listing.splits.len() > 1).then(|| view! { <Splits splits=listing.splits.clone() /> })}
            {classes(listing)}
            {problems(listing)}
            {remarks(&listing.warnings, Tone::Warn)}
            {remarks(&listing.notes, Tone::Info)}
        </div>
    }
}

fn classes(listing: &Listing) -> Option<impl IntoView + use<>> {
    if listing.classes.is_empty() {
        return None;
    }
    let more = listing.classes.len().saturating_sub(CLASSES_SHOWN);
    let chips = listing.classes.iter().take(CLASSES_SHOWN).map(|class| {
        view! {
            <li class="chip">
                <span class="chip-dot" style:background-color=color(class.color)></span>
                <span class="truncate">{class.name.clone()}</span>
            </li>
        }
    });
    let chips = chips.collect_view();
    Some(view! {
        <ul class="chips" aria-label="Classes">
            {chips}
            {(more > 0).then(|| view! { <li class="chip">{format!("and {} more", count(more as u64))}</li> })}
        </ul>
    })
}

fn problems(listing: &Listing) -> Option<impl IntoView + use<>> {
    let number = listing.problems.len();
    if number == 0 {
        return None;
    }
    let shown = listing.problems.iter().take(PROBLEMS_SHOWN);
    let rows = shown.map(|problem| (problem.file.clone(), problem.message.clone()));
    let title = format!("{} cannot be used", counted(number, "file", "files"));
    Some(view! {
        <details class="fold problems" open=number <= 3>
            <summary>
                <Icon glyph=Glyph::Right size="s" />
                <span class="problem-icon"><Icon glyph=Glyph::Error size="s" /></span>
                {title}
            </summary>
            <ProblemRows rows=rows.collect() more=number.saturating_sub(PROBLEMS_SHOWN) />
        </details>
    })
}

/// Files, each with its problem.
#[component]
pub(super) fn ProblemRows(rows: Vec<(String, String)>, #[prop(optional)] more: usize) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|(file, message)| view! { <li><span class="strong">{file}</span><span class="soft">{message}</span></li> })
        .collect_view();
    view! {
        <ul class="problem-rows">
            {rows}
            {(more > 0).then(|| view! { <li class="soft">{format!("and {} more", count(more as u64))}</li> })}
        </ul>
    }
}

fn remarks(texts: &[String], tone: Tone) -> impl IntoView + use<> {
    let text = match texts {
        [] => return None,
        [one] => one.clone(),
        [first, ..] => format!("{first} (and {} more like it)", count(texts.len() as u64 - 1)),
    };
    Some(view! { <Notice tone=tone><p>{text}</p></Notice> })
}
