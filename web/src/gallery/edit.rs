//! The owner's tools for an image: edit, publish, augment again, delete.

use augment_api::{AugmentRequest, GroupRequest, Image, Patch, Visibility};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use super::form::{DetailsFields, ImageDetails};
use super::model::Gallery;
use super::text::title;
use crate::ui::{Button, ButtonKind, Dialog, Glyph, NumberField, Segments, Tone};

/// Changes an image, and shows the result.
pub(super) fn change(gallery: Gallery, id: String, patch: Patch, done: &'static str) {
    spawn_local(async move {
        let Some(client) = gallery.client() else { return };
        if let Some(Some(group)) = &patch.group {
            make_group(gallery, group).await;
        }
        match client.patch(&id, &patch).await {
            Ok(image) => {
                gallery.put(image);
                gallery.toaster.say(Tone::Good, done);
            }
            Err(error) => gallery.show_error(&error),
        }
    });
}

/// Makes a group unless it exists.
pub(super) async fn make_group(gallery: Gallery, name: &str) {
    if gallery.groups.with_untracked(|groups| groups.iter().any(|group| group == name)) {
        return;
    }
    if let Some(client) = gallery.client()
        && client.make_group(&GroupRequest { name: name.to_owned(), title: None }).await.is_ok()
    {
        gallery.groups.update(|groups| groups.push(name.to_owned()));
    }
}

/// The state of the owner's dialogs: updates of the image must not close them.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenDialogs {
    editing: RwSignal<bool>,
    deleting: RwSignal<bool>,
    running: RwSignal<bool>,
    about: ImageDetails,
}

impl OpenDialogs {
    pub(super) fn new() -> Self {
        let closed = || RwSignal::new(false);
        Self { editing: closed(), deleting: closed(), running: closed(), about: ImageDetails::new() }
    }
}

/// The owner's buttons.
#[component]
pub(super) fn OwnerTools(image: Image) -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    let OpenDialogs { editing, deleting, running, about } = expect_context();
    let private = image.visibility == Visibility::Private;
    let kept = StoredValue::new(image);
    let id = move || kept.with_value(|image| image.id.clone());
    let begin = move || {
        kept.with_value(|image| {
            about.title.set(image.title.clone().unwrap_or_default());
            about.tags.set(image.tags.join(" "));
            about.group.set(image.group.clone().unwrap_or_default());
        });
        editing.set(true);
    };
    let save = move || {
        editing.set(false);
        let patch = Patch {
            title: Some(about.title()),
            tags: Some(about.tags()),
            group: Some(about.group()),
            visibility: None,
        };
        change(gallery, id(), patch, "Saved");
    };
    let turn = move || {
        let (to, done) = if private {
            (Visibility::Public, "Everybody can see it now")
        } else {
            (Visibility::Private, "Only you can see it now")
        };
        change(gallery, id(), Patch { visibility: Some(to), ..Patch::default() }, done);
    };
    let delete = move || {
        deleting.set(false);
        let id = id();
        spawn_local(async move {
            let Some(client) = gallery.client() else { return };
            match client.delete(&id).await {
                Ok(_) => {
                    gallery.remove(&id);
                    gallery.toaster.say(Tone::Good, "Deleted");
                    let _ = window().location().set_hash("gallery");
                }
                Err(error) => gallery.show_error(&error),
            }
        });
    };
    let words = if private { "Make public" } else { "Make private" };
    let glyph = if private { Glyph::Eye } else { Glyph::EyeOff };
    let name = kept.with_value(title);
    view! {
        <div class="row">
            <Button label="Edit" glyph=Glyph::Tag on_press=begin />
            <Button label=words glyph=glyph on_press=turn />
            <Button label="Augment again" glyph=Glyph::Refresh on_press=move || running.set(true) />
            <Button label="Delete" glyph=Glyph::Trash kind=ButtonKind::Danger on_press=move || deleting.set(true) />
        </div>
        <Dialog open=editing title="Edit">
            <div class="dialog-body stack"><DetailsFields about=about titled=true /></div>
            <div class="dialog-foot">
                <Button label="Cancel" on_press=move || editing.set(false) />
                <Button label="Save" kind=ButtonKind::Primary disabled=Signal::derive(move || !about.fits()) on_press=save />
            </div>
        </Dialog>
        <Dialog open=deleting title="Delete it for good?">
            <div class="dialog-body"><p>{format!("{name} and its results are deleted at once. This cannot be undone.")}</p></div>
            <div class="dialog-foot">
                <Button label="Keep it" on_press=move || deleting.set(false) />
                <Button label="Delete for good" glyph=Glyph::Trash kind=ButtonKind::Danger on_press=delete />
            </div>
        </Dialog>
        <Again open=running image=kept />
    }
}

/// Runs an image again on the server, with its own recipe or the Studio's.
#[component]
fn Again(open: RwSignal<bool>, image: StoredValue<Image>) -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    let with = RwSignal::new("own".to_owned());
    let count = RwSignal::new(u64::from(image.with_value(|image| image.count)));
    let most = Signal::derive(move || {
        gallery.config.with(|config| config.as_ref().map_or(20, |config| u64::from(config.limits.max_count)))
    });
    let go = move || {
        open.set(false);
        let recipe = (with.get_untracked() == "studio").then(|| untrack(|| gallery.studio.whole()));
        let request = AugmentRequest { recipe, count: u32::try_from(count.get_untracked()).ok() };
        let id = image.with_value(|image| image.id.clone());
        spawn_local(async move {
            let Some(client) = gallery.client() else { return };
            match client.augment(&id, &request).await {
                Ok(image) => {
                    gallery.put(image);
                    gallery.toaster.say(Tone::Good, "The server augments it; the new results replace the old ones");
                }
                Err(error) => gallery.show_error(&error),
            }
        });
    };
    view! {
        <Dialog open=open title="Augment again on the server">
            <div class="dialog-body stack">
                <Segments label="Recipe" value=with on_choose=move |key: &'static str| with.set(key.into())
                    choices=vec![("own", "The image's own", None), ("studio", "The Studio's", None)] />
                <NumberField label="Copies" value=count on_set=move |number: u64| count.set(number) min=1 max=most />
                <p class="small soft">"The new results take the place of the old ones."</p>
            </div>
            <div class="dialog-foot">
                <Button label="Cancel" on_press=move || open.set(false) />
                <Button label="Augment on the server" glyph=Glyph::Play kind=ButtonKind::Primary on_press=go />
            </div>
        </Dialog>
    }
}

/// Follows a link, to download private files.
pub(super) fn follow(address: &str) {
    let link = document().create_element("a").map(wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlAnchorElement>);
    if let Ok(link) = link {
        link.set_href(address);
        let _: Result<(), JsValue> = link.set_attribute("rel", "noreferrer");
        link.click();
    }
}
