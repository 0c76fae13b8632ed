//! The page's frame: the header, the three pages and the navigation between them.

use leptos::html;
use leptos::prelude::*;

use crate::browser;
use crate::engine::Engine;
use crate::intake::{DropOverlay, Intake, Welcome};
use crate::loader::Loader;
use crate::network_audit;
use crate::offline::{Offline, OfflineBadge};
use crate::service::{self, Service};
use crate::settings::{Settings, ThemeButton};
use crate::studio_state::Studio;
use crate::ui::{Glyph, Icon, Toaster, Toasts, When};

/// The pages. The fragment of the address names all but the Studio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Studio,
    Gallery,
    Settings,
}

impl Page {
    fn now() -> Self {
        match window().location().hash().as_deref() {
            Ok("#settings") => Self::Settings,
            Ok(hash) if hash == "#gallery" || hash.starts_with("#gallery/") => Self::Gallery,
            _ => Self::Studio,
        }
    }
}

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let settings = Settings::load();
    provide_context(settings);
    let studio = Studio::new();
    provide_context(studio);
    let engine = Engine::new();
    engine.warm();
    provide_context(engine.clone());
    let toaster = Toaster::new();
    provide_context(toaster);
    provide_context(Intake::new(studio, engine, toaster));
    provide_context(Offline::follow(toaster));
    provide_context(network_audit::start());
    let service = Service::find();
    provide_context(service);
    let loader = Loader::start(service.address.get_untracked().is_some() || service::returns_from_sign_in());
    provide_context(loader);
    Effect::watch(
        move || service.address.get().is_some(),
        move |there, _, _| {
            if *there {
                loader.want_gallery();
            }
        },
        false,
    );

    // A run may go to the cloud; a job of an earlier page continues.
    if browser::stored("jobs").is_some_and(|jobs| jobs != "[]") {
        loader.want_cloud();
    }
    Effect::watch(
        move || studio.running.get() && service.address.with(Option::is_some),
        move |on, _, _| {
            if *on {
                loader.want_cloud();
            }
        },
        false,
    );

    let page = RwSignal::new(Page::now());
    let main = NodeRef::<html::Main>::new();
    let moved = window_event_listener(leptos::ev::hashchange, move |_| page.set(Page::now()));
    on_cleanup(move || moved.remove());

    let empty = Memo::new(move |_| studio.listing.with(Option::is_none));
    view! {
        <div class="app">
            <a class="skip" href="#main" on:click=move |event| {
                event.prevent_default();
                if let Some(main) = main.get_untracked() {
                    let _ = main.focus();
                }
            }>"Skip to content"</a>
            <Header page=page />
            <main class="main" id="main" tabindex="-1" node_ref=main>
                // The Studio stays mounted while another page is shown: a run goes on, and sliders keep their values.
                <div class="studio-place" hidden=move || page.get() != Page::Studio>
                    <h1 class="visually-hidden">"Studio"</h1>
                    <Show when=move || !empty.get() fallback=Welcome>{loader.studio()}</Show>
                </div>
                <When on=Signal::derive(move || page.get() == Page::Gallery)>{loader.gallery()}</When>
                <When on=Signal::derive(move || page.get() == Page::Settings)>{loader.settings()}</When>
            </main>
        </div>
        {loader.always()}
        <DropOverlay />
        <Toasts />
    }
}

#[component]
fn Header(page: RwSignal<Page>) -> impl IntoView {
    let loader = expect_context::<Loader>();
    let link = move |here: Page, href: &'static str, words: &'static str, glyph: Glyph| {
        view! {
            <a class="place" href=href aria-current=move || (page.get() == here).then_some("page")>
                <Icon glyph=glyph size="s" /><span>{words}</span>
            </a>
        }
    };
    view! {
        <header class="header">
            <a class="brand" href="#">
                <svg class="brand-mark" viewBox="0 0 24 24" aria-hidden="true">
                    <path fill="currentColor" d="M12 2.5L1.8 20.5h20.4zM12 8.6l5.1 9H6.9z" fill-rule="evenodd" />
                    <path fill="currentColor" d="M14.6 20.5h7.6L12 2.5z" opacity=".45" />
                </svg>
                <span class="brand-name">"Delta Augment"</span>
            </a>
            <nav class="places" aria-label="Places">
                {link(Page::Studio, "#", "Studio", Glyph::Layers)}
                {link(Page::Gallery, "#gallery", "Gallery", Glyph::Images)}
                {link(Page::Settings, "#settings", "Settings", Glyph::Settings)}
            </nav>
            <div class="header-end">
                {loader.cloud_head()}
                <OfflineBadge />
                <ThemeButton />
            </div>
        </header>
    }
}
