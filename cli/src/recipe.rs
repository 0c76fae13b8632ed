//! `delta recipe`: the built-in recipes, and recipes from files.

use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use augment_core::plan::{BUILT_IN, Recipe, RecipeProblem, schema};

use crate::args::RecipeCommand;
use crate::console::Console;
use crate::input::cause_of;
use crate::outcome::Outcome;

/// A recipe larger than this is none.
const MAX_BYTES: u64 = 4 << 20;

pub(crate) fn run(console: &Console, command: &RecipeCommand) -> anyhow::Result<Outcome> {
    match command {
        RecipeCommand::List => {
            let width = BUILT_IN.iter().map(|recipe| recipe.name.len()).max().unwrap_or_default();
            for recipe in BUILT_IN {
                console.result(format_args!("{:width$}  {}", recipe.name, recipe.summary))?;
            }
        }
        RecipeCommand::Show { name } => console.result(built_in(name).ok_or_else(|| unknown(name))?.trim_end())?,
        RecipeCommand::Schema => console.result(serde_json::to_string_pretty(&schema())?)?,
        RecipeCommand::Check { file } => {
            let text = read(file)?;
            match Recipe::parse(&text) {
                Ok(recipe) => console.result(format_args!(
                    "{}: a good recipe: {} step(s), {} cop{} of each image",
                    file.display(),
                    recipe.steps.len(),
                    recipe.count,
                    if recipe.count == 1 { "y" } else { "ies" }
                ))?,
                Err(problems) => {
                    for problem in &problems {
                        console.error(format_args!("{}: {problem}", file.display()));
                    }
                    bail!("{}: {} problem(s)", file.display(), problems.len());
                }
            }
        }
    }
    Ok(Outcome::Done)
}

/// The recipe that `--recipe` means: a built-in one by name, else a file.
pub(crate) fn load(name: &str) -> anyhow::Result<Recipe> {
    let text = match built_in(name) {
        Some(text) => text.to_owned(),
        None if Path::new(name).exists() || name.contains(['/', '.', '\\']) => read(Path::new(name))?,
        None => return Err(unknown(name)),
    };
    Recipe::parse(&text).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(RecipeProblem::to_string).collect();
        anyhow!("{name}: the recipe is wrong\n  {}", lines.join("\n  "))
    })
}

fn built_in(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|recipe| recipe.name == name).map(|recipe| recipe.json)
}

fn unknown(name: &str) -> anyhow::Error {
    let names: Vec<&str> = BUILT_IN.iter().map(|recipe| recipe.name).collect();
    anyhow!("{name}: there is no such recipe; built in are {}, or give a JSON file", names.join(", "))
}

fn read(file: &Path) -> anyhow::Result<String> {
    let named = || file.display().to_string();
    let facts = fs::metadata(file).map_err(|cause| anyhow!(cause_of(&cause))).with_context(named)?;
    if facts.len() > MAX_BYTES {
        bail!("{}: this is too large for a recipe", file.display());
    }
    fs::read_to_string(file).map_err(|cause| anyhow!(cause_of(&cause))).with_context(named)
}
