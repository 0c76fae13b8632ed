//! The preview:  draws of the chosen image.

use leptos::prelude::*;

/// PreviewPanel.
#[component]
pub fn PreviewPanel() -> impl IntoView {
    view! { <div class="panel"><h2 class="panel-title">"PreviewPanel"</h2></div> }
}
