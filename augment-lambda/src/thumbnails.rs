//! Thumbnails of an image, all made from one reduced version.

use std::sync::Arc;

use augment_core::Augmenter;
use augment_core::error::{Error, ErrorKind, Result};
use augment_core::formats::Dataset;
use augment_core::geometry::Size;
use augment_core::labels::Labels;
use augment_core::limits::Limits;
use augment_core::pipeline::{CopyKind, Prepared, RunSpec, Sample};
use augment_core::plan::Recipe;
use augment_records::THUMBNAILS;
use serde_json::json;

/// Maximum width and height of each thumbnail, in the order of [`THUMBNAILS`]. None is larger than its image.
const BOUNDS: [(u32, u32); THUMBNAILS.len()] =
    [(320, 320), (150, u32::MAX), (150, u32::MAX), (50, 50), (50, 50), (u32::MAX, 150), (u32::MAX, 150)];

/// A thumbnail's name, media type and bytes.
#[derive(Debug)]
pub(crate) struct Thumbnail {
    pub(crate) name: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// All thumbnails of an image.
pub(crate) fn make(prepared: &Prepared, dataset: &Dataset, limits: Limits) -> Result<Vec<Thumbnail>> {
    let own = prepared.sample.image.size();
    let sizes = BOUNDS.map(|(width, height)| fitted(own, width, height));
    let widest = sizes.iter().map(|size| size.width).max().unwrap_or(own.width);
    let mut source = prepared.clone();
    source.sample = Sample::new(Arc::clone(&prepared.sample.image), &Labels::default());
    // Twice the largest thumbnail keeps all of them sharp.
    if widest.saturating_mul(2) < own.width {
        let recipe = recipe(&json!({}), widest * 2, 0)?;
        let image = Arc::clone(&prepared.sample.image);
        let resized = Augmenter::new(recipe, 0).with_limits(limits).augment(image, &Labels::default(), &[], 0)?;
        source.sample = Sample::new(Arc::new(resized.image), &Labels::default());
    }
    let mut thumbnails = Vec::with_capacity(sizes.len());
    for (name, size) in THUMBNAILS.into_iter().zip(sizes) {
        let (format, content_type) =
            if name.ends_with(".webp") { ("webp", "image/webp") } else { ("jpeg", "image/jpeg") };
        let recipe = recipe(&json!({ "format": format, "quality": 82 }), size.width, size.height)?;
        let job = RunSpec::new(recipe, 0, dataset, dataset.format, limits);
        let no_partner = |_| Err(Error::new(ErrorKind::Replay, "a thumbnail has no mixing steps"));
        let bytes = job.render(&source, "thumbnail", CopyKind::Augmented(0), &no_partner)?.image;
        thumbnails.push(Thumbnail { name, content_type, bytes });
    }
    Ok(thumbnails)
}

fn recipe(output: &serde_json::Value, width: u32, height: u32) -> Result<Recipe> {
    let steps = json!([{ "op": "resize", "width": width, "height": height }]);
    let recipe = Recipe::from_value(json!({ "version": 1, "count": 1, "output": output, "steps": steps }));
    recipe.map_err(|problems| {
        Error::new(ErrorKind::Recipe, problems.first().map(ToString::to_string).unwrap_or_default())
    })
}

/// The largest size within bounds that keeps the aspect ratio and does not grow.
fn fitted(own: Size, width: u32, height: u32) -> Size {
    let (width, height) = (u64::from(width.min(own.width)), u64::from(height.min(own.height)));
    let (own_width, own_height) = (u64::from(own.width), u64::from(own.height));
    let part = |length: u64, of: u64, whole: u64| ((length * of + whole / 2) / whole.max(1)).max(1) as u32;
    // The tighter bound decides.
    if width * own_height <= height * own_width {
        Size::new(width as u32, part(own_height, width, own_width))
    } else {
        Size::new(part(own_width, height, own_height), height as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_keep_the_aspect_ratio_and_never_grow() {
        for (own, bounds, expected) in [
            ((4000, 3000), (320, 320), (320, 240)),
            ((3000, 4000), (150, u32::MAX), (150, 200)),
            ((3000, 4000), (u32::MAX, 150), (113, 150)),
            ((100, 40), (150, u32::MAX), (100, 40)),
            ((16_000, 2), (50, 50), (50, 1)),
            ((1, 1), (50, 50), (1, 1)),
        ] {
            let made = fitted(Size::new(own.0, own.1), bounds.0, bounds.1);
            assert_eq!((made.width, made.height), expected, "{own:?} within {bounds:?}");
        }
    }
}
