//! The dialog that shares images: which images, with which results, for whom and how long.

use std::collections::BTreeSet;

use augment_api::{Retention, Visibility};
use augment_core::plan;
use leptos::prelude::*;

use super::form::{DetailsFields, ImageDetails};
use super::model::Gallery;
use super::sign_in::SignIn;
use super::text::day_after;
use super::upload::{ShareOptions, file_name};
use super::uploads::{UploadList, Uploads};
use crate::engine::OneImage;
use crate::studio_state::ShareMode;
use crate::ui::{Button, ButtonKind, Dialog, Glyph, Icon, Notice, Segments, Switch, Tone, When, counted};

/// Up to this many images, all are selected at first; otherwise only the current one.
const ALL_UP_TO: usize = 12;

/// The dialog; always mounted.
#[component]
pub(super) fn ShareDialog() -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    let open = RwSignal::new(false);
    let sending = RwSignal::new(false);
    Effect::new(move || {
        let wanted = gallery.studio.share.with(Option::is_some);
        if wanted && !open.get_untracked() {
            sending.set(false);
            if gallery.config.with_untracked(Option::is_none) {
                gallery.load_config();
            }
        }
        open.set(wanted);
    });
    Effect::watch(
        move || open.get(),
        move |open, _, _| {
            if !open && gallery.studio.share.with_untracked(Option::is_some) {
                gallery.studio.share.set(None);
            }
        },
        false,
    );
    view! {
        <Dialog open=open title="Share in the gallery">
            {move || if sending.get() {
                view! { <Sent /> }.into_any()
            } else {
                view! { <Form sending=sending /> }.into_any()
            }}
        </Dialog>
    }
}

/// The uploads are in progress.
#[component]
fn Sent() -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    view! {
        <div class="dialog-body"><UploadList /></div>
        <div class="dialog-foot">
            <p class="small soft grow">"The upload continues when you close this."</p>
            <Button label="Close" on_press=move || gallery.studio.share.set(None) />
            <Button label="To the gallery" glyph=Glyph::Images kind=ButtonKind::Primary on_press=move || {
                gallery.studio.share.set(None);
                let _ = window().location().set_hash("gallery");
            } />
        </div>
    }
}

#[component]
fn Form(sending: RwSignal<bool>) -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    let uploads = expect_context::<Uploads>();
    let studio = gallery.studio;
    let about = ImageDetails::new();
    let (private, longer) = (RwSignal::new(false), RwSignal::new(false));
    let total = studio.listing.with_untracked(|listing| listing.as_ref().map_or(0, |listing| listing.items.len()));
    let chosen = RwSignal::new(if total <= ALL_UP_TO {
        (0..total).collect::<BTreeSet<usize>>()
    } else {
        BTreeSet::from([studio.chosen.get_untracked()])
    });
    let way = Signal::derive(move || match studio.share.get() {
        Some(ShareMode::Server) => "server".to_owned(),
        _ => "made".into(),
    });
    let days = Signal::derive(move || if longer.get() { Retention::Extended } else { Retention::Standard }.days());
    let rule = move || {
        let who = if private.get() {
            "Only you will see them."
        } else {
            "Everybody will see them, unless you choose private."
        };
        format!("{who} They expire after {} days, on {}.", days.get(), day_after(days.get()))
    };
    let blocker = Memo::new(move |_| blocker(gallery, chosen));
    let one = Signal::derive(move || chosen.with(BTreeSet::len) == 1);
    let words = Signal::derive(move || format!("Share {}", counted(chosen.with(BTreeSet::len), "image", "images")));
    let go = move || {
        let visibility = if private.get_untracked() { Visibility::Private } else { Visibility::Public };
        let retention = if longer.get_untracked() { Retention::Extended } else { Retention::Standard };
        let all_options = untrack(|| all_options(gallery, chosen, about, visibility, retention));
        sending.set(true);
        uploads.add(all_options);
    };
    let ready = Signal::derive(move || gallery.config.with(Option::is_some));
    view! {
        <div class="dialog-body stack">
            <Segments label="Results" value=way on_choose=move |key: &'static str| {
                studio.share.set(Some(if key == "server" { ShareMode::Server } else { ShareMode::Local }));
            } choices=vec![("made", "Made here", Some(Glyph::Bolt)), ("server", "Augment on the server", Some(Glyph::Layers))] />
            <p class="small soft">{move || if studio.share.get() == Some(ShareMode::Server) {
                "Only the image is sent; the server makes the results, with the same bytes as here. Labels stay here."
            } else {
                "Each image is sent with a zip of its own results, made here."
            }}</p>
            {(total > 1).then(|| view! { <Choose chosen=chosen total=total /> })}
            <DetailsFields about=about titled=one />
            <div class="share-rule">
                <Switch label="Private" on=private />
                <Switch label="Keep it for a year" on=longer />
                <p class="strong small"><Icon glyph=Signal::derive(move || if private.get() { Glyph::EyeOff } else { Glyph::Eye }) size="s" /> <span>{rule}</span></p>
            </div>
            <When on=Signal::derive(move || ready.get() && !gallery.may_write())>
                <Notice><p>"This gallery requires sign-in to share."</p><SignIn /></Notice>
            </When>
            {move || gallery.service.session.get().map(|session| view! { <p class="small soft">{format!("Shared as {}", session.name)}</p> })}
            {move || gallery.error.get().filter(|_| !ready.get()).map(|error| view! { <Notice tone=Tone::Danger><p>{error}</p></Notice> })}
            {move || blocker.get().map(|words| view! { <Notice tone=Tone::Warn><p>{words}</p></Notice> })}
        </div>
        <div class="dialog-foot">
            <Button label="Cancel" on_press=move || studio.share.set(None) />
            <Button label=words glyph=Glyph::Upload kind=ButtonKind::Primary on_press=go
                disabled=Signal::derive(move || !ready.get() || !gallery.may_write() || blocker.with(Option::is_some) || !about.fits()) />
        </div>
    }
}

