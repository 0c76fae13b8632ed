//! The Studio with a dataset: its parts side by side, or one at a time on a small screen.

use leptos::prelude::*;

use crate::engine::Engine;
use crate::intake::DataPanel;
use crate::lazy::Room;
use crate::preview::PreviewPanel;
use crate::recipe::RecipePanel;
use crate::run::{PageEffects, RunPanel, Runs};
use crate::settings::Settings;
use crate::studio_state::{Studio, Tab};
use crate::ui::{Glyph, Icon};

/// The Studio as a room of the page.
pub static ROOM: Room =
    Room { begin, always: || view! { <PageEffects /> }.into_any(), page: || view! { <Parts /> }.into_any() };

fn begin() {
    let studio = expect_context::<Studio>();
    provide_context(Runs::new(studio, expect_context::<Settings>(), expect_context::<Engine>()));
    crate::recipe::provide(studio);
}

#[component]
fn Parts() -> impl IntoView {
    let studio = expect_context::<Studio>();
    let shown = move |tab: Tab| move || studio.tab.get() == tab;
    view! {
        <div class="studio">
            <div class="studio-side">
                <section class="studio-data" data-tab="data" class:shown=shown(Tab::Data) aria-label="Dataset"><DataPanel /></section>
                <section class="studio-recipe" data-tab="recipe" class:shown=shown(Tab::Recipe) aria-label="Recipe"><RecipePanel /></section>
            </div>
            <section class="studio-preview" data-tab="preview" class:shown=shown(Tab::Preview) aria-label="Preview"><PreviewPanel /></section>
            <section class="studio-run" data-tab="run" class:shown=shown(Tab::Run) aria-label="Run"><RunPanel /></section>
            <Tabs />
        </div>
    }
}

/// The tabs of a small screen.
#[component]
fn Tabs() -> impl IntoView {
    let studio = expect_context::<Studio>();
    let tab = move |tab: Tab, words: &'static str, glyph: Glyph| {
        view! {
            <button type="button" class="studio-tab" aria-pressed=move || (studio.tab.get() == tab).to_string()
                on:click=move |_| studio.tab.set(tab)>
                <Icon glyph=glyph />
                <span>{words}</span>
            </button>
        }
    };
    view! {
        <nav class="studio-tabs" aria-label="Parts of the Studio">
            {tab(Tab::Data, "Data", Glyph::Images)}
            {tab(Tab::Recipe, "Recipe", Glyph::Sliders)}
            {tab(Tab::Preview, "Preview", Glyph::Grid)}
            {tab(Tab::Run, "Run", Glyph::Play)}
        </nav>
    }
}
