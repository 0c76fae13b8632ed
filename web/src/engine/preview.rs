//! Pictures of what a recipe does: asked for, replaced by later ones, and handed over as pixels.

use augment_core::transforms::{CATALOG, Kind};
use augment_web_messages::{Answer, Ask, Partners, Picture, PreviewAsk, Refusal};
use futures::StreamExt;
use js_sys::{Array, Uint8ClampedArray};
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, ImageData};

use super::Engine;
use super::link::{Reply, words};
use super::seat::unexpected;

/// The pixels of a [`Picture`], on this page's side.
#[derive(Clone, Debug)]
pub struct Pixels {
    /// RGBA, ready for `putImageData`.
    pub image: ImageData,
    /// The mask in class colors, transparent where it is 0; for sources that have one.
    pub mask: Option<ImageData>,
}

/// See [`Engine::preview`].
pub(super) async fn run(
    engine: &Engine,
    what: PreviewAsk,
    mut on_picture: impl FnMut(Picture, Option<Pixels>),
) -> Result<bool, Refusal> {
    let inner = &engine.0;
    let brought = engine.brought()?;
    let turn = inner.preview.get() + 1;
    inner.preview.set(turn);
    let is_latest = || inner.preview.get() == turn;
    let (partners, whole) = partners_for(engine, &what.recipe).await?;
    if !is_latest() {
        return Ok(false);
    }
    let mut replies = inner.front.ask_for_many(&brought, Ask::Preview { what, partners }).await?;
    while let Some(reply) = replies.next().await {
        if !is_latest() {
            return Ok(false);
        }
        let (mut picture, pixels) = picture(reply?)?;
        picture.approximate = !whole;
        on_picture(picture, pixels);
    }
    Ok(is_latest())
}

/// See [`Engine::exact`].
pub(super) async fn exact(engine: &Engine, what: PreviewAsk) -> Result<(Picture, Blob), Refusal> {
    let brought = engine.brought()?;
    let (partners, whole) = partners_for(engine, &what.recipe).await?;
    let reply = engine.0.side.ask_about(&brought, Ask::Exact { what, partners }).await?;
    let Answer::Exact(mut picture) = reply.answer else { return Err(unexpected(&reply.answer)) };
    picture.approximate = !whole;
    let options = BlobPropertyBag::new();
    options.set_type(picture.media_type.as_deref().unwrap_or_default());
    let parts: Array = reply.attached.into_iter().collect();
    let blob =
        Blob::new_with_u8_array_sequence_and_options(&parts, &options).map_err(|error| Refusal::new(words(&error)))?;
    Ok((picture, blob))
}

/// What a recipe that mixes chooses from, and whether that is what a run chooses from; nothing for others.
async fn partners_for(engine: &Engine, recipe: &Value) -> Result<(Partners, bool), Refusal> {
    if !mixes(&recipe["steps"]) {
        return Ok((Vec::new(), true));
    }
    let (partners, whole) = super::run::survey_alone(engine).await?;
    Ok(((*partners).clone(), whole))
}

/// Whether any step joins images.
pub(super) fn mixes(steps: &Value) -> bool {
    let is_mixing = |op: &str| CATALOG.iter().any(|entry| entry.op == op && entry.kind == Kind::Mixing);
    steps
        .as_array()
        .into_iter()
        .flatten()
        .any(|step| step["op"].as_str().is_some_and(is_mixing) || mixes(&step["steps"]))
}

/// A picture and its pixels.
pub(super) fn picture(reply: Reply) -> Result<(Picture, Option<Pixels>), Refusal> {
    let Answer::Picture(picture) = reply.answer else { return Err(unexpected(&reply.answer)) };
    let mut attached = reply.attached.into_iter();
    let image = attached.next().map(|data| image_data(data, &picture)).transpose()?;
    let mask = attached.next().map(|data| image_data(data, &picture)).transpose()?;
    Ok((picture, image.map(|image| Pixels { image, mask })))
}

fn image_data(data: JsValue, picture: &Picture) -> Result<ImageData, Refusal> {
    let data: Uint8ClampedArray = data.unchecked_into();
    ImageData::new_with_js_u8_clamped_array_and_sh(&data, picture.width, picture.height)
        .map_err(|error| Refusal::new(format!("the picture cannot be shown: {}", words(&error))))
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
