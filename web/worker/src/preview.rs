//! Draws pictures for the page: thumbnails, previews and single outputs.

use augment_core::digest::Digest;
use augment_core::geometry::{Point, Rect};
use augment_core::image::{Channels, Image};
use augment_core::labels::{Keypoint, Mask, Value};
use augment_core::pipeline::{CopyKind, RunSpec, bases};
use augment_core::preview::{self, View, class_color};
use augment_core::run::Partners;
use augment_web_messages::{Joint, Mark, Picture, PreviewRequest, Refusal};
use js_sys::{Uint8Array, Uint8ClampedArray};
use wasm_bindgen::JsValue;

use crate::dataset::{OpenDataset, recipe};
use crate::input::cause_of;

/// Reduced sources are this many times larger than their pictures, so that crops stay sharp.
const DETAIL: u32 = 2;
/// The opacity of a mask over its picture.
const TINT: u8 = 128;

/// A picture and its attachments.
pub(crate) type Shown = (Picture, Vec<JsValue>);

/// A recipe prepared for pictures.
pub(crate) struct PreviewRun {
    job: RunSpec,
    partners: Partners,
}

impl PreviewRun {
    /// Prepares a recipe.
    pub(crate) fn new(
        opened: &OpenDataset,
        what: &PreviewRequest,
        partners: &[(String, usize)],
    ) -> Result<Self, Refusal> {
        opened.check(what.item)?;
        let recipe = recipe(what.recipe.clone())?;
        let dataset = &opened.found.dataset;
        let job = RunSpec::new(recipe, what.seed, dataset, dataset.format, opened.found.limits);
        let (job, partners) = mixing(job, opened, partners)?;
        Ok(Self { job, partners })
    }

    /// A small picture of one copy; a fault of the image is in the picture.
    pub(crate) fn view(&self, opened: &OpenDataset, what: &PreviewRequest, copy: Option<u32>) -> Shown {
        view(opened, &self.job, &self.partners, (what.item, copy), what.side, DETAIL)
    }

    /// One output exactly as a run makes it.
    pub(crate) fn exact(&self, opened: &OpenDataset, what: &PreviewRequest) -> Result<Shown, Refusal> {
        let found = &opened.found;
        let copy = what.copies.first().copied().flatten();
        let name = &found.dataset.items[what.item].name;
        let make = || {
            let prepared = found.prepare(&self.job, what.item, found.read(what.item)?.0)?;
            let base = &bases(&found.dataset)[what.item];
            let partner = |digest| self.partners.fetch(found, &self.job, digest);
            let passes = self.job.leaves(&found.dataset.items[what.item]);
            let copy = if passes { CopyKind::Untouched } else { CopyKind::from(copy) };
            self.job.render(&prepared, base, copy, &partner)
        };
        let output = make().map_err(|error| Refusal::new(format!("{name}: {}", cause_of(name, &error))))?;
        let line = &output.line;
        let gone =
            |dropped: &augment_core::labels::Dropped| Mark { reason: Some(dropped.reason.clone()), ..Mark::default() };
        let picture = Picture {
            item: what.item,
            copy,
            width: line.width,
            height: line.height,
            full: (line.width, line.height),
            kept: preview::Mark::of(&output.placed).into_iter().map(mark).collect(),
            dropped: line.labels.dropped.iter().map(gone).collect(),
            mask: false,
            steps: line.steps.clone(),
            line: serde_json::to_value(line).ok(),
            media_type: Some(line.encoding.format().mime().to_owned()),
            approximate: false,
            error: None,
            warnings: line.warnings.iter().chain(&line.labels.warnings).cloned().collect(),
        };
        Ok((picture, vec![Uint8Array::from(output.image.as_slice()).into()]))
    }
}

/// A small picture of a source.
pub(crate) fn thumbnail(opened: &OpenDataset, item: usize, side: u32) -> Result<Shown, Refusal> {
    opened.check(item)?;
    Ok(view(opened, &opened.plain, &Partners::default(), (item, None), side, 1))
}

/// A picture of a copy, or of the source itself, from a source reduced to `detail` times its size.
fn view(
    opened: &OpenDataset,
    job: &RunSpec,
    partners: &Partners,
    (item, copy): (usize, Option<u32>),
    side: u32,
    detail: u32,
) -> Shown {
    let side = side.clamp(1, 4096);
    let make = || {
        let source = opened.reduced(item, side * detail)?;
        let partner = |digest| Ok(opened.reduced(partners.item(digest)?, side)?.small);
        let view = job.preview(&source, CopyKind::from(copy), side, &partner)?;
        Ok((view, source.warnings))
    };
    match make() {
        Ok((view, warnings)) => shown(item, copy, view, warnings),
        Err(error) => {
            let error: augment_core::Error = error;
            let name = &opened.found.dataset.items[item].name;
            let error = Some(cause_of(name, &error));
            (Picture { item, copy, error, ..Picture::default() }, Vec::new())
        }
    }
}