/// Why nothing can be shared now.
fn blocker(gallery: Gallery, chosen: RwSignal<BTreeSet<usize>>) -> Option<String> {
    let studio = gallery.studio;
    if studio.listing.with(Option::is_none) {
        return Some("Add images to the Studio first.".into());
    }
    if chosen.with(BTreeSet::is_empty) {
        return Some("Choose an image.".into());
    }
    if studio.running.get() {
        return Some("A run is active: wait until it ends.".into());
    }
    if let Some(problem) = plan::check(&studio.whole()).first() {
        return Some(format!("The recipe has a problem: {problem}"));
    }
    let most = gallery.config.with(|config| config.as_ref().map(|config| config.limits.max_count))?;
    let count = studio.count.get();
    (count > most)
        .then(|| format!("The gallery accepts at most {most} copies of an image, and the Studio is set to {count}."))
}

fn all_options(
    gallery: Gallery,
    chosen: RwSignal<BTreeSet<usize>>,
    about: ImageDetails,
    visibility: Visibility,
    retention: Retention,
) -> Vec<ShareOptions> {
    let studio = gallery.studio;
    let mode = studio.share.get().unwrap_or(ShareMode::Local);
    let one = chosen.with(BTreeSet::len) == 1;
    studio.listing.with(|listing| {
        let Some(listing) = listing else { return Vec::new() };
        let options = |at: &usize| {
            let item = listing.items.get(*at)?;
            Some(ShareOptions {
                image: OneImage {
                    item: *at,
                    name: item.name.clone(),
                    labeled: item.labeled || item.class.is_some() || listing.masks > 0,
                },
                mode,
                recipe: studio.whole(),
                count: studio.count.get(),
                seed: studio.seed.get(),
                labels: studio.labels.get(),
                title: about.title().filter(|_| one),
                tags: about.tags(),
                group: about.group(),
                visibility,
                retention,
            })
        };
        chosen.with(|chosen| chosen.iter().filter_map(options).collect())
    })
}

/// The list that selects images of the dataset.
#[component]
fn Choose(chosen: RwSignal<BTreeSet<usize>>, total: usize) -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    let all = Signal::derive(move || chosen.with(BTreeSet::len) == total);
    let names: Vec<String> = gallery.studio.listing.with_untracked(|listing| {
        listing.as_ref().map(|listing| listing.items.iter().map(|item| item.name.clone()).collect()).unwrap_or_default()
    });
    let rows = names.into_iter().enumerate().take(500).map(|(at, name)| {
        let last = file_name(&name).to_owned();
        view! {
            <li><label class="choose-row" title=name>
                <input type="checkbox" prop:checked=move || chosen.with(|chosen| chosen.contains(&at))
                    on:change=move |event| chosen.update(|chosen| {
                        if event_target_checked(&event) { chosen.insert(at); } else { chosen.remove(&at); }
                    }) />
                <span class="truncate">{last}</span>
            </label></li>
        }
    });
    view! {
        <fieldset class="field">
            <legend class="row apart choose-head">
                <span class="field-label">{move || format!("Images: {} of {total}", chosen.with(BTreeSet::len))}</span>
            </legend>
            <ul class="choose" tabindex="0" aria-label="Images to share">{rows.collect_view()}</ul>
            <div class="row">
                <Button label=Signal::derive(move || if all.get() { "None".to_owned() } else { "All".to_owned() }) class="small" on_press=move || {
                    chosen.set(if all.get_untracked() { BTreeSet::new() } else { (0..total.min(500)).collect() });
                } />
            </div>
        </fieldset>
    }
}
