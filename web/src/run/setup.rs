//! The setup of a run: count, seed, formats and destination.

use leptos::prelude::*;
use serde_json::Value;

use super::estimate;
use super::runs::{Runs, can_choose_file};
use crate::browser;
use crate::service::Service;
use crate::settings::Settings;
use crate::studio_state::{MAX_COUNT, MAX_SEED, ShareMode, Studio};
use crate::ui::{
    Button, ButtonKind, Glyph, Icon, Notice, NumberField, Segments, Switch, Tone, When, bytes, count, counted,
};

/// The setup of the next run, and the button that starts it.
#[component]
pub(super) fn Setup() -> impl IntoView {
    let studio = expect_context::<Studio>();
    let runs = expect_context::<Runs>();
    let settings = expect_context::<Settings>();
    let service = expect_context::<Service>();
    let blocker = Memo::new(move |_| runs.blocker());
    let output = move |name: &'static str| move || studio.output.with(|output| output[name].clone());
    let set_output = move |name: &'static str, value: Value| studio.output.update(|output| output[name] = value);
    let format = Signal::derive(move || output("format")().as_str().unwrap_or("jpeg").to_owned());
    let quality = Signal::derive(move || output("quality")().as_u64().unwrap_or(90));
    let originals = RwSignal::new(untrack(|| studio.originals()));
    Effect::new(move || originals.set(studio.originals()));
    Effect::watch(
        move || originals.get(),
        move |on, _, _| {
            if untrack(|| studio.originals()) != *on {
                set_output("include_original", (*on).into());
            }
        },
        false,
    );
    let labels = Signal::derive(move || studio.labels.get().unwrap_or_else(|| "auto".into()));
    let has_quality = Signal::derive(move || matches!(format.get().as_str(), "jpeg" | "keep"));
    let new_seed = move || {
        let seed = (js_sys::Math::random() * 1e6) as u64;
        studio.seed.set(seed);
    };
    // On a small panel the fields open on demand; elsewhere they are always visible.
    let shown = RwSignal::new(false);
    let dot = move || if studio.sheet.get() { "" } else { "no contact sheet" };
    view! {
        <div class="stack run-setup" class:open=move || shown.get()>
            <Sum />
            <Button label="Output settings" glyph=Glyph::Sliders class="run-fields-button" expanded=shown
                on_press=move || shown.update(|shown| *shown = !*shown) />
            <div class="stack run-fields">
            <div class="run-pair">
                <NumberField label="Copies per image" value=Signal::derive(move || studio.count.get().into())
                    on_set=move |number: u64| studio.count.set(number as u32) min=1 max=u64::from(MAX_COUNT) />
                <div class="field">
                    <NumberField label="Seed" value=studio.seed on_set=move |number: u64| studio.seed.set(number) min=0 max=MAX_SEED plain=true />
                    <Button label="Another seed" glyph=Glyph::Dice icon_only=true class="seed-dice tip-end" on_press=new_seed />
                </div>
            </div>
            <Segments label="Image format" value=format on_choose=move |key: &'static str| set_output("format", key.into())
                choices=vec![("jpeg", "JPEG", None), ("png", "PNG", None), ("webp", "WebP", None), ("keep", "As source", None)] />
            <When on=has_quality>
                <label class="field">
                    <span class="row apart"><span class="field-label">"JPEG quality"</span><span class="num small">{move || quality.get()}</span></span>
                    <input class="slider" type="range" min="1" max="100" prop:value=move || quality.get().to_string()
                        on:input=move |event| {
                            if let Ok(number) = event_target_value(&event).parse::<u64>() {
                                set_output("quality", number.into());
                            }
                        } />
                </label>
            </When>
            <label class="field">
                <span class="field-label">"Labels written as"</span>
                <select class="select" prop:value=move || labels.get() on:change=move |event| {
                    let value = event_target_value(&event);
                    studio.labels.set((value != "auto").then_some(value));
                }>
                    <option value="auto">{move || own_format(studio)}</option>
                    <option value="voc">"Pascal VOC"</option>
                    <option value="yolo">"YOLO"</option>
                    <option value="yolo-obb">"YOLO OBB"</option>
                    <option value="coco">"COCO"</option>
                    <option value="labelme">"LabelMe"</option>
                    <option value="csv">"CSV"</option>
                    <option value="hf">"Hugging Face"</option>
                    <option value="none">"No labels"</option>
                </select>
            </label>
            <details class="fold run-more">
                <summary>
                    <Icon glyph=Glyph::Right size="s" />
                    <span class="grow">"More"</span>
                    <span class="faint tiny">{dot}</span>
                </summary>
                <div class="stack tight">
                    <Switch label="Write the originals too" on=originals />
                    <Switch label="Make a contact sheet" on=studio.sheet />
                    <NumberField label="Workers" value=Signal::derive(move || settings.worker_count())
                        on_set=move |number: u64| settings.workers.set(number) min=1 max=64
                        help="One for each processor core is fastest; fewer leave room for other work." />
                </div>
            </details>
            <Destination />
            </div>
            {move || blocker.get().map(|words| view! { <Notice tone=Tone::Warn><p>{words}</p></Notice> })}
            <div class="run-start">
                <Button label="Augment" glyph=Glyph::Play kind=ButtonKind::Primary class="large wide" keys="Control+Enter Meta+Enter"
                    disabled=Signal::derive(move || blocker.with(Option::is_some)) on_press=move || runs.start() />
                <When on=Signal::derive(move || service.address.with(Option::is_some))>
                    <Button label="Augment on the server" glyph=Glyph::Upload class="wide" kind=ButtonKind::Quiet
                        disabled=Signal::derive(move || blocker.with(Option::is_some))
                        on_press=move || studio.share.set(Some(ShareMode::Server)) />
                </When>
                <p class="tiny faint run-hint">
                    <kbd>{if browser::is_apple() { "⌘" } else { "Ctrl" }}</kbd> " " <kbd>"Enter"</kbd>
                </p>
            </div>
        </div>
    }
}

