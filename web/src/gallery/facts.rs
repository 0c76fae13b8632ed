//! The facts about an image: numbers, hashes, its recipe.

use augment_api::{Image, Run, Visibility};
use leptos::prelude::*;

use super::text::{day, in_days};
use crate::recipe::link;
use crate::ui::{CopyButton, Glyph, Icon, bytes, counted};

/// The facts.
#[component]
pub(super) fn Facts(image: Image) -> impl IntoView {
    let seen = match image.visibility {
        Visibility::Public => "Everybody",
        Visibility::Private => "Only you",
    };
    let by = match image.run {
        Run::Client => "in a browser or on a computer",
        Run::Server => "on the server",
        Run::Dataset => "in jobs over datasets",
    };
    let zip = image.results.as_ref().map(|results| {
        let hash = results.sha256.clone();
        view! {
            <dt>"Results"</dt><dd>{bytes(results.size)}</dd>
            <dt class="facts-wide">"SHA-256 of the zip"</dt>
            <dd class="facts-hash"><code class="tiny" data-hash="results">{hash.clone()}</code><CopyButton text=hash label="Copy the hash of the zip" /></dd>
        }
    });
    view! {
        <section class="card one-facts" aria-labelledby="one-facts">
            <h2 class="panel-title" id="one-facts">"About"</h2>
            <dl class="facts">
                <dt>"File"</dt><dd class="wrap">{image.filename.clone()}</dd>
                <dt>"Size"</dt><dd>{bytes(image.size)}</dd>
                <dt>"Shared"</dt><dd>{day(&image.created_at)}</dd>
                <dt>"Expires"</dt><dd>{format!("{}, {}", in_days(&image.expires_at), day(&image.expires_at))}</dd>
                <dt>"Who sees it"</dt><dd>{seen}</dd>
                {image.group.clone().map(|group| view! { <dt>"Group"</dt><dd>{group}</dd> })}
                <dt>"Copies"</dt><dd>{format!("{}, made {by}", counted(image.count as usize, "copy", "copies"))}</dd>
                {zip}
            </dl>
            <Recipe image=image />
        </section>
    }
}

#[component]
fn Recipe(image: Image) -> impl IntoView {
    let text = serde_json::to_string_pretty(&image.recipe).unwrap_or_default();
    let steps = image.recipe["steps"].as_array().map_or(0, Vec::len);
    let link = link::fragment(&image.recipe);
    view! {
        <details class="fold">
            <summary><Icon glyph=Glyph::Right size="s" /><span class="grow">{format!("Recipe: {}", counted(steps, "step", "steps"))}</span></summary>
            <pre class="command mono" tabindex="0" aria-label="Recipe">{text.clone()}</pre>
        </details>
        <div class="row">
            <a class="button small" href=link><Icon glyph=Glyph::Sliders size="s" /> <span>"Use this recipe"</span></a>
            <CopyButton text=text label="Copy the recipe" words=true />
        </div>
    }
}
