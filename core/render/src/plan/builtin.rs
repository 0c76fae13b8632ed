//! The built-in recipes.

/// A recipe that comes with the program.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for.
    pub summary: &'static str,
    /// The recipe.
    pub json: &'static str,
}

macro_rules! built_in {
    ($($name:literal: $summary:literal;)*) => {
        /// All of them, the first one the default.
        pub const BUILT_IN: &[BuiltIn] = &[
            $(BuiltIn { name: $name, summary: $summary, json: include_str!(concat!("recipes/", $name, ".json")) }),*
        ];
    };
}

built_in! {
    "classic": "turns, quarter turns, flips and zooms: for any photographs";
    "classification": "crops, flips and strong changes of light and color: one class an image";
    "detection": "gentle geometry and light that keep boxes tight and small objects alive";
    "segmentation": "geometry with bends, and light: for polygons and masks";
    "flip-vertical": "one vertical flip an image";
    "none": "plain copies: to convert labels or to check a round trip";
}
