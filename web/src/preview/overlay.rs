//! Draws labels over a picture: boxes, outlines and skeletons in class colors, dropped objects dashed.

use augment_web_messages::{ClassInfo, Mark, Picture};
use wasm_bindgen::JsValue;
use web_sys::{CanvasRenderingContext2d, CanvasWindingRule, HtmlCanvasElement};

/// Which labels are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Kept labels.
    pub labels: bool,
    /// Dropped labels.
    pub dropped: bool,
    /// Class names.
    pub names: bool,
}

/// Maps a picture's coordinates to a canvas, and scales lines.
#[derive(Clone, Copy, Debug)]
pub struct Pen {
    /// Canvas pixels per picture pixel.
    pub scale: f64,
    /// The left edge of the picture.
    pub x: f64,
    /// The top edge of the picture.
    pub y: f64,
    /// Canvas pixels per screen pixel.
    pub dot: f64,
    /// Whether small objects show their names too.
    pub all_names: bool,
}

/// The 2D context of a canvas.
#[must_use]
pub fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    wasm_bindgen::JsCast::dyn_into(canvas.get_context("2d").ok()??).ok()
}

/// Draws a picture's labels.
pub fn draw(context: &CanvasRenderingContext2d, picture: &Picture, classes: &[ClassInfo], shown: Shown, pen: Pen) {
    if shown.dropped {
        for mark in &picture.dropped {
            Brush::new(context, classes, mark, pen, true).mark(shown.names);
        }
    }
    if shown.labels {
        for mark in &picture.kept {
            Brush::new(context, classes, mark, pen, false).mark(shown.names);
        }
    }
}

struct Brush<'a> {
    context: &'a CanvasRenderingContext2d,
    class: Option<&'a ClassInfo>,
    mark: &'a Mark,
    pen: Pen,
    dropped: bool,
}

impl<'a> Brush<'a> {
    fn new(
        context: &'a CanvasRenderingContext2d,
        classes: &'a [ClassInfo],
        mark: &'a Mark,
        pen: Pen,
        dropped: bool,
    ) -> Self {
        Self { context, class: classes.get(mark.class), mark, pen, dropped }
    }

    fn color(&self, alpha: f64) -> String {
        let [red, green, blue] = self.class.map_or([255; 3], |class| class.color);
        format!("rgba({red},{green},{blue},{alpha})")
    }

    fn at(&self, point: [f64; 2]) -> (f64, f64) {
        (point[0] * self.pen.scale + self.pen.x, point[1] * self.pen.scale + self.pen.y)
    }

    fn mark(&self, names: bool) {
        let context = self.context;
        context.save();
        if self.dropped {
            let dash = js_sys::Array::of2(&JsValue::from(5.0 * self.pen.dot), &JsValue::from(4.0 * self.pen.dot));
            let _ = context.set_line_dash(&dash);
            context.set_global_alpha(0.85);
        }
        context.set_line_join("round");
        self.outline();
        if let (Some([x0, y0, x1, y1]), true) = (self.mark.bbox, self.mark.rings.is_empty()) {
            let ((x0, y0), (x1, y1)) = (self.at([x0, y0]), self.at([x1, y1]));
            self.stroke(|| context.stroke_rect(x0, y0, x1 - x0, y1 - y0));
        }
        self.skeleton();
        context.restore();
        if names {
            self.name();
        }
    }

    /// A line with a dark edge, visible on any background.
    fn stroke(&self, line: impl Fn()) {
        let context = self.context;
        if !self.dropped {
            context.set_stroke_style_str("rgba(0,0,0,.35)");
            context.set_line_width(2.5 * self.pen.dot);
            line();
        }
        context.set_stroke_style_str(&self.color(1.0));
        context.set_line_width(1.5 * self.pen.dot);
        line();
    }

    fn outline(&self) {
        if self.mark.rings.is_empty() {
            return;
        }
        let context = self.context;
        context.begin_path();
        for ring in &self.mark.rings {
            for (i, point) in ring.iter().enumerate() {
                let (x, y) = self.at(*point);
                if i == 0 { context.move_to(x, y) } else { context.line_to(x, y) }
            }
            context.close_path();
        }
        context.set_fill_style_str(&self.color(if self.dropped { 0.08 } else { 0.28 }));
        context.fill_with_canvas_winding_rule(CanvasWindingRule::Evenodd);
        self.stroke(|| context.stroke());
    }

    fn skeleton(&self) {
        let context = self.context;
        let joints = &self.mark.joints;
        for &(from, to) in self.class.map_or(&[][..], |class| &class.skeleton) {
            let (Some(a), Some(b)) = (joints.get(from), joints.get(to)) else { continue };
            if a.state == 0 || b.state == 0 {
                continue;
            }
            let ((ax, ay), (bx, by)) = (self.at([a.x, a.y]), self.at([b.x, b.y]));
            self.stroke(|| {
                context.begin_path();
                context.move_to(ax, ay);
                context.line_to(bx, by);
                context.stroke();
            });
        }
        let _ = context.set_line_dash(&js_sys::Array::new());
        for joint in joints.iter().filter(|joint| joint.state > 0) {
            let (x, y) = self.at([joint.x, joint.y]);
            context.begin_path();
            let _ = context.arc(x, y, 3.2 * self.pen.dot, 0.0, std::f64::consts::TAU);
            let (fill, edge) = if joint.state == 2 {
                (self.color(1.0), "#fff".to_owned())
            } else {
                ("rgba(0,0,0,.5)".into(), self.color(1.0))
            };
            context.set_fill_style_str(&fill);
            context.fill();
            context.set_stroke_style_str(&edge);
            context.set_line_width(1.25 * self.pen.dot);
            context.stroke();
        }
    }

    fn name(&self) {
        let (Some(class), Some([x0, y0, x1, _])) = (self.class, self.mark.bbox) else { return };
        let context = self.context;
        let size = 12.0 * self.pen.dot;
        context.set_font(&format!("600 {size}px system-ui, sans-serif"));
        let width = context.measure_text(&class.name).map_or(0.0, |metrics| metrics.width());
        let ((left, top), (right, _)) = (self.at([x0, y0]), self.at([x1, y0]));
        // In a small picture, a name would hide a small object.
        if !self.pen.all_names && right - left < width * 2.2 {
            return;
        }
        let pad = 3.0 * self.pen.dot;
        let height = size + pad;
        let left = left.max(0.0);
        // Above the box if there is room, else inside it.
        let top = if top > height { top - height } else { top.max(0.0) };
        context.set_global_alpha(if self.dropped { 0.6 } else { 0.92 });
        context.set_fill_style_str(&self.color(1.0));
        context.fill_rect(left, top, width + 2.0 * pad, height);
        let [red, green, blue] = class.color.map(f64::from);
        context.set_fill_style_str(if 0.299 * red + 0.587 * green + 0.114 * blue > 140.0 { "#111" } else { "#fff" });
        context.set_text_baseline("middle");
        let _ = context.fill_text(&class.name, left + pad, top + height / 2.0 + 0.5 * self.pen.dot);
        context.set_global_alpha(1.0);
    }
}
