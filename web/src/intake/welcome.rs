//! The empty Studio: what it is for, and the ways to start.

use leptos::prelude::*;

use super::Intake;
use super::illustration::BeforeAfter;
use super::panel::{Busy, ProblemRows};
use super::pickers::Pickers;
use crate::browser;
use crate::ui::{Button, Glyph, Icon, Notice, Tone};

/// Shown before there is a dataset.
#[component]
pub fn Welcome() -> impl IntoView {
    let intake = expect_context::<Intake>();
    let key = if browser::is_apple() { "⌘" } else { "Ctrl" };
    view! {
        <div class="welcome">
            <div class="welcome-words">
                <h2 class="welcome-title">"More training images, with labels that follow"</h2>
                <p class="welcome-lead">
                    "Turn, crop, bend, relight: every image in several versions, and every box, polygon, keypoint and mask in its new place."
                </p>
                <div class="welcome-drop">
                    <p class="welcome-drop-title"><Icon glyph=Glyph::Upload /> "Drop images, a folder or a zip anywhere"</p>
                    <div class="row welcome-ways">
                        <Pickers class="large" primary=true />
                        <Button label="Try the sample" glyph=Glyph::Images class="large" on_press=move || intake.sample() />
                    </div>
                    <Busy />
                    {move || intake.error.get().map(|error| view! {
                        <div role="alert">
                            <Notice tone=Tone::Danger>
                                <p class="strong">{error.message}</p>
                                <ProblemRows rows=error.files.into_iter().take(20).collect() />
                                <p>"Add JPEG, PNG, WebP, BMP, GIF or TIFF images, with their label files beside them."</p>
                            </Notice>
                        </div>
                    })}
                    <p class="small soft">
                        "Or paste an image with " <kbd>{key}</kbd> " " <kbd>"V"</kbd> ", or add files with " <kbd>{key}</kbd> " " <kbd>"O"</kbd> "."
                    </p>
                </div>
                <dl class="welcome-formats">
                    <div><dt>"Images"</dt><dd>"JPEG, PNG, WebP, BMP, GIF, TIFF"</dd></div>
                    <div><dt>"Labels"</dt><dd>"Pascal VOC, YOLO, COCO, class folders, masks"</dd></div>
                    <div><dt>"Packed as"</dt><dd>"files, folders, zips"</dd></div>
                </dl>
                <p class="welcome-trust"><Icon glyph=Glyph::Shield /> "Nothing leaves this computer: everything happens in this page, even without a network."</p>
            </div>
            <BeforeAfter />
        </div>
    }
}
