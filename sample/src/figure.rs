//! Things in a scene: layers of painted shapes, joints, a shadow; and how a list of them becomes picture and labels.

use augment_core::geometry::{Point, Size};
use augment_core::labels::{Keypoint, Labels, Object, Shape, Visibility};

use crate::canvas::{Canvas, soften};
use crate::color::{Paint, Rgb, hex};
use crate::path::{Path, at};
use crate::raster::{Mask, cover};
use crate::trace::{bound, outline};

/// A labeled thing is left out of its scene when less of it than this is seen.
const MIN_SEEN: f64 = 0.3;
/// ... or when it covers fewer pixels of a 640×480 frame.
const MIN_AREA: f64 = 60.0;

/// A painted shape.
pub(crate) struct Layer {
    path: Path,
    paint: Paint,
    opacity: f64,
}

/// Where a figure's shadow falls.
#[derive(Clone, Copy)]
pub(crate) enum Shadow {
    /// Nowhere.
    None,
    /// On the ground at this height, to the right, as long as this part of the figure's height.
    Ground(f64, f64),
}

/// A joint as its figure knows it: where it is, and whether the figure itself hides it.
#[derive(Clone, Copy)]
pub(crate) struct Joint {
    pub(crate) point: Point,
    pub(crate) hidden: bool,
}

/// One thing of a scene: an object when it has a class, else an unlabeled part of the set.
pub(crate) struct Figure {
    class: Option<usize>,
    layers: Vec<Layer>,
    joints: Vec<Joint>,
    shadow: Shadow,
}

impl Figure {
    /// An object of a class, still without layers.
    pub(crate) fn object(class: usize, shadow: Shadow) -> Self {
        Self { class: Some(class), layers: Vec::new(), joints: Vec::new(), shadow }
    }

    /// Something unlabeled that may stand before objects.
    pub(crate) fn prop(shadow: Shadow) -> Self {
        Self { class: None, layers: Vec::new(), joints: Vec::new(), shadow }
    }

    /// Paints a shape over what is there.
    pub(crate) fn draw(&mut self, path: Path, paint: Paint) {
        self.layers.push(Layer { path, paint, opacity: 1.0 });
    }

    /// Paints a shape that lets through what is below, as far as the figure's own shape goes.
    pub(crate) fn glaze(&mut self, path: Path, paint: Paint, opacity: f64) {
        self.layers.push(Layer { path, paint, opacity });
    }

    /// Names the joints, in the order of the class.
    pub(crate) fn set_joints(&mut self, joints: Vec<Joint>) {
        self.joints = joints;
    }

    /// The shape on the frame; glazes do not count.
    fn mask(&self, scale: f64, frame: Size) -> Mask {
        let solid = self.layers.iter().filter(|layer| layer.opacity >= 1.0);
        solid.fold(Mask::default(), |mask, layer| mask.over(&cover(&layer.path, scale, frame, 0.0)))
    }

    fn cast_shadow(&self, canvas: &mut Canvas) {
        let Shadow::Ground(ground, length) = self.shadow else { return };
        let solid = self.layers.iter().filter(|layer| layer.opacity >= 1.0);
        let blur = 2.5 * canvas.scale();
        let lain = |p: Point| {
            let height = (ground - p.y).max(0.0);
            at(p.x + height * length, ground + height * length * 0.14)
        };
        let mut mask = solid.fold(Mask::default(), |mask, layer| {
            // Lying down mirrors the shape: coverage does not mind, as long as it mirrors whole paths.
            mask.over(&cover(&layer.path.map(lain), canvas.scale(), canvas.size(), 4.0 * blur))
        });
        soften(&mut mask, blur as usize);
        let shade = hex(0x141c33);
        canvas.fill(&mask, 0.34, |_| shade);
    }

    fn paint(&self, canvas: &mut Canvas, whole: &Mask, highlight: Option<Rgb>) {
        for layer in &self.layers {
            let mut mask = cover(&layer.path, canvas.scale(), canvas.size(), 0.0);
            if layer.opacity < 1.0 {
                mask.keep_within(whole);
            }
            match highlight {
                Some(color) => canvas.fill(&mask, layer.opacity, |_| color),
                None => canvas.fill(&mask, layer.opacity, &layer.paint),
            }
        }
    }
}

/// Paints figures from the furthest to the nearest and labels the objects among them by what is seen of each.
pub(crate) fn stage(canvas: &mut Canvas, figures: Vec<Figure>) -> Labels {
    let (scale, frame) = (canvas.scale(), canvas.size());
    let mut kept: Vec<(Figure, Mask)> = Vec::new();
    // From the nearest backwards, so that what is left out hides nothing.
    for figure in figures.into_iter().rev() {
        let mask = figure.mask(scale, frame);
        let mut seen = mask.clone();
        kept.iter().for_each(|(_, nearer)| seen.hide_behind(nearer));
        let least = (MIN_SEEN * mask.area()).max(MIN_AREA * scale * scale);
        if figure.class.is_none() || (seen.area() >= least && !outline(&seen).is_empty()) {
            kept.push((figure, mask));
        }
    }
    kept.reverse();
    let mut labels = Labels::default();
    for (i, (figure, mask)) in kept.iter().enumerate() {
        let highlight = figure.class.and_then(|_| canvas.highlight(labels.objects.len()));
        figure.cast_shadow(canvas);
        figure.paint(canvas, mask, highlight);
        let Some(class) = figure.class else { continue };
        let mut seen = mask.clone();
        kept[i + 1..].iter().for_each(|(_, nearer)| seen.hide_behind(nearer));
        let parts = outline(&seen);
        let keypoints = figure.joints.iter().map(|joint| keypoint(*joint, &seen, scale, frame)).collect();
        labels.objects.push(Object {
            class,
            bbox: bound(&parts),
            shape: Some(Shape::Polygons(parts)),
            keypoints,
            index: labels.objects.len(),
            ..Object::default()
        });
    }
    labels
}

/// A joint outside the frame is absent, one behind something hidden.
fn keypoint(joint: Joint, seen: &Mask, scale: f64, frame: Size) -> Keypoint {
    let point = Point::new(joint.point.x * scale, joint.point.y * scale);
    if !frame.frame().contains(point) {
        return Keypoint { point: Point::default(), visibility: Visibility::Absent };
    }
    let covered = seen.at(point.x as usize, point.y as usize) < 0.5;
    let visibility = if joint.hidden || covered { Visibility::Hidden } else { Visibility::Visible };
    Keypoint { point, visibility }
}
