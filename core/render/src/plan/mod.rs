//! From a recipe to a plan: the user's ranges, a seed and a copy become plain numbers.

mod builtin;
mod check;
mod parse;
mod planner;
mod recipe;
mod schema;
mod split;

pub use builtin::{BUILT_IN, BuiltIn};
pub use check::{RecipeProblem, check};
pub use planner::{DrawContext, Plan, PlannedStep, Stage, draw_plan};
pub use recipe::{Group, OutputFormat, OutputOptions, Recipe, Step, StepBody};
pub use schema::schema;
pub use split::{Split, SplitChoice, folder_name};
