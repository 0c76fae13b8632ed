//! Starts a transform's file from a template of its kind.

use anyhow::{Result, bail, ensure};

use crate::catalog::KINDS;
use crate::project;

/// Writes `core/render/src/transforms/<folder>/<op>.rs` to fill in.
pub(crate) fn run(folder: &str, op: &str) -> Result<()> {
    let Some((_, kind)) = KINDS.iter().find(|(known, _)| *known == folder) else {
        let folders: Vec<&str> = KINDS.iter().map(|(folder, _)| *folder).collect();
        bail!("there is no kind '{folder}'; known: {}", folders.join(", "));
    };
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    ensure!(
        op.starts_with(|c: char| c.is_ascii_lowercase()) && op.chars().all(word),
        "a transform's name is lower case with underscores: '{op}' is not"
    );
    let file = project::root().join(format!("core/render/src/transforms/{folder}/{op}.rs"));
    ensure!(!file.exists(), "core/render/src/transforms/{folder}/{op}.rs exists already");
    if let Some(parent) = file.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(&file, template(op, kind))?;
    eprintln!("wrote core/render/src/transforms/{folder}/{op}.rs: fill it in, then run `cargo xtask catalog`");
    Ok(())
}

fn template(op: &str, kind: &str) -> String {
    let name: String = op.split('_').map(capitalised).collect();
    let (imports, body) = execution(kind);
    let draw = if kind == "Mixing" {
        "Ok(Drawn { amount: self.amount.draw(random), partners: facts.partners.iter().take(1).copied().collect() })"
    } else {
        "Ok(Drawn { amount: self.amount.draw(random) })"
    };
    let facts = if kind == "Mixing" { "facts" } else { "_" };
    let partners = if kind == "Mixing" { "    partners: Vec<Digest>,\n" } else { "" };
    format!(
        "//! `{op}`: what it does, in a few words.

use crate::error::Result;
{imports}use crate::sampling::{{Facts, Random, Range}};
use crate::transforms::{{{uses}}};

transform! {{
    /// What it does, in a sentence or two for its user.
    {name} = \"{op}\", {kind};
    /// What the parameter means.
    amount: Range = Range::new(0.0, 1.0), Control::Range {{ min: 0.0, max: 1.0 }};
    examples: r#\"{{\"amount\": [0.2, 0.8]}}\"#, r#\"{{\"amount\": 1}}\"#;
    neutral: r#\"{{\"amount\": 0}}\"#;
}}

/// The drawn numbers: all that the execution needs.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawn {{
    amount: f64,
{partners}}}

impl Transform for {name} {{
    type Drawn = Drawn;

    fn draw(&self, {facts}: &Facts<'_>, random: &mut Random) -> Result<Drawn> {{
        {draw}
    }}
}}

{body}",
        uses = uses(kind).join(", "),
    )
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

fn uses(kind: &str) -> Vec<&str> {
    let mut names = vec!["Control", kind, "Transform", "transform"];
    match kind {
        "Occlusion" => names.extend(["Cover", "Paint"]),
        "Mixing" => names.extend(["Layout", "Tile"]),
        _ => {}
    }
    names.sort_by_key(|name| (name.starts_with(char::is_lowercase), *name));
    names
}

/// Imports and the implementation of a kind's trait: something harmless that uses `amount`.
fn execution(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "Geometric" => (
            "use crate::geometry::{Matrix3, Size, Warp};\n",
            "impl Geometric for Drawn {
    fn warp(&self, input: Size) -> Result<Warp> {
        let forward = Matrix3::translation(self.amount, 0.0);
        Warp::matrix(input, forward)
    }
}
",
        ),
        "Pixel" => (
            "use crate::kernels::{Levels, PixelPass};\nuse crate::math::to_u8;\n",
            "impl Pixel for Drawn {
    fn pass(&self, _: Option<Levels<'_>>) -> PixelPass {
        PixelPass::of_levels(|level| to_u8(f64::from(level) * self.amount))
    }
}
",
        ),
        "Neighborhood" => (
            "use crate::image::Image;\n",
            "impl Neighborhood for Drawn {
    fn apply(&self, image: Image) -> Result<Image> {
        Ok(image)
    }
}
",
        ),
        "Occlusion" => (
            "use crate::geometry::{Rect, Size};\nuse crate::image::Rgba;\n",
            "impl Occlusion for Drawn {
    fn cover(&self, size: Size) -> Cover {
        let side = (f64::from(size.width.min(size.height)) * self.amount).floor();
        Cover { rects: vec![Rect::new(0.0, 0.0, side, side)], paint: Paint::Fill(Rgba::BLACK) }
    }
}
",
        ),
        _ => (
            "use crate::digest::Digest;\nuse crate::geometry::{Matrix3, Size, Warp};\nuse crate::image::Fill;\n",
            "impl Mixing for Drawn {
    fn partners(&self) -> &[Digest] {
        &self.partners
    }

    fn layout(&self, sizes: &[Size]) -> Result<Layout> {
        let canvas = sizes[0];
        let tile = Tile { input: 0, warp: Warp::matrix(canvas, Matrix3::IDENTITY)?, part: canvas.frame() };
        Ok(Layout { canvas, background: Fill::BLACK, tiles: vec![tile] })
    }
}
",
        ),
    }
}
