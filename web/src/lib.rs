//! The page: bring a dataset, see what a recipe does to it, run it, save the zip; nothing leaves the browser unless a
//! person shares it.

#![expect(unreachable_pub, reason = "the component macro makes every component public")]

pub mod app;
pub mod browser;
pub mod cloud;
pub mod engine;
pub mod gallery;
pub mod intake;
pub mod later;
mod lean;
pub mod offline;
pub mod preview;
pub mod recipe;
pub mod run;
pub mod service;
pub mod settings;
pub mod shelf;
pub mod state;
pub mod studio;
pub mod trust;
pub mod ui;

use wasm_bindgen::prelude::*;

/// Puts the page into the document.
#[wasm_bindgen(start)]
pub fn start() {
    settings::theme::apply_stored();
    leptos::mount::mount_to_body(app::App);
}
