//! The settings page.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Settings;
use crate::browser;
use crate::offline::Offline;
use crate::service::Service;
use crate::studio_state::Studio;
use crate::ui::{Button, Glyph, NumberField, Segments, Toaster, Tone, When, bytes};
use crate::upload_cache;

/// The settings page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let settings = expect_context::<Settings>();
    let theme = settings.theme;
    view! {
        <div class="settings">
            <h1 class="settings-title">"Settings"</h1>
            <p class="soft">"Stored in this browser, for this page only."</p>
            <section class="card" aria-labelledby="settings-look">
                <h2 class="panel-title" id="settings-look">"Appearance"</h2>
                <Segments label="Theme" value=theme on_choose=move |key: &'static str| theme.set(key.into())
                    choices=vec![("auto", "Same as the system", Some(Glyph::Contrast)), ("light", "Light", Some(Glyph::Sun)), ("dark", "Dark", Some(Glyph::Moon))] />
                <Segments label="Preview pictures" value=Signal::derive(move || settings.preview_side.get().to_string())
                    on_choose=move |key: &'static str| settings.preview_side.set(key.parse().unwrap_or(720))
                    choices=vec![("320", "Fastest", None), ("480", "Smaller", None), ("720", "Default", None), ("1024", "Largest", None)] />
            </section>
            <section class="card" aria-labelledby="settings-run">
                <h2 class="panel-title" id="settings-run">"Runs"</h2>
                <NumberField label="Workers" value=Signal::derive(move || settings.worker_count())
                    on_set=move |number: u64| settings.workers.set(number) min=1 max=64
                    help="One for each processor core is fastest; fewer leave room for other work." />
                <p class="small soft">{format!("The browser reports {} cores.", browser::cores())}</p>
                <When on=Signal::derive(move || settings.workers.get() != 0)>
                    <Button label="Use all cores" class="small" on_press=move || settings.workers.set(0) />
                </When>
            </section>
            <Sharing />
            <Stored />
            <Keys />
            <About />
        </div>
    }
}

/// The gallery to share with, and who is signed in.
#[component]
fn Sharing() -> impl IntoView {
    let service = expect_context::<Service>();
    let text = RwSignal::new(service.address.get_untracked().unwrap_or_default());
    let wrong = RwSignal::new(None::<&'static str>);
    let take = move || wrong.set(service.choose(&text.get_untracked()).err());
    view! {
        <section class="card" aria-labelledby="settings-sharing">
            <h2 class="panel-title" id="settings-sharing">"Gallery"</h2>
            {if service.named {
                let address = service.address.get_untracked().unwrap_or_default();
                view! { <p>"This page belongs to the gallery at " <code class="wrap">{address}</code> "."</p> }.into_any()
            } else {
                view! {
                    <label class="field">
                        <span class="field-label">"Address of the API"</span>
                        <span class="joined">
                            <input class="input" type="url" inputmode="url" aria-label="Address of the API" placeholder="https://api.example.org" prop:value=move || text.get()
                                aria-invalid=move || wrong.with(Option::is_some).to_string()
                                on:input=move |event| text.set(event_target_value(&event)) on:change=move |_| take() />
                            <button type="button" class="button" on:click=move |_| take()>"Use it"</button>
                        </span>
                        {move || match wrong.get() {
                            Some(words) => view! { <p class="field-error" role="alert">{words}</p> }.into_any(),
                            None => view! { <p class="field-help">"Without one, the page makes no requests."</p> }.into_any(),
                        }}
                    </label>
                }.into_any()
            }}
            {move || service.session.get().map(|session| view! {
                <div class="row">
                    <span>{format!("Signed in as {}", session.name)}</span>
                    <Button label="Sign out" class="small" on_press=move || service.session.set(None) />
                </div>
            })}
            <When on=Signal::derive(move || service.address.with(Option::is_some) && service.session.with(Option::is_none))>
                <p class="small soft">"You are not signed in. If a gallery requires it, " <a href="#gallery">"it asks"</a> "."</p>
            </When>
        </section>
    }
}

/// What the page stores in this browser, with a button to remove unsaved zips.
#[component]
fn Stored() -> impl IntoView {
    let studio = expect_context::<Studio>();
    let toaster = expect_context::<Toaster>();
    let used = RwSignal::new(None::<(u64, u64)>);
    let look = move || spawn_local(async move { used.set(upload_cache::usage().await) });
    look();
    let busy = Signal::derive(move || studio.running.get() || studio.unsaved.get());
    view! {
        <section class="card" aria-labelledby="settings-stored">
            <h2 class="panel-title" id="settings-stored">"Storage"</h2>
            <p class="num">{move || match used.get() {
                Some((used, room)) => format!("{} used of {} that the browser allows.", bytes(used), bytes(room)),
                None => "The browser does not say how much is used.".into(),
            }}</p>
            <p class="small soft">"It holds the page itself (so that it works offline), unsaved zips, and files of jobs that wait for upload."</p>
            <div class="row">
                <Button label="Remove unsaved zips" glyph=Glyph::Trash class="small" disabled=busy on_press=move || {
                    spawn_local(async move {
                        let removed = upload_cache::remove_results().await;
                        toaster.say(Tone::Good, match removed {
                            0 => "There were no unsaved zips".to_owned(),
                            1 => "Removed 1 file".to_owned(),
                            more => format!("Removed {more} files"),
                        });
                        used.set(upload_cache::usage().await);
                    });
                } />
                <When on=busy><span class="small soft">"Not during a run, and not while its zip is unsaved."</span></When>
            </div>
        </section>
    }
}

#[component]
fn Keys() -> impl IntoView {
    let modifier = if browser::is_apple() { "⌘" } else { "Ctrl" };
    let rows = [
        (vec![modifier, "Enter"], "Augment"),
        (vec![modifier, "O"], "Add files"),
        (vec![modifier, "V"], "Paste images"),
        (vec![modifier, "Z"], "Undo a change to the recipe"),
        (vec!["↑", "↓"], "In the list of images: select another one"),
        (vec!["Esc"], "Close the dialog or menu"),
    ];
    let rows = rows.map(|(keys, words)| {
        let keys = keys.into_iter().map(|key| view! { <kbd>{key}</kbd> " " }).collect_view();
        view! { <div><dt>{keys}</dt><dd>{words}</dd></div> }
    });
    view! {
        <section class="card" aria-labelledby="settings-keys">
            <h2 class="panel-title" id="settings-keys">"Keyboard"</h2>
            <dl class="keys">{rows.into_iter().collect_view()}</dl>
        </section>
    }
}

#[component]
fn About() -> impl IntoView {
    let offline = expect_context::<Offline>();
    let build = document()
        .query_selector("meta[name=version]")
        .ok()
        .flatten()
        .and_then(|meta| meta.get_attribute("content"))
        .filter(|build| !build.is_empty() && build != env!("CARGO_PKG_VERSION"))
        .map(|build| format!(" ({build})"))
        .unwrap_or_default();
    view! {
        <section class="card" aria-labelledby="settings-about">
            <h2 class="panel-title" id="settings-about">"About"</h2>
            <dl class="facts">
                <dt>"Version"</dt><dd>{format!("{}{build}", env!("CARGO_PKG_VERSION"))}</dd>
                <dt>"Without a network"</dt>
                <dd>{move || if offline.ready.get() { "works" } else { "not yet: the page is not stored in this browser" }}</dd>
            </dl>
            <When on=offline.installable>
                <Button label="Install as an app" glyph=Glyph::Save class="small" on_press=move || offline.install() />
            </When>
        </section>
    }
}