fn own_format(studio: Studio) -> String {
    studio.listing.with(|listing| match listing {
        Some(listing) if listing.format != "none" => format!("As in the dataset ({})", listing.format_title),
        _ => "As in the dataset".into(),
    })
}

/// The outputs of the run: "60 images × 5 copies + 20 unchanged".
#[component]
fn Sum() -> impl IntoView {
    let studio = expect_context::<Studio>();
    let sum = move || {
        let (augmented, unchanged) = studio.images();
        let originals = if studio.originals() { " + originals" } else { "" };
        let unchanged = if unchanged > 0 { format!(" + {} unchanged", count(unchanged)) } else { String::new() };
        format!(
            "{} × {}{originals}{unchanged}",
            counted(augmented as usize, "image", "images"),
            counted(studio.count.get() as usize, "copy", "copies")
        )
    };
    let size = Memo::new(move |_| estimate::bytes(studio));
    view! {
        <div class="run-sum">
            <p class="run-sum-total num">{move || count(studio.outputs())} <span>" outputs"</span></p>
            <p class="small soft num">{sum} <br /> {move || format!("about {} to save", bytes(size.get()))}</p>
        </div>
    }
}

/// Where the zip goes.
#[component]
fn Destination() -> impl IntoView {
    let runs = expect_context::<Runs>();
    if !can_choose_file() {
        return view! { <p class="field-help">"The browser makes the zip and saves it when it is complete."</p> }
            .into_any();
    }
    let on = RwSignal::new(untrack(|| runs.writes_to_file()));
    Effect::new(move || on.set(runs.writes_to_file()));
    Effect::watch(
        move || on.get(),
        move |on, _, _| {
            if untrack(|| runs.writes_to_file()) != *on {
                runs.to_file.set(Some(*on));
            }
        },
        false,
    );
    let help = Signal::derive(move || {
        Some(if on.get() {
            "You choose the file first; it grows during the run.".to_owned()
        } else {
            "The browser keeps the zip until you save it.".to_owned()
        })
    });
    view! { <Switch label="Write straight to a file I choose" on=on help=help /> }.into_any()
}
