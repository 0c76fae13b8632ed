//! The page of an image: its files, its results, its facts, and the tools of its owner.

use augment_api::{Image, State, Visibility};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{File, FilePropertyBag};

use super::edit::{OpenDialogs, OwnerTools, follow};
use super::facts::Facts;
use super::grid::Thumbnail;
use super::model::Gallery;
use super::picture;
use super::results::Results;
use super::text::{sentence, state, title};
use crate::intake::{FoundFile, Walk};
use crate::recipe::link;
use crate::ui::{Button, ButtonKind, Glyph, Icon, Notice, Tone};

/// The page of the image with an id.
#[component]
pub(super) fn ImagePage(id: String) -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    provide_context(OpenDialogs::new());
    let message = RwSignal::new(None::<String>);
    let heading = NodeRef::<html::H1>::new();
    let listed = gallery.images.with_untracked(|images| images.iter().find(|image| image.id == id).cloned());
    gallery.current.set(listed);
    let asked = id.clone();
    Effect::new(move || {
        // What is visible depends on who is signed in.
        gallery.service.session.track();
        let id = asked.clone();
        spawn_local(async move {
            let Some(client) = gallery.client() else { return };
            let found = client.image(&id).await;
            if gallery.at.get_untracked().as_ref() != Some(&id) {
                return;
            }
            match found {
                Ok(image) => {
                    message.set(None);
                    gallery.put(image.clone());
                    gallery.current.set(Some(image));
                }
                Err(error) if error.status() == Some(404) => {
                    gallery.remove(&id);
                    gallery.current.set(None);
                    message.set(Some("There is no such image: it may be deleted or private.".into()));
                }
                Err(error) => message.set(Some(gallery.error_text(&error))),
            }
        });
    });
    on_cleanup(move || gallery.current.set(None));
    // The heading takes the focus, so that a screen reader starts there.
    request_animation_frame(move || {
        if let Some(heading) = heading.get_untracked() {
            let _ = heading.focus();
        }
    });
    let name = Memo::new(move |_| gallery.current.with(|image| image.as_ref().map(title)));
    // An equal image changes nothing, so that dialogs stay open.
    let image = Memo::new(move |_| gallery.current.get());
    view! {
        <article class="one">
            <p><a class="one-back" href="#gallery"><Icon glyph=Glyph::Grid size="s" /> <span>"All images"</span></a></p>
            <h1 class="gallery-title" tabindex="-1" node_ref=heading>{move || name.get().unwrap_or_else(|| "Image".into())}</h1>
            {move || message.get().map(|message| view! { <div role="alert"><Notice tone=Tone::Warn><p>{message}</p></Notice></div> })}
            {move || image.get().map(|image| view! { <Body image=image /> })}
        </article>
    }
}

#[component]
fn Body(image: Image) -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    let badge = state(&image).map(|(words, tone)| view! { <span class=format!("badge {tone}")>{words}</span> });
    let private = (image.visibility == Visibility::Private).then(|| {
        view! {
            <span class="badge"><Icon glyph=Glyph::EyeOff size="s" />"Private"</span>
        }
    });
    let tags = image.tags.iter().map(|tag| view! { <span class="chip">{tag.clone()}</span> }).collect_view();
    let error = image.error.clone().map(|error| {
        view! {
            <Notice tone=Tone::Danger><p>{format!("The server could not augment it: {}", sentence(&error))}</p></Notice>
        }
    });
    let waits = matches!(image.state, State::Uploaded | State::Augmenting).then(|| view! {
        <p class="busy soft" role="status"><span class="spinner" aria-hidden="true"></span>"The server is augmenting it; the results will appear here."</p>
    });
    let mine = image.mine && gallery.may_write();
    let results = image.results.is_some().then(|| view! { <Results image=image.clone() /> });
    view! {
        <p class="row one-marks">{badge}{private}{tags}</p>
        {error}
        {waits}
        <div class="one-columns">
            <div class="one-main">
                <figure class="one-original">
                    <Original image=image.clone() />
                    <figcaption class="small soft">"The original"</figcaption>
                </figure>
                <Actions image=image.clone() />
                {mine.then(|| view! { <OwnerTools image=image.clone() /> })}
                {results}
            </div>
            <Facts image=image />
        </div>
    }
}

/// The original if browsers show its format, else its thumbnail.
#[component]
fn Original(image: Image) -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    if image.state == State::Pending || !picture::is_shown(&image.content_type) {
        return view! { <Thumbnail gallery=gallery image=image /> }.into_any();
    }
    let address = picture::address(gallery, &image, "original");
    let name = title(&image);
    (move || {
        let name = name.clone();
        address
            .get()
            .map(|address| view! { <img src=address alt=format!("The original of {name}") decoding="async" /> })
    })
    .into_any()
}

/// The actions for everyone.
#[component]
fn Actions(image: Image) -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    let intake = gallery.intake();
    let busy = RwSignal::new(false);
    let kept = StoredValue::new(image);
    let private = kept.with_value(|image| image.visibility == Visibility::Private)
        && gallery.service.session.with_untracked(Option::is_some);
    let base = gallery.service.address.get_untracked().unwrap_or_default();
    let download = move |file: &'static str, words: &'static str, kind: ButtonKind| {
        let id = kept.with_value(|image| image.id.clone());
        if private {
            return view! {
                <Button label=words glyph=Glyph::Save kind=kind on_press=move || {
                    let id = id.clone();
                    spawn_local(async move {
                        match picture::link(gallery, &id, file).await {
                            Ok(target) => follow(&target.url),
                            Err(error) => gallery.show_error(&error),
                        }
                    });
                } />
            }
            .into_any();
        }
        let class = if kind == ButtonKind::Primary { "button primary" } else { "button" };
        let name = kept.with_value(|image| if file == "original" { image.filename.clone() } else { String::new() });
        view! { <a class=class href=format!("{base}/v1/images/{id}/{file}") download=name><Icon glyph=Glyph::Save /> <span>{words}</span></a> }
            .into_any()
    };
    let open = move || {
        busy.set(true);
        spawn_local(async move {
            let (id, name, recipe, media_type) = kept.with_value(|image| {
                (image.id.clone(), image.filename.clone(), image.recipe.clone(), image.content_type.clone())
            });
            let got = picture::bytes(gallery, &id, "original").await;
            busy.try_set(false);
            match got {
                Ok(bytes) => {
                    let options = FilePropertyBag::new();
                    options.set_type(&media_type);
                    let Ok(file) =
                        File::new_with_u8_array_sequence_and_options(&js_sys::Array::of1(&bytes), &name, &options)
                    else {
                        return;
                    };
                    intake.clear();
                    intake.take(Walk::ready(vec![FoundFile { path: name, file }]));
                    let _ = window().location().set_hash(&link::fragment(&recipe));
                }
                Err(error) => gallery.show_error(&error),
            }
        });
    };
    let has = kept.with_value(|image| (image.results.is_some(), image.state != State::Pending));
    view! {
        <div class="row">
            {has.0.then(|| download("results", "Download the results", ButtonKind::Primary))}
            {has.1.then(|| download("original", "Download the original", ButtonKind::Plain))}
            {has.1.then(|| view! { <Button label="Open in Studio" glyph=Glyph::Layers disabled=busy on_press=open /> })}
        </div>
    }
}
