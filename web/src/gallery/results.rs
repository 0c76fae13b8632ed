//! The contents of a results zip: its images with their labels, and its manifest. A worker of its own opens it.

use augment_api::Image;
use augment_core::digest::Digest;
use augment_web_messages::Listing;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use super::model::Gallery;
use super::picture;
use crate::engine::{Engine, OpenOptions};
use crate::preview::overlay::{Pen, Shown, context, draw};
use crate::preview::put;
use crate::ui::{Button, CopyButton, Glyph, Icon, Notice, Tone, bytes, counted};

/// Larger zips open only on demand.
const AT_ONCE: u64 = 24_000_000;
/// Pictures that are shown at first.
const SHOWN: usize = 24;
/// The longest side of a picture in pixels.
const SIDE: u32 = 360;
/// Characters of the manifest that are shown.
const MANIFEST: usize = 60_000;

/// The contents of a zip.
#[derive(Clone)]
struct Opened {
    engine: Engine,
    listing: Listing,
    manifest: String,
}

/// The results of an image.
#[component]
pub(super) fn Results(image: Image) -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    let opened = RwSignal::new(None::<SendWrapper<Opened>>);
    let (busy, error) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let Some(results) = image.results.clone() else { return ().into_any() };
    let id = image.facts.id;
    let sha256 = results.sha256;
    let open = move || {
        busy.set(true);
        error.set(None);
        let (id, sha256) = (id.clone(), sha256.clone());
        spawn_local(async move {
            let outcome = unpack(gallery, &id, &sha256).await;
            busy.try_set(false);
            match outcome {
                Ok(found) => drop(opened.try_set(Some(SendWrapper::new(found)))),
                Err(words) => drop(error.try_set(Some(words))),
            }
        });
    };
    let open = StoredValue::new_local(open);
    let start = move || open.with_value(|open| open());
    if results.size <= AT_ONCE {
        start();
    }
    view! {
        <section class="one-results" aria-labelledby="one-results">
            <h2 class="panel-title" id="one-results">"Results"</h2>
            {move || busy.get().then(|| view! { <p class="busy soft"><span class="spinner" aria-hidden="true"></span>"Opening the zip"</p> })}
            {move || error.get().map(|error| view! {
                <Notice tone=Tone::Danger><p>{error}</p><Button label="Try again" class="small" on_press=start /></Notice>
            })}
            {move || match opened.get() {
                Some(found) => view! { <Inside found=(*found).clone() /> }.into_any(),
                None if busy.get() || error.with(Option::is_some) => ().into_any(),
                None => view! { <Button label=format!("Show the results ({})", bytes(results.size)) glyph=Glyph::Eye on_press=start /> }.into_any(),
            }}
        </section>
    }
    .into_any()
}

/// Downloads the zip, checks its hash, and opens it.
async fn unpack(gallery: Gallery, id: &str, sha256: &str) -> Result<Opened, String> {
    let bytes = picture::bytes(gallery, id, "results").await.map_err(|error| gallery.error_text(&error))?;
    if Digest::of(&bytes.to_vec()).to_hex() != sha256 {
        return Err("The download does not match the gallery's record. Try again.".into());
    }
    let unread = || "The zip cannot be opened.".to_owned();
    let file = File::new_with_u8_array_sequence(&js_sys::Array::of1(&bytes), "results.zip").map_err(|_| unread())?;
    let engine = Engine::new();
    let files = vec![("results.zip".to_owned(), file)];
    let listing = engine.open(files, OpenOptions::default()).await.map_err(|refusal| refusal.message)?;
    let manifest = match engine.read("manifest.jsonl").await {
        Ok(source) => {
            JsFuture::from(source.file.text()).await.ok().and_then(|text| text.as_string()).unwrap_or_default()
        }
        Err(_) => String::new(),
    };
    Ok(Opened { engine, listing, manifest })
}

#[component]
fn Inside(found: Opened) -> impl IntoView {
    let Opened { engine, listing, manifest } = found;
    let all = RwSignal::new(false);
    let total = listing.items.len();
    let labeled = listing.items.iter().filter(|item| item.labeled).count();
    let labels = if labeled == 0 { "no labels".to_owned() } else { format!("labels in {}", listing.format_title) };
    let kept = StoredValue::new(SendWrapper::new((engine, listing)));
    let lines = manifest.lines().count();
    let short: String = manifest.chars().take(MANIFEST).collect();
    let cut = (short.len() < manifest.len()).then(|| view! { <p class="small soft">"The rest is in the zip."</p> });
    view! {
        <p class="small soft">{format!("{}, {labels}", counted(total, "image", "images"))}</p>
        <ul class="result-grid" aria-label="Results">
            {move || {
                let most = if all.get() { total } else { SHOWN };
                (0..total.min(most)).map(|item| view! { <Result item=item kept=kept /> }).collect_view()
            }}
        </ul>
        {move || (total > SHOWN && !all.get()).then(|| view! { <Button label=format!("Show all {total}") on_press=move || all.set(true) /> })}
        {(lines > 0).then(|| view! {
            <details class="fold">
                <summary><Icon glyph=Glyph::Right size="s" /><span class="grow">{format!("Manifest: {}", counted(lines, "line", "lines"))}</span></summary>
                <pre class="command mono" tabindex="0" aria-label="Manifest">{short}</pre>
                {cut}
                <CopyButton text=manifest label="Copy the manifest" words=true />
            </details>
        })}
    }
}

/// One result with its labels.
#[component]
fn Result(item: usize, kept: StoredValue<SendWrapper<(Engine, Listing)>>) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    let objects = RwSignal::new(None::<usize>);
    let name = kept.with_value(|kept| kept.1.items.get(item).map(|item| item.name.clone())).unwrap_or_default();
    let last = name.rsplit('/').next().unwrap_or_default().to_owned();
    let alt = format!("{last}, a result");
    Effect::new(move || {
        let Some(canvas) = canvas.get() else { return };
        let Some((engine, classes)) = kept.try_with_value(|kept| (kept.0.clone(), kept.1.classes.clone())) else {
            return;
        };
        spawn_local(async move {
            let Ok((picture, Some(pixels))) = engine.thumbnail(item, SIDE).await else { return };
            put(&canvas, &pixels.image);
            if let Some(context) = context(&canvas) {
                let pen = Pen { scale: 1.0, x: 0.0, y: 0.0, dot: 1.0, all_names: false };
                draw(&context, &picture, &classes, Shown { labels: true, dropped: false, names: true }, pen);
            }
            objects.try_set(Some(picture.kept.len()));
        });
    });
    view! {
        <li class="result">
            <canvas class="result-picture" role="img" aria-label=alt node_ref=canvas width="12" height="8"></canvas>
            <span class="small truncate" title=name>{last}</span>
            <span class="tiny soft num">{move || objects.get().filter(|count| *count > 0).map(|count| counted(count, "object", "objects"))}</span>
        </li>
    }
}
