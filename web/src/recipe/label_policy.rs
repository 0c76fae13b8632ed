//! The controls of the label policy: which objects are kept, and options for special labels.

use augment_core::transforms::Control;
use augment_web_messages::Listing;
use leptos::prelude::*;

use super::editor::Editor;
use super::parameter::{ParameterInfo, ValueSlot, parameter};
use crate::erased::memo;
use crate::ui::{Glyph, Icon};

/// The controls of the label policy.
pub(super) fn policy(editor: Editor) -> AnyView {
    let knobs = [
        ParameterInfo {
            name: "min_visibility",
            label: "Minimum visible part".into(),
            doc: "Objects with a smaller visible part are dropped from the labels.",
            unit: "× object",
            control: Control::Number { min: 0.0, max: 1.0 },
            default: 0.1.into(),
        },
        ParameterInfo {
            name: "min_area",
            label: "Minimum area".into(),
            doc: "Smaller objects are dropped from the labels.",
            unit: "px²",
            control: Control::Integer { min: 0, max: 65_535 },
            default: 1.into(),
        },
        ParameterInfo {
            name: "box_mode",
            label: "Boxes of rotated objects".into(),
            doc: "Around an ellipse inside the old box, which is tight for most objects, or around its four corners.",
            unit: "",
            control: Control::Choice(&["ellipse", "corners"]),
            default: "ellipse".into(),
        },
    ];
    view! {
        <details class="fold recipe-policy">
            <summary><Icon glyph=Glyph::Right size="s" />"Labels"</summary>
            <div class="stack">
                {knobs.into_iter().map(|about| parameter(editor, ValueSlot::Policy, about)).collect::<Vec<_>>()}
                {if_relevant(editor, mirrored, |listing| listing.splits.iter().any(|split| split.objects > 0))}
                {if_relevant(editor, flip_unpaired, |listing| listing.unpaired)}
                {if_relevant(editor, mask_fill, |listing| listing.masks > 0)}
            </div>
        </details>
    }
    .into_any()
}

/// A control that is shown if the dataset has such labels, or if the recipe sets it.
fn if_relevant(editor: Editor, about: fn() -> ParameterInfo, is_relevant: fn(&Listing) -> bool) -> AnyView {
    let name = about().name;
    let shown = memo(move || {
        editor.studio.listing.with(|listing| listing.as_ref().is_some_and(is_relevant))
            || editor.with(|draft| draft.policy(name).is_some())
    });
    view! { <Show when=move || shown.get()>{parameter(editor, ValueSlot::Policy, about())}</Show> }.into_any()
}

fn mirrored() -> ParameterInfo {
    ParameterInfo {
        name: "mirrored",
        label: "Objects that a border repeats".into(),
        doc: "A border that reflects or wraps shows parts of objects again: leave them without labels, or label them too.",
        unit: "",
        control: Control::Choice(&["leave", "label"]),
        default: "leave".into(),
    }
}

fn flip_unpaired() -> ParameterInfo {
    ParameterInfo {
        name: "flip_unpaired",
        label: "Flip keypoints as they are".into(),
        doc: "The dataset does not say which keypoints are left and right, so flips are skipped. If this is on, flips are drawn, and every \
              keypoint keeps its name.",
        unit: "",
        control: Control::Flag,
        default: false.into(),
    }
}

fn mask_fill() -> ParameterInfo {
    ParameterInfo {
        name: "mask_fill",
        label: "Masks outside the image".into(),
        doc: "The mask value where a step shows no image. Many trainers ignore 255. Choose a color for color masks.",
        unit: "",
        control: Control::Fill,
        default: 0.into(),
    }
}
