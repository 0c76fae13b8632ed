//! The page: bring a dataset, see what a recipe does to it, run it, save the zip; nothing leaves the browser.

pub mod app;
pub mod engine;
pub mod state;

use wasm_bindgen::prelude::*;

/// Puts the page into the document.
#[wasm_bindgen(start)]
pub fn start() {
    leptos::mount::mount_to_body(app::App);
}
