//! The recipe editor: the recipe as it is edited, and the panel, cards, catalog and text that edit it.

mod card;
mod catalog;
mod command;
mod controls;
mod drag;
mod edit;
mod editor;
mod exchange;
mod history;
mod json;
mod list;
mod model;
mod panel;
mod parameter;
mod policy;
mod scale;
pub mod share;
mod sketch;
mod text;

#[cfg(test)]
mod tests;

pub use editor::{Editor, title};
pub use model::is_group;
pub use panel::RecipePanel;
pub(crate) use panel::browser_writes;

/// Makes the recipe editor, and takes the recipe that the page's address may carry.
pub fn provide(studio: crate::state::Studio) {
    let editor = Editor::provide(studio);
    exchange::follow_links(editor);
}
