//! The recipe editor: its model, and the panel, cards, catalog and text that edit the recipe.

mod card;
mod catalog;
mod command;
mod controls;
mod drag;
mod edit;
mod editor;
mod history;
mod import_export;
mod json_pane;
mod json_text;
mod label_policy;
pub mod link;
mod model;
mod panel;
mod parameter;
mod scale;
mod thumbnails;

#[cfg(test)]
mod tests;

pub use editor::{Editor, title};
pub use model::is_group;
pub use panel::RecipePanel;
pub(crate) use panel::is_typing;

/// Sets up the recipe editor, and loads a recipe from the page's address.
pub fn provide(studio: crate::studio_state::Studio) {
    let editor = Editor::provide(studio);
    import_export::follow_links(editor);
}
