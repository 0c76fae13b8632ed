//! The gallery: shared images, their pages, and the dialog that shares more.

mod edit;
mod facts;
mod filters;
mod form;
mod grid;
mod image_page;
mod model;
mod picture;
mod results;
mod send;
mod share;
mod sign_in;
mod text;
mod upload;
mod uploads;

use leptos::prelude::*;

use self::grid::Grid;
use self::image_page::ImagePage;
pub(crate) use self::model::Gallery;
pub(crate) use self::send::content;
use self::share::ShareDialog;
pub(crate) use self::sign_in::SignIn;
pub(crate) use self::text::{day, day_after, sentence};
use self::uploads::Uploads;
use crate::lazy::Room;
use crate::ui::{Glyph, Icon};

/// The gallery as a room of the page.
pub static ROOM: Room =
    Room { begin, always: || view! { <ShareDialog /> }.into_any(), page: || view! { <GalleryPage /> }.into_any() };

fn begin() {
    let gallery = Gallery::new();
    provide_context(gallery);
    provide_context(Uploads::new(gallery));
    sign_in::begin(gallery);
}

/// The grid, or the page of an image over it; or why there is no gallery.
#[component]
fn GalleryPage() -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    gallery.enter();
    let connected = Memo::new(move |_| gallery.service.address.get().is_some());
    view! {
        <div class="gallery">
            {move || if connected.get() {
                view! {
                    <div class="gallery-grid-place" hidden=move || gallery.at.get().is_some()><Grid /></div>
                    {move || gallery.at.get().map(|id| view! { <ImagePage id=id /> })}
                }.into_any()
            } else {
                view! { <NoGallery /> }.into_any()
            }}
        </div>
    }
}

/// Shown without a service.
#[component]
fn NoGallery() -> impl IntoView {
    view! {
        <div class="gallery-alone">
            <span class="gallery-alone-icon"><Icon glyph=Glyph::Images size="l" /></span>
            <h1 class="gallery-title">"No gallery here"</h1>
            <p class="soft">
                "This page has no gallery: it works on your images in this browser only. Everything except sharing works."
            </p>
            <p class="soft">
                "To have a gallery of your own on this computer, run " <code>"delta serve"</code>
                " and open the address that it prints. If someone gave you the address of one, enter it in the settings."
            </p>
            <div class="row">
                <a class="button" href="#settings"><Icon glyph=Glyph::Settings /> <span>"Settings"</span></a>
                <a class="button" href="#"><Icon glyph=Glyph::Layers /> <span>"Back to the Studio"</span></a>
            </div>
        </div>
    }
}
