//! The grid of images, with infinite scrolling.

use augment_api::{Image, Retention, State, Visibility};
use leptos::html;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{IntersectionObserver, IntersectionObserverEntry};

use super::filters::Filters;
use super::model::Gallery;
use super::picture;
use super::sign_in::SignIn;
use super::text::{day, state, title};
use super::uploads::UploadList;
use crate::studio_state::ShareMode;
use crate::ui::{Button, ButtonKind, Glyph, Icon, Notice, Tone, When, counted};

/// The gallery's start page.
#[component]
pub(super) fn Grid() -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    let shown = Memo::new(move |_| {
        let words: Vec<String> = gallery.search.get().to_lowercase().split_whitespace().map(str::to_owned).collect();
        gallery.images.with(|images| images.iter().filter(|image| matches(image, &words)).cloned().collect::<Vec<_>>())
    });
    let nothing = Memo::new(move |_| shown.with(Vec::is_empty) && !gallery.busy.get() && !gallery.more.get());
    let filtered = Signal::derive(move || {
        gallery.tag.with(Option::is_some)
            || gallery.group.with(Option::is_some)
            || gallery.mine.get()
            || gallery.search.with(|search| !search.is_empty())
    });
    let has_data = Signal::derive(move || gallery.studio.listing.with(Option::is_some));
    view! {
        <header class="gallery-head">
            <div class="grow">
                <h1 class="gallery-title">"Gallery"</h1>
                <p class="soft small">"Everybody sees these images, unless their owner makes them private. Images expire after "{Retention::Standard.days()}" days."</p>
            </div>
            <SignIn />
            <Button label="Share images" glyph=Glyph::Upload kind=ButtonKind::Primary disabled=Signal::derive(move || !has_data.get())
                on_press=move || gallery.studio.share.set(Some(ShareMode::Local)) />
        </header>
        <When on=Signal::derive(move || !has_data.get())>
            <p class="gallery-hint small soft"><Icon glyph=Glyph::Info size="s" /> <span>"Images are shared from the Studio: " <a href="#">"add some there"</a> " first."</span></p>
        </When>
        <UploadList />
        <Filters />
        {move || gallery.error.get().map(|error| view! {
            <div role="alert">
                <Notice tone=Tone::Danger>
                    <p>{error}</p>
                    <Button label="Try again" class="small" on_press=move || { gallery.load_config(); gallery.refresh(); } />
                </Notice>
            </div>
        })}
        <ul class="shots" aria-label="Images">
            <For each=move || shown.get() key=|image| (image.id.clone(), image.updated_at.clone(), image.state, image.thumbnail)
                children=|image| view! { <GridItem image=image /> } />
        </ul>
        <When on=Signal::derive(move || nothing.get() && gallery.error.with(Option::is_none))>
            <div class="gallery-empty">
                <span class="gallery-alone-icon"><Icon glyph=Glyph::Images size="l" /></span>
                {move || if filtered.get() {
                    view! { <p>"No images match these filters."</p> }.into_any()
                } else {
                    view! { <p>"There are no images yet."</p><p class="small soft">"Add an image to the Studio, augment it, and share it: it appears here."</p> }.into_any()
                }}
            </div>
        </When>
        <More shown=shown />
        <p class="visually-hidden" role="status">{move || if gallery.busy.get() { "Loading".to_owned() } else { counted(shown.with(Vec::len), "image", "images") }}</p>
    }
}

fn matches(image: &Image, words: &[String]) -> bool {
    words.iter().all(|word| {
        let has = |text: &str| text.to_lowercase().contains(word);
        has(&image.filename)
            || has(&image.id)
            || image.title.as_deref().is_some_and(has)
            || image.group.as_deref().is_some_and(has)
            || image.tags.iter().any(|tag| has(tag))
    })
}

/// The sentinel below the grid: loads more when it comes into view.
#[component]
fn More(shown: Memo<Vec<Image>>) -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    let end = NodeRef::<html::Div>::new();
    let near = SendWrapper::new(Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
        let last = entries.pop().dyn_into::<IntersectionObserverEntry>();
        if last.is_ok_and(|entry| entry.is_intersecting()) {
            gallery.load();
        }
    }));
    let observer = IntersectionObserver::new((*near).as_ref().unchecked_ref()).ok().map(SendWrapper::new);
    let watching = observer.clone();
    Effect::new(move || {
        // After an update it may still be in view.
        shown.track();
        let busy = gallery.busy.get();
        if let (Some(observer), Some(end)) = (&watching, end.get()) {
            observer.unobserve(&end);
            if !busy {
                observer.observe(&end);
            }
        }
    });
    on_cleanup(move || {
        if let Some(observer) = observer {
            observer.disconnect();
        }
        drop(near);
    });
    view! {
        <div class="gallery-end" node_ref=end>
            <When on=gallery.busy><span class="busy soft"><span class="spinner" aria-hidden="true"></span>"Loading"</span></When>
        </div>
    }
}

/// An image in the grid.
#[component]
fn GridItem(image: Image) -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    let badge = state(&image).map(|(words, tone)| view! { <span class=format!("badge {tone}")>{words}</span> });
    let private = (image.visibility == Visibility::Private).then(|| {
        view! {
            <span class="badge"><Icon glyph=Glyph::EyeOff size="s" />"Private"</span>
        }
    });
    let tags = image.tags.iter().take(3).map(|tag| view! { <span class="chip">{tag.clone()}</span> }).collect_view();
    let more = image.tags.len().saturating_sub(3);
    let made = match image.state {
        State::Ready => counted(image.count as usize, "copy", "copies"),
        _ => counted(image.count as usize, "copy", "copies") + " requested",
    };
    view! {
        <li class="shot">
            <a class="shot-link" href=format!("#gallery/{}", image.id)>
                <span class="shot-picture"><Thumbnail gallery=gallery image=image.clone() /><span class="shot-badges">{badge}{private}</span></span>
                <span class="shot-title truncate">{title(&image)}</span>
                <span class="shot-about soft num">{made} " · " {day(&image.created_at)}</span>
                <span class="shot-tags">{tags}{(more > 0).then(|| view! { <span class="chip">{format!("+{more}")}</span> })}</span>
            </a>
        </li>
    }
}

/// The thumbnail of an image, or a placeholder.
#[component]
pub(super) fn Thumbnail(gallery: Gallery, image: Image) -> impl IntoView {
    if !image.thumbnail {
        let glyph = if image.state == State::Failed { Glyph::Warning } else { Glyph::Image };
        return view! { <span class="shot-none"><Icon glyph=glyph size="l" /></span> }.into_any();
    }
    let address = picture::address(gallery, &image, "thumbnail");
    (move || address.get().map(|address| view! { <img src=address alt="" loading="lazy" decoding="async" /> }))
        .into_any()
}
