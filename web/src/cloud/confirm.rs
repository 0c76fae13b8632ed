//! The dialog that confirms a cloud job: what is uploaded, where, who sees it, and when it expires.

use augment_api::Retention;
use leptos::prelude::*;

use super::estimate::too_much;
use super::model::Cloud;
use super::offer::compare;
use crate::gallery::{SignIn, day_after};
use crate::run::Runs;
use crate::settings::Settings;
use crate::ui::{Button, ButtonKind, Dialog, Glyph, Icon, Notice, Tone, When, bytes, counted};

/// The dialog; always mounted.
#[component]
pub(super) fn ConfirmDialog() -> impl IntoView {
    let cloud = expect_context::<Cloud>();
    let open = RwSignal::new(false);
    Effect::new(move || open.set(cloud.asking.with(Option::is_some)));
    Effect::watch(
        move || open.get(),
        move |open, _, _| {
            if !open && cloud.asking.with_untracked(Option::is_some) {
                cloud.asking.set(None);
            }
        },
        false,
    );
    view! { <Dialog open=open title="Hand the run to the cloud"><Question /></Dialog> }
}

/// The host of an address.
fn host(address: &str) -> String {
    web_sys::Url::new(address).map_or_else(|_| address.to_owned(), |url| url.host())
}

#[component]
fn Question() -> impl IntoView {
    let cloud = expect_context::<Cloud>();
    let runs = expect_context::<Runs>();
    let settings = expect_context::<Settings>();
    let studio = cloud.gallery.studio;
    let Some(asked) = cloud.asking.get_untracked().map(|asked| (*asked).clone()) else { return ().into_any() };
    let (images, size, labeled) = studio.listing.with_untracked(|listing| {
        let Some(listing) = listing else { return (0, 0, false) };
        let labeled = listing.format != "none" || listing.masks > 0;
        (listing.items.len(), listing.bytes, labeled && asked.labels.as_deref() != Some("none"))
    });
    let what = format!("{} with {}", counted(images, "image", "images"), bytes(size));
    let labels = if labeled { " and a zip of their labels" } else { ", no labels" };
    let place = host(&cloud.gallery.service.address.get_untracked().unwrap_or_default());
    let days = Retention::Standard.days();
    let offline = Signal::derive(move || !cloud.offline.online.get());
    let now = Memo::new(move |_| compare(cloud, runs, settings));
    let number = asked.number;
    let over = Memo::new(move |_| {
        runs.phase.track();
        !runs.is_on(number)
    });
    let blocker = {
        let count = asked.count;
        Memo::new(move |_| too_much(images, count, &cloud.limits()))
    };
    let sign_in = Signal::derive(move || cloud.needs_sign_in());
    let who = move || {
        if cloud.needs_no_sign_in() {
            "It is not listed publicly. But this service has no sign-in: everyone who can reach it has your access."
        } else {
            "Private: only you can see it, and it is not listed publicly."
        }
    };
    let asked = StoredValue::new(send_wrapper::SendWrapper::new(asked));
    let go = move || {
        cloud.begin(runs, asked.with_value(|asked| (**asked).clone()));
        cloud.asking.set(None);
    };
    let words = Signal::derive(move || {
        if offline.get() { "Keep it and send it later".to_owned() } else { "Send it and run it there".to_owned() }
    });
    view! {
        <div class="dialog-body stack">
            <When on=offline>
                <Notice tone=Tone::Warn><p>{format!("You are offline. This browser keeps the images ({}) until the network is back, and then sends them, even if you close this page and open it again.", bytes(size))}</p></Notice>
            </When>
            <dl class="cloud-rules">
                <div><dt><Icon glyph=Glyph::Upload size="s" /> "What is sent"</dt><dd>{format!("{what}{labels}, with the recipe. Files that are already there are not sent again.")}</dd></div>
                <div><dt><Icon glyph=Glyph::Cloud size="s" /> "Where it goes"</dt><dd>"To the store of " <code class="wrap">{place}</code> ", and nowhere else."</dd></div>
                <div><dt><Icon glyph=Glyph::EyeOff size="s" /> "Who sees it"</dt><dd>{who}</dd></div>
                <div><dt><Icon glyph=Glyph::Trash size="s" /> "When it expires"</dt><dd>{format!("After {days} days, on {}; or as soon as you remove the job.", day_after(days))}</dd></div>
                <div><dt><Icon glyph=Glyph::Bolt size="s" /> "How long"</dt><dd class="num">{move || now.get().map_or_else(|| "Not known yet.".to_owned(), |now| format!("{}. {}", sentence_start(&now.words()), now.reasons()))}</dd></div>
            </dl>
            <p class="small soft">"The run here continues until the cloud has everything. Then it stops, and the complete zip comes from the cloud, with the same bytes."</p>
            <When on=Signal::derive(move || sign_in.get() && !offline.get())>
                <Notice><p>"This service requires sign-in."</p><SignIn /></Notice>
            </When>
            <When on=over><Notice tone=Tone::Good><p>"The run here has ended: there is nothing left to send."</p></Notice></When>
            {move || blocker.get().map(|words| view! { <Notice tone=Tone::Warn><p>{words}</p></Notice> })}
        </div>
        <div class="dialog-foot">
            <Button label="Cancel" on_press=move || cloud.asking.set(None) />
            <Button label=words glyph=Glyph::Upload kind=ButtonKind::Primary on_press=go
                disabled=Signal::derive(move || over.get() || blocker.with(Option::is_some) || (sign_in.get() && !offline.get())) />
        </div>
    }
    .into_any()
}

fn sentence_start(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
