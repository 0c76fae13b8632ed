//! The addresses of an image's files: plain ones for public images, signed ones for private images.

use augment_api::client::ClientResult;
use augment_api::{Image, Target, Visibility};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::model::Gallery;
use crate::network_audit;

/// The address of a file of an image; `None` until it is known.
pub(super) fn address(gallery: Gallery, image: &Image, file: &'static str) -> Signal<Option<String>> {
    let signed_in = gallery.service.session.with_untracked(Option::is_some);
    if image.visibility == Visibility::Public || !signed_in {
        let base = gallery.service.address.get_untracked().unwrap_or_default();
        return Signal::stored(Some(format!("{base}/v1/images/{}/{file}", image.id)));
    }
    // An element cannot send a token, so the client requests a signed address.
    let found = RwSignal::new(None);
    let id = image.id.clone();
    spawn_local(async move {
        if let Ok(target) = link(gallery, &id, file).await {
            found.try_set(Some(target.url));
        }
    });
    found.into()
}

/// A signed request for a file of an image.
pub(super) async fn link(gallery: Gallery, id: &str, file: &str) -> ClientResult<Target> {
    let client = gallery.client().ok_or_else(no_gallery)?;
    let target = client.link(id, file).await?;
    network_audit::note_known(gallery.record, &target.url);
    Ok(target)
}

/// The bytes of a file of an image.
pub(super) async fn bytes(gallery: Gallery, id: &str, file: &str) -> ClientResult<js_sys::Uint8Array> {
    let target = link(gallery, id, file).await?;
    let client = gallery.client().ok_or_else(no_gallery)?;
    Ok(js_sys::Uint8Array::from(client.fetch(&target).await?.as_ref()))
}

fn no_gallery() -> augment_api::client::ClientError {
    augment_api::client::ClientError::Network("there is no longer a gallery".to_owned())
}

/// Whether browsers show images of this type.
pub(super) fn is_shown(media_type: &str) -> bool {
    matches!(media_type, "image/jpeg" | "image/png" | "image/webp" | "image/gif" | "image/bmp")
}
