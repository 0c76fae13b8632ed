//! Writes what follows from the transforms' own files: the registry, the docs page, the schema, missing goldens.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::project;
use crate::shell;

/// Folders of transforms with the kind that each holds, in the catalog's order.
pub(crate) const KINDS: [(&str, &str); 5] = [
    ("geometry", "Geometric"),
    ("pixel", "Pixel"),
    ("neighborhood", "Neighborhood"),
    ("occlusion", "Occlusion"),
    ("mixing", "Mixing"),
];

/// Writes everything again; with `check` only compares and fails on a difference.
pub(crate) fn run(check: bool) -> Result<()> {
    let root = project::root();
    let registry = registry(&found_transforms(&root.join("core/render/src/transforms"))?)?;
    let mut stale = Vec::new();
    put(&root.join("core/render/src/transforms/mod.rs"), &registry, check, &mut stale)?;
    // The rest is asked of the program itself, built with the registry just written.
    let catalog = delta(check, &["catalog", "--json"])?;
    put(&root.join("docs/transforms.md"), &page(&serde_json::from_str(&catalog)?)?, check, &mut stale)?;
    put(&root.join("docs/recipe.schema.json"), &delta(check, &["recipe", "schema"])?, check, &mut stale)?;
    ensure!(stale.is_empty(), "out of date: {}; run `cargo xtask catalog` and commit", stale.join(", "));
    if !check {
        crate::goldens::add_missing()?;
    }
    Ok(())
}

/// A transform as its file declares it.
struct Found {
    folder: &'static str,
    kind: &'static str,
    op: String,
    name: String,
}

fn found_transforms(folder: &Path) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for (kind_folder, kind) in KINDS {
        let Ok(entries) = std::fs::read_dir(folder.join(kind_folder)) else { continue };
        let mut files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
        files.sort();
        for file in files {
            let (op, name) = declared(&file, kind).with_context(|| file.display().to_string())?;
            found.push(Found { folder: kind_folder, kind, op, name });
        }
    }
    Ok(found)
}

/// The recipe name and the type name in `Type = "name", Kind;`.
fn declared(file: &Path, kind: &str) -> Result<(String, String)> {
    let text = std::fs::read_to_string(file)?;
    let stem = file.file_stem().and_then(|stem| stem.to_str()).context("the file's name is not UTF-8")?;
    let line = text
        .lines()
        .skip_while(|line| !line.starts_with("transform! {"))
        .find_map(|line| line.trim().strip_suffix(&format!(", {kind};")))
        .with_context(|| format!("no `transform! {{ … Name = \"{stem}\", {kind}; … }}`"))?;
    let (name, op) = line.split_once(" = ").context("the declaration is not `Name = \"name\"`")?;
    let op = op.trim_matches('"');
    ensure!(op == stem, "declares '{op}', but the file is called '{stem}'");
    Ok((op.to_owned(), name.to_owned()))
}

fn registry(found: &[Found]) -> Result<String> {
    let mut folders: BTreeMap<usize, Vec<&Found>> = BTreeMap::new();
    for transform in found {
        let order = KINDS.iter().position(|(folder, _)| *folder == transform.folder).context("a known folder")?;
        folders.entry(order).or_default().push(transform);
    }
    let mut text = String::from(
        "//! The catalog of transforms: their descriptions, and what executes them.\n\
         // Written by `cargo xtask catalog` from the files beside it; do not edit.\n\nmod contract;\n",
    );
    for transforms in folders.values() {
        writeln!(text, "mod {} {{", transforms[0].folder)?;
        for transform in transforms {
            writeln!(text, "    pub(super) mod {};", transform.op)?;
        }
        text.push_str("}\n");
    }
    text.push_str(
        "\npub(crate) use contract::transform;\npub use contract::*;\n\n\
         /// The descriptions of all transforms; nothing here reaches a kernel.\n\
         pub static CATALOG: &[&Descriptor] = &[\n",
    );
    for Found { folder, op, name, .. } in folders.values().flatten() {
        writeln!(text, "    &<{folder}::{op}::{name} as Describe>::DESCRIPTOR,")?;
    }
    text.push_str("];\n\n/// All transforms, in the order of [`CATALOG`].\nstatic REGISTRY: &[Entry] = &[\n");
    for Found { folder, op, name, kind } in folders.values().flatten() {
        writeln!(text, "    Entry::{}::<{folder}::{op}::{name}>(),", kind.to_lowercase())?;
    }
    text.push_str(
        "];\n\n/// The transform of a name.\n#[must_use]\npub fn find(op: &str) -> Option<&'static Entry> {\n    \
         REGISTRY.iter().find(|entry| entry.descriptor.op == op)\n}\n",
    );
    Ok(text)
}

