//! The splits of the dataset: their counts, and switches for those that a run augments.

use std::collections::BTreeSet;

use augment_core::plan::{Split, SplitChoice};
use augment_web_messages::SplitInfo;
use leptos::prelude::*;

use crate::studio_state::Studio;
use crate::ui::counted;

/// A switch for each split: a split that is off is copied unchanged.
#[component]
pub(super) fn Splits(splits: Vec<SplitInfo>) -> impl IntoView {
    let studio = expect_context::<Studio>();
    let all: Vec<Option<Split>> = splits.iter().map(|split| split.name.as_deref().map(Split::named)).collect();
    let rows = splits.into_iter().zip(all.clone()).map(|(info, split)| {
        let name = info.name.clone().unwrap_or_else(|| "in no split".to_owned());
        let label = format!("Augment {name}");
        let images = counted(info.images, "image", "images");
        let objects = (info.objects > 0).then(|| format!(", {}", counted(info.objects, "object", "objects")));
        let on = {
            let split = split.clone();
            Memo::new(move |_| !studio.unchanged().contains(&split))
        };
        // A recipe has no name for images in no split.
        let fixed = split.is_none();
        let all = all.clone();
        let toggle = move |_| {
            let choice = toggled(&studio.unchanged(), &all, split.as_ref());
            studio.recipe.update(|recipe| set(recipe, choice));
        };
        view! {
            <li class="split">
                <label class="split-label">
                    <input type="checkbox" aria-label=label prop:checked=on disabled=move || fixed || studio.running.get() on:change=toggle />
                    <span class="strong">{name}</span>
                    <span class="soft small num">{images}{objects}</span>
                    <span class="small">{move || if on.get() { "augmented" } else { "unchanged" }}</span>
                </label>
            </li>
        }
    });
    view! { <ul class="splits" aria-label="Splits">{rows.collect_view()}</ul> }
}

/// The choice after one split is switched; the last one that is on stays on.
fn toggled(unchanged: &BTreeSet<Option<Split>>, all: &[Option<Split>], switched: Option<&Split>) -> SplitChoice {
    let on = |split: &&Split| !unchanged.contains(&Some((*split).clone()));
    let mut chosen: BTreeSet<Split> = all.iter().flatten().filter(on).cloned().collect();
    if let Some(switched) = switched
        && (!chosen.remove(switched) || chosen.is_empty())
    {
        chosen.insert(switched.clone());
    }
    if chosen == BTreeSet::from([Split::Train]) { SplitChoice::Usual } else { SplitChoice::Only(chosen) }
}

/// Writes the choice into a recipe; the default is left out.
fn set(recipe: &mut serde_json::Value, choice: SplitChoice) {
    let Some(fields) = recipe.as_object_mut() else { return };
    if choice == SplitChoice::Usual {
        fields.shift_remove("augment");
    } else {
        fields.insert("augment".to_owned(), choice.to_string().into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_are_switched_one_by_one_and_the_last_stays_on() {
        let all = [Some(Split::Train), Some(Split::Val), None];
        let usual = SplitChoice::Usual.others(all.iter().cloned().collect());
        let both = toggled(&usual, &all, Some(&Split::Val));
        assert_eq!(both.to_string(), "train,val");
        let again = toggled(&both.others(all.iter().cloned().collect()), &all, Some(&Split::Val));
        assert_eq!(again, SplitChoice::Usual);
        assert_eq!(toggled(&usual, &all, Some(&Split::Train)), SplitChoice::Usual, "the last one stays on");
        let mut recipe = serde_json::json!({ "steps": [] });
        set(&mut recipe, both);
        assert_eq!(recipe["augment"], "train,val");
        set(&mut recipe, SplitChoice::Usual);
        assert_eq!(recipe, serde_json::json!({ "steps": [] }));
    }
}
