//! The web page: add a dataset, preview a recipe, run it, save the zip. Nothing leaves the browser unless the user
//! shares it.

#![expect(unreachable_pub, reason = "the component macro makes every component public")]

pub mod app;
pub mod browser;
pub mod cloud;
pub mod engine;
mod erased;
pub mod gallery;
pub mod intake;
pub mod lazy;
pub mod loader;
pub mod network_audit;
pub mod offline;
pub mod preview;
pub mod recipe;
pub mod run;
pub mod service;
pub mod settings;
pub mod studio;
pub mod studio_state;
pub mod ui;
pub mod upload_cache;

use wasm_bindgen::prelude::*;

/// Mounts the page into the document.
#[wasm_bindgen(start)]
pub fn start() {
    settings::theme::apply_stored();
    leptos::mount::mount_to_body(app::App);
}
