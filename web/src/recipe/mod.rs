//! The recipe editor.

use leptos::prelude::*;

/// RecipePanel.
#[component]
pub fn RecipePanel() -> impl IntoView {
    view! { <div class="panel"><h2 class="panel-title">"RecipePanel"</h2></div> }
}
