//! Pictures of what a recipe does: thumbnails, previews and exact outputs.

use augment_core::transforms::{CATALOG, Kind};
use augment_web_messages::{PartnerHashes, Picture, PreviewRequest, Refusal, Request, Response};
use futures::StreamExt;
use js_sys::{Array, Uint8ClampedArray};
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, ImageData};

use super::handle::Engine;
use super::run::partners_for_preview;
use super::worker_client::{Reply, error_message, unexpected};

/// The pixels of a [`Picture`].
#[derive(Clone, Debug)]
pub struct Pixels {
    /// RGBA, ready for `putImageData`.
    pub image: ImageData,
    /// The mask in class colors, transparent where it is 0, if the source has one.
    pub mask: Option<ImageData>,
}

impl Engine {
    /// A small picture of a source with its labels, for lists: its longest side is at most `side`. The worker draws one
    /// after the other, beside previews.
    ///
    /// # Errors
    /// When no dataset is open; a fault of the image itself is in [`Picture::error`].
    pub async fn thumbnail(&self, item: usize, side: u32) -> Result<(Picture, Option<Pixels>), Refusal> {
        let dataset = self.dataset()?;
        picture(self.0.side.request_on(&dataset, Request::Thumbnail { item, side }).await?)
    }

    /// A small picture of a copy, for lists of what steps do. It neither ends a preview nor is ended by one. Other images
    /// are unknown here, so a recipe that mixes is refused.
    ///
    /// # Errors
    /// When no dataset is open or the recipe is wrong.
    pub async fn step_thumbnail(&self, what: PreviewRequest) -> Result<(Picture, Option<Pixels>), Refusal> {
        let dataset = self.dataset()?;
        let request = Request::Preview { what, partners: PartnerHashes::new() };
        let mut replies = self.0.side.request_many(&dataset, request).await?;
        picture(replies.next().await.ok_or_else(|| Refusal::new("the worker stopped; try again"))??)
    }

    /// Draws copies of a source, small and fast, and calls `on_picture` with each one, without pixels if it has an error.
    /// A later preview ends this one: then the result is `false`, and no more pictures come.
    ///
    /// # Errors
    /// When no dataset is open or the recipe is wrong.
    pub async fn preview(
        &self,
        what: PreviewRequest,
        mut on_picture: impl FnMut(Picture, Option<Pixels>),
    ) -> Result<bool, Refusal> {
        let inner = &self.0;
        let dataset = self.dataset()?;
        let turn = inner.preview.get() + 1;
        inner.preview.set(turn);
        let is_latest = || inner.preview.get() == turn;
        let (partners, complete) = partners_for(self, &what.recipe).await?;
        if !is_latest() {
            return Ok(false);
        }
        let mut replies = inner.front.request_many(&dataset, Request::Preview { what, partners }).await?;
        while let Some(reply) = replies.next().await {
            if !is_latest() {
                return Ok(false);
            }
            let (mut picture, pixels) = picture(reply?)?;
            picture.approximate = !complete;
            on_picture(picture, pixels);
        }
        Ok(is_latest())
    }

    /// One output exactly as a run makes it: the encoded file, with its labels and manifest line.
    ///
    /// # Errors
    /// When no dataset is open, the recipe is wrong, or the image fails.
    pub async fn exact(&self, what: PreviewRequest) -> Result<(Picture, Blob), Refusal> {
        let dataset = self.dataset()?;
        let (partners, complete) = partners_for(self, &what.recipe).await?;
        let reply = self.0.side.request_on(&dataset, Request::Exact { what, partners }).await?;
        let Response::Exact(mut picture) = reply.response else { return Err(unexpected(&reply.response)) };
        picture.approximate = !complete;
        let options = BlobPropertyBag::new();
        options.set_type(picture.media_type.as_deref().unwrap_or_default());
        let parts: Array = reply.attached.into_iter().collect();
        let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options);
        Ok((picture, blob.map_err(|error| Refusal::new(error_message(&error)))?))
    }
}

/// The hashes that a mixing recipe chooses from, and whether a run chooses from the same; none for other recipes.
async fn partners_for(engine: &Engine, recipe: &Value) -> Result<(PartnerHashes, bool), Refusal> {
    if !mixes(&recipe["steps"]) {
        return Ok((Vec::new(), true));
    }
    let (partners, complete) = partners_for_preview(engine).await?;
    Ok(((*partners).clone(), complete))
}

/// Whether any step mixes images.
pub(super) fn mixes(steps: &Value) -> bool {
    let is_mixing = |op: &str| CATALOG.iter().any(|entry| entry.op == op && entry.kind == Kind::Mixing);
    steps
        .as_array()
        .into_iter()
        .flatten()
        .any(|step| step["op"].as_str().is_some_and(is_mixing) || mixes(&step["steps"]))
}

/// A picture and its pixels.
fn picture(reply: Reply) -> Result<(Picture, Option<Pixels>), Refusal> {
    let Response::Picture(picture) = reply.response else { return Err(unexpected(&reply.response)) };
    let mut attached = reply.attached.into_iter();
    let image = attached.next().map(|data| image_data(data, &picture)).transpose()?;
    let mask = attached.next().map(|data| image_data(data, &picture)).transpose()?;
    Ok((picture, image.map(|image| Pixels { image, mask })))
}

fn image_data(data: JsValue, picture: &Picture) -> Result<ImageData, Refusal> {
    let data: Uint8ClampedArray = data.unchecked_into();
    ImageData::new_with_js_u8_clamped_array_and_sh(&data, picture.width, picture.height)
        .map_err(|error| Refusal::new(format!("the picture cannot be shown: {}", error_message(&error))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::mixes;

    #[test]
    fn a_mixing_step_is_found_inside_groups_too() {
        assert!(mixes(&json!([{"op": "one_of", "steps": [{"op": "mosaic"}]}])), "inside a group");
        assert!(!mixes(&json!([{"op": "rotate"}, {"op": "no_such"}])), "none");
    }
}
