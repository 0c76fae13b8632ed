//! The filters of the grid: search, tag, group, own images.

use leptos::prelude::*;

use super::model::Gallery;
use crate::ui::{Button, ButtonKind, Glyph, Icon, When};

/// Tags that are shown at first.
const TAGS_SHOWN: usize = 12;

/// The filters.
#[component]
pub(super) fn Filters() -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    let any = Signal::derive(move || {
        gallery.tag.with(Option::is_some)
            || gallery.group.with(Option::is_some)
            || gallery.mine.get()
            || gallery.search.with(|search| !search.is_empty())
    });
    view! {
        <div class="gallery-filters" role="search" aria-label="Filter the gallery">
            <div class="gallery-search">
                <Icon glyph=Glyph::Search />
                <input class="input" type="search" aria-label="Search" placeholder="Search by name or tag"
                    prop:value=move || gallery.search.get()
                    on:input=move |event| gallery.search.set(event_target_value(&event)) />
            </div>
            <When on=Signal::derive(move || gallery.groups.with(|groups| !groups.is_empty()))>
                <select class="select" aria-label="Group" prop:value=move || gallery.group.get().unwrap_or_default()
                    on:change=move |event| {
                        let name = event_target_value(&event);
                        gallery.group.set((!name.is_empty()).then_some(name));
                        // The service filters by a tag or a group, not both.
                        gallery.tag.set(None);
                    }>
                    <option value="">"All groups"</option>
                    {move || gallery.groups.get().into_iter().map(|name| {
                        let chosen = gallery.group.with_untracked(|group| group.as_ref() == Some(&name));
                        view! { <option value=name.clone() selected=chosen>{name.clone()}</option> }
                    }).collect_view()}
                </select>
            </When>
            <When on=Signal::derive(move || gallery.may_write())>
                <Button label="Mine" pressed=gallery.mine on_press=move || gallery.mine.update(|mine| *mine = !*mine) />
            </When>
            <When on=any>
                <Button label="Clear" glyph=Glyph::Close kind=ButtonKind::Quiet on_press=move || {
                    gallery.search.set(String::new());
                    gallery.tag.set(None);
                    gallery.group.set(None);
                    gallery.mine.set(false);
                } />
            </When>
        </div>
        <Tags />
    }
}

/// The tags in use, as toggle buttons.
#[component]
fn Tags() -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    let all = RwSignal::new(false);
    let rest = Memo::new(move |_| gallery.tags.with(Vec::len).saturating_sub(TAGS_SHOWN));
    let shown = move || {
        let most = if all.get() { usize::MAX } else { TAGS_SHOWN };
        let chosen = gallery.tag.get();
        let tags = gallery.tags.get();
        tags.into_iter()
            .enumerate()
            .filter(|(at, tag)| *at < most || chosen.as_ref() == Some(tag))
            .map(|(_, tag)| tag)
            .collect::<Vec<_>>()
    };
    view! {
        <When on=Signal::derive(move || gallery.tags.with(|tags| !tags.is_empty()))>
            <div class="gallery-tags" role="group" aria-label="Tags">
                <For each=shown key=Clone::clone children=move |tag: String| {
                    let (own, name) = (tag.clone(), tag.clone());
                    let pressed = Signal::derive(move || gallery.tag.with(|chosen| chosen.as_ref() == Some(&own)));
                    view! {
                        <button type="button" class="tag" aria-pressed=move || pressed.get().to_string() on:click=move |_| {
                            let other = (!pressed.get_untracked()).then(|| name.clone());
                            gallery.tag.set(other);
                            gallery.group.set(None);
                        }>{tag}</button>
                    }
                } />
                <When on=Signal::derive(move || rest.get() > 0)>
                    <button type="button" class="tag more" aria-expanded=move || all.get().to_string() on:click=move |_| all.update(|all| *all = !*all)>
                        {move || if all.get() { "Fewer".to_owned() } else { format!("{} more", rest.get()) }}
                    </button>
                </When>
            </div>
        </When>
    }
}