fn shown(item: usize, copy: Option<u32>, view: View, warnings: Vec<String>) -> Shown {
    let size = view.image.size();
    let mut attached = vec![Uint8ClampedArray::from(rgba(&view.image).as_slice()).into()];
    if let Some(mask) = &view.mask {
        attached.push(Uint8ClampedArray::from(tinted(mask).as_slice()).into());
    }
    let picture = Picture {
        item,
        copy,
        width: size.width,
        height: size.height,
        full: (view.full.width, view.full.height),
        kept: view.kept.into_iter().map(mark).collect(),
        dropped: view.dropped.into_iter().map(mark).collect(),
        mask: view.mask.is_some(),
        steps: view.steps,
        line: None,
        media_type: None,
        approximate: false,
        error: None,
        warnings,
    };
    (picture, attached)
}

/// Adds the images that steps may mix in, by the hashes from the page. Images that are not augmented are left out: a
/// model must not see the data that it is evaluated on.
pub(crate) fn mixing(
    job: RunSpec,
    opened: &OpenDataset,
    hashes: &[(String, usize)],
) -> Result<(RunSpec, Partners), Refusal> {
    let digest = |(hex, item): &(String, usize)| {
        let digest = serde_json::from_value(serde_json::Value::from(hex.as_str()));
        digest.map(|digest| (digest, *item)).map_err(|_| Refusal::new("a hash from the page is not valid"))
    };
    let mut digests: Vec<(Digest, usize)> = hashes.iter().map(digest).collect::<Result<_, _>>()?;
    digests.retain(|(_, item)| opened.found.dataset.items.get(*item).is_some_and(|item| !job.leaves(item)));
    let job = job.with_partners(digests.iter().map(|(digest, _)| *digest).collect());
    Ok((job, Partners::new(digests)))
}

fn mark(mark: preview::Mark) -> Mark {
    let bounds = |rect: Rect| [rect.x0, rect.y0, rect.x1, rect.y1];
    let joint = |joint: &Keypoint| Joint { x: joint.point.x, y: joint.point.y, state: joint.visibility as u8 };
    let ring = |ring: Vec<Point>| ring.into_iter().map(|point| [point.x, point.y]).collect();
    Mark {
        class: mark.class,
        bbox: mark.bbox.map(bounds),
        rings: mark.rings.into_iter().map(ring).collect(),
        joints: mark.keypoints.iter().map(joint).collect(),
        reason: mark.reason,
    }
}

fn rgba(image: &Image) -> Vec<u8> {
    let mut out = vec![255; image.size().area() * 4];
    let pixels = out.chunks_exact_mut(4);
    match image.channels() {
        Channels::Gray => {
            pixels.zip(image.samples()).for_each(|(to, level)| to[..3].fill(*level));
        }
        Channels::Rgb => {
            pixels.zip(image.samples().chunks_exact(3)).for_each(|(to, from)| to[..3].copy_from_slice(from));
        }
        Channels::Rgba => return image.samples().to_vec(),
    }
    out
}

/// The colors of a mask; transparent where it is 0.
fn tinted(mask: &Mask) -> Vec<u8> {
    let ink = |value: Value| match value {
        _ if value.is_zero() => [0; 4],
        Value::Number(class) => {
            let [r, g, b] = class_color(class.into());
            [r, g, b, TINT]
        }
        Value::Color([r, g, b]) => [r, g, b, TINT],
    };
    mask.each_value().flat_map(ink).collect()
}

#[cfg(test)]
mod tests {
    use augment_core::geometry::Size;

    use super::*;

    #[test]
    fn pixels_become_rgba() {
        let size = Size::new(2, 1);
        let gray = Image::from_samples(size, Channels::Gray, vec![7, 9]).unwrap();
        assert_eq!(rgba(&gray), [7, 7, 7, 255, 9, 9, 9, 255]);
        let rgb = Image::from_samples(size, Channels::Rgb, vec![1, 2, 3, 4, 5, 6]).unwrap();
        assert_eq!(rgba(&rgb), [1, 2, 3, 255, 4, 5, 6, 255]);
        let [r, g, b] = class_color(9);
        let mask = Image::from_samples(size, Channels::Gray, vec![0, 9]).unwrap().into();
        assert_eq!(tinted(&mask), [0, 0, 0, 0, r, g, b, TINT]);
    }
}