/// The program's answer. Other steps of the gate need its release build too; while a transform is written, the debug build
/// is there sooner.
fn delta(release: bool, arguments: &[&str]) -> Result<String> {
    let profile: &[&str] = if release { &["--release"] } else { &[] };
    let run = [&["run", "--quiet", "--package", "delta-augment"], profile, &["--"]].concat();
    shell::output(shell::cargo(&run).args(arguments))
}

fn put(file: &Path, text: &str, check: bool, stale: &mut Vec<String>) -> Result<()> {
    if std::fs::read_to_string(file).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if check {
        stale.push(file.file_name().unwrap_or_default().to_string_lossy().into_owned());
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, text).with_context(|| file.display().to_string())
}

/// The docs page: every transform with a table of its parameters and an example.
fn page(catalog: &Value) -> Result<String> {
    let mut text = String::from(
        "<!-- Written by `cargo xtask catalog`; do not edit. -->\n# Transforms\n\n\
         Every step also takes `p`, the probability that it runs (default 1). A range is `[low, high]`, drawn again \
         for every copy, or one number.\n",
    );
    let Some(transforms) = catalog.as_array() else { bail!("`delta catalog --json` gave no list") };
    let mut kind = "";
    for transform in transforms {
        let word = |name: &str| transform[name].as_str().unwrap_or_default();
        if word("kind") != kind {
            kind = word("kind");
            let mut title = kind.to_owned();
            if let Some(first) = title.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            write!(text, "\n## {title}\n")?;
        }
        write!(text, "\n### `{}`\n\n{}\n", word("op"), word("summary").trim())?;
        let parameters = transform["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        if !parameters.is_empty() {
            text.push_str("\n| parameter | default | values | meaning |\n| --- | --- | --- | --- |\n");
        }
        for parameter in parameters {
            let word = |name: &str| parameter[name].as_str().unwrap_or_default().trim();
            let unit = if word("unit").is_empty() { String::new() } else { format!(" {}", word("unit")) };
            writeln!(
                text,
                "| `{}` | `{}`{unit} | {} | {} |",
                word("name"),
                parameter["default"],
                values(parameter)?,
                word("doc")
            )?;
        }
        if let Some(example) = transform["examples"].as_array().and_then(|examples| examples.first()) {
            let mut step = serde_json::Map::from_iter([("op".to_owned(), transform["op"].clone())]);
            step.extend(example.as_object().cloned().unwrap_or_default());
            write!(text, "\n```json\n{}\n```\n", Value::Object(step))?;
        }
    }
    Ok(text)
}

/// What a parameter takes, in words.
fn values(parameter: &Value) -> Result<String> {
    let bound = |name: &str| parameter[name].as_f64().with_context(|| format!("no {name} in {parameter}"));
    let control = parameter["control"].as_str().unwrap_or_default();
    Ok(match control {
        "range" => format!("a number or a range, {} to {}", bound("min")?, bound("max")?),
        "integer_range" => format!("a whole number or a range, {} to {}", bound("min")?, bound("max")?),
        "integer" => format!("a whole number, {} to {}", bound("min")?, bound("max")?),
        "choice" => {
            let choices = parameter["choices"].as_array().with_context(|| format!("no choices in {parameter}"))?;
            let choices: Vec<String> =
                choices.iter().map(|choice| format!("`{}`", choice.as_str().unwrap_or_default())).collect();
            choices.join(", ")
        }
        "fill" => {
            "one number for gray or a list of three or four for red, green, blue and alpha, each 0 to 255".to_owned()
        }
        "flag" => "`true`, `false`".to_owned(),
        _ => bail!("no words for the values of {parameter}: add them to the catalog's page"),
    })
}
