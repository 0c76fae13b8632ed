//! What is brought:  files, folders, zips, pasted images, the sample; and the list of what was found.

use leptos::prelude::*;

/// DataPanel.
#[component]
pub fn DataPanel() -> impl IntoView {
    view! { <div class="panel"><h2 class="panel-title">"DataPanel"</h2></div> }
}

/// DropOverlay.
#[component]
pub fn DropOverlay() -> impl IntoView {
    view! { <div class="panel"><h2 class="panel-title">"DropOverlay"</h2></div> }
}

/// Welcome.
#[component]
pub fn Welcome() -> impl IntoView {
    view! { <div class="panel"><h2 class="panel-title">"Welcome"</h2></div> }
}
