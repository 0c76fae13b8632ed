//! The illustration of the empty Studio: a drawn scene and three augmented versions of it, with their boxes.

use leptos::prelude::*;

/// The scene, 120 by 80, with a margin around it so that a rotated version has no empty corners. The style sheet has
/// its colors.
const SCENE: &str = "<g id=\"scene-shapes\"><path class=\"scene-sky\" d=\"M-60-60h240v200H-60z\"/>\
<circle class=\"scene-sun\" cx=\"99\" cy=\"17\" r=\"7\"/>\
<path class=\"scene-far\" d=\"M-60 60L-20 38 10 56 44 34 78 58 110 40 180 64V140H-60z\"/>\
<path class=\"scene-near\" d=\"M-60 62Q0 54 60 61T180 60V140H-60z\"/>\
<path class=\"scene-trunk\" d=\"M28 44h4v18h-4z\"/><ellipse class=\"scene-tree\" cx=\"30\" cy=\"36\" rx=\"11\" ry=\"14\"/>\
<path class=\"scene-house\" d=\"M58 62V40h28v22z\"/><path class=\"scene-roof\" d=\"M58 40L72 28l14 12z\"/>\
<path class=\"scene-door\" d=\"M69 62V50h7v12z\"/></g>";

/// A version of the scene: its name, its transform, and the boxes of house and tree as left, top, right, bottom.
struct Version {
    name: &'static str,
    class: &'static str,
    transform: &'static str,
    boxes: [[f64; 4]; 2],
}

const VERSIONS: [Version; 4] = [
    Version { name: "source", class: "", transform: "", boxes: [[58.0, 28.0, 86.0, 62.0], [19.0, 22.0, 41.0, 62.0]] },
    Version {
        name: "rotated",
        class: "",
        transform: "translate(60 40) rotate(-13) scale(1.22) translate(-60 -40)",
        boxes: [[57.6, 22.4, 96.9, 66.7], [9.6, 26.6, 36.9, 74.9]],
    },
    Version {
        name: "flipped, warmer",
        class: "scene-warm",
        transform: "translate(120 0) scale(-1 1)",
        boxes: [[34.0, 28.0, 62.0, 62.0], [79.0, 22.0, 101.0, 62.0]],
    },
    Version {
        name: "cropped, darker",
        class: "scene-dark",
        transform: "translate(60 40) scale(1.55) translate(-62 -46)",
        boxes: [[53.8, 12.1, 97.2, 64.8], [0.8, 2.8, 27.4, 64.8]],
    },
];

fn drawing(version: &Version) -> String {
    let mut svg = format!("<g transform=\"{}\">", version.transform);
    // The first version defines the shapes, the others refer to them.
    svg.push_str(if version.transform.is_empty() { SCENE } else { "<use href=\"#scene-shapes\"/>" });
    svg.push_str("</g>");
    for ([x0, y0, x1, y1], class) in version.boxes.iter().zip(["scene-box-a", "scene-box-b"]) {
        let (width, height) = (x1 - x0, y1 - y0);
        svg.push_str(&format!(
            "<rect class=\"scene-box {class}\" x=\"{x0}\" y=\"{y0}\" width=\"{width}\" height=\"{height}\"/>"
        ));
    }
    svg
}

/// The scene with two labeled objects, and its three versions.
#[component]
pub(super) fn BeforeAfter() -> impl IntoView {
    let figures = VERSIONS
        .iter()
        .enumerate()
        .map(|(at, version)| {
            view! {
                <div class="scene" class:scene-first=at == 0>
                    <svg class=format!("scene-picture {}", version.class) viewBox="0 0 120 80" preserveAspectRatio="xMidYMid slice"
                        inner_html=drawing(version)></svg>
                    <span class="scene-name">{version.name}</span>
                </div>
            }
        })
        .collect_view();
    view! {
        <div class="scenes" role="img"
            aria-label="A drawn landscape with a box around its house and its tree, and three versions of it: rotated, flipped, cropped. The boxes follow.">
            {figures}
        </div>
    }
}
