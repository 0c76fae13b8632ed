//! The form for the details of images: title, tags, group.

use augment_api::{MAX_TAGS, is_group, is_tag};
use leptos::prelude::*;

use super::model::Gallery;
use super::text::tags_of;

/// The details of images.
#[derive(Clone, Copy, Debug)]
pub(super) struct ImageDetails {
    pub(super) title: RwSignal<String>,
    pub(super) tags: RwSignal<String>,
    pub(super) group: RwSignal<String>,
}

impl ImageDetails {
    pub(super) fn new() -> Self {
        Self { title: RwSignal::default(), tags: RwSignal::default(), group: RwSignal::default() }
    }

    /// The title, if there is one.
    pub(super) fn title(self) -> Option<String> {
        self.title.with_untracked(|title| Some(title.trim().to_owned()).filter(|title| !title.is_empty()))
    }

    /// The group, if there is one.
    pub(super) fn group(self) -> Option<String> {
        self.group.with_untracked(|group| Some(group.trim().to_owned()).filter(|group| !group.is_empty()))
    }

    /// The tags.
    pub(super) fn tags(self) -> Vec<String> {
        self.tags.with_untracked(|tags| tags_of(tags))
    }

    /// The error in the tags.
    fn tags_wrong(self) -> Option<String> {
        let tags = self.tags.with(|tags| tags_of(tags));
        if let Some(wrong) = tags.iter().find(|tag| !is_tag(tag)) {
            return Some(format!("{wrong}: a tag has 1 to 20 letters from A to Z"));
        }
        (tags.len() > MAX_TAGS).then(|| format!("{MAX_TAGS} tags at most"))
    }

    fn group_wrong(self) -> Option<&'static str> {
        let group = self.group.get();
        let group = group.trim();
        (!group.is_empty() && !is_group(group))
            .then_some("A group's name has 1 to 40 letters, digits, hyphens or underscores")
    }

    fn title_wrong(self) -> Option<&'static str> {
        self.title.with(|title| title.trim().chars().count() > 200).then_some("200 letters at most")
    }

    /// Whether all fields are valid.
    pub(super) fn fits(self) -> bool {
        self.tags_wrong().is_none() && self.group_wrong().is_none() && self.title_wrong().is_none()
    }
}

/// The fields.
#[component]
pub(super) fn DetailsFields(about: ImageDetails, #[prop(into)] titled: Signal<bool>) -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    let wrong = |words: Option<String>| words.map(|words| view! { <p class="field-error" role="alert">{words}</p> });
    view! {
        {move || titled.get().then(|| view! {
            <label class="field">
                <span class="field-label">"Title"</span>
                <input class="input" type="text" aria-label="Title" maxlength="200" autocomplete="off" prop:value=move || about.title.get()
                    on:input=move |event| about.title.set(event_target_value(&event)) />
                {move || wrong(about.title_wrong().map(str::to_owned))}
            </label>
        })}
        <label class="field">
            <span class="field-label">"Tags"</span>
            <input class="input" type="text" aria-label="Tags" aria-describedby="tags-help" placeholder="cells blood" autocomplete="off" prop:value=move || about.tags.get()
                aria-invalid=move || about.tags_wrong().is_some().to_string()
                on:input=move |event| about.tags.set(event_target_value(&event)) />
            {move || match about.tags_wrong() {
                Some(words) => wrong(Some(words)).into_any(),
                None => view! { <p class="field-help" id="tags-help">"Letters only, separated by spaces"</p> }.into_any(),
            }}
        </label>
        <label class="field">
            <span class="field-label">"Group"</span>
            <input class="input" type="text" aria-label="Group" list="gallery-groups" autocomplete="off" prop:value=move || about.group.get()
                aria-invalid=move || about.group_wrong().is_some().to_string()
                on:input=move |event| about.group.set(event_target_value(&event)) />
            <datalist id="gallery-groups">
                {move || gallery.groups.get().into_iter().map(|name| view! { <option value=name></option> }).collect_view()}
            </datalist>
            {move || wrong(about.group_wrong().map(str::to_owned))}
        </label>
    }
}
