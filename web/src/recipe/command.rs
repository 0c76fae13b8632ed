//! The command line that makes the same zip as the page.

use augment_core::plan::BUILT_IN;
use serde_json::Value;

use super::json_text::pretty;

/// What the command depends on.
#[derive(Clone, Copy, Debug)]
pub struct CommandInput<'a> {
    /// The whole recipe, with seed, count and output.
    pub recipe: &'a Value,
    /// The names of the files and folders that were added.
    pub inputs: &'a [String],
    /// The format to write labels in, if it is not the dataset's own.
    pub labels: Option<&'a str>,
}

/// The command: one line for a built-in recipe, else preceded by one that writes the recipe file.
#[must_use]
pub fn command(same: CommandInput<'_>) -> String {
    let recipe = same.recipe;
    let mut line = String::from("delta augment");
    for input in same.inputs {
        line.push(' ');
        // A name that starts with a dash would be read as an option.
        line.push_str(&quote(&if input.starts_with('-') { format!("./{input}") } else { input.clone() }));
    }
    if same.inputs.is_empty() {
        line.push_str(" INPUT");
    }
    line.push_str(" -o out.zip --recipe ");
    let builtin = BUILT_IN.iter().find(|candidate| is_unchanged(recipe, candidate.json));
    line.push_str(builtin.map_or("recipe.json", |builtin| builtin.name));
    for name in ["count", "seed"] {
        if let Some(number) = recipe[name].as_u64() {
            line.push_str(&format!(" --{name} {number}"));
        }
    }
    if let Some(builtin) = builtin {
        let original: Value = serde_json::from_str(builtin.json).unwrap_or_default();
        for (name, default) in [("format", "jpeg".into()), ("quality", Value::from(90))] {
            let set = |recipe: &Value| recipe["output"].get(name).unwrap_or(&default).clone();
            let now = set(recipe);
            if now != set(&original) {
                line.push_str(&format!(" --{name} {}", now.as_str().map_or_else(|| now.to_string(), Into::into)));
            }
        }
    }
    if let Some(labels) = same.labels {
        line.push_str(&format!(" --labels {labels}"));
    }
    if builtin.is_some() {
        return line;
    }
    format!("cat > recipe.json <<'END_OF_RECIPE'\n{}END_OF_RECIPE\n{line}", pretty(recipe))
}

/// Whether a recipe equals a built-in one, except for the options seed, count, format and quality.
fn is_unchanged(recipe: &Value, original: &str) -> bool {
    let Ok(original) = serde_json::from_str::<Value>(original) else { return false };
    let bare = |recipe: &Value| {
        let mut output = recipe["output"].as_object().cloned().unwrap_or_default();
        output.shift_remove("format");
        output.shift_remove("quality");
        output.retain(|name, value| name != "include_original" || *value != Value::Bool(false));
        output
    };
    // Compared as text: the zip repeats the steps as they are written, in their order.
    let text = |recipe: &Value| recipe["steps"].to_string();
    text(recipe) == text(&original) && recipe["labels"] == original["labels"] && bare(recipe) == bare(&original)
}

/// Quotes a word for a POSIX shell.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:+@%=".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.into() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
