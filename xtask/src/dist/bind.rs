//! From a module that rustc made to those that a browser loads: cut into parts, then `wasm-bindgen` as a library.

use std::path::Path;

use anyhow::{Context, bail};
use wasm_bindgen_cli_support::Bindgen;

use super::site::digest;
use super::split;
use crate::project;

/// A module with the JavaScript that loads it.
pub(super) struct Bound {
    /// The module, and the parts of it that come later, each with its name.
    pub(super) modules: Vec<(String, Vec<u8>)>,
    pub(super) glue_name: String,
    pub(super) glue: String,
}

/// What decides beside the module: a change here makes what is kept stale.
const BINDS: &[u8] = concat!(include_str!("bind.rs"), include_str!("split.rs")).as_bytes();

/// Binds the module under `name`; `boot` is put after the glue. What was bound before is taken from the build folder.
pub(super) fn bind(name: &str, module: &Path, boot: &str) -> anyhow::Result<Bound> {
    let bytes = std::fs::read(module).with_context(|| format!("{} cannot be read", module.display()))?;
    let kept = project::target_dir()?.join("dist-bound").join(name);
    let folder = kept.join(digest(&[&bytes, BINDS].concat()));
    let (first, glue_name) = (format!("{name}_bg.wasm"), format!("{name}.js"));
    if !folder.join("done").exists() {
        // One of each is kept, or the folder would grow for ever.
        if kept.exists() {
            std::fs::remove_dir_all(&kept)?;
        }
        std::fs::create_dir_all(&folder)?;
        generate(name, &bytes, &folder).with_context(|| format!("{} cannot be bound", module.display()))?;
        std::fs::write(folder.join("done"), "")?;
    }
    if folder.join("snippets").exists() {
        bail!("a dependency of {name} brings JavaScript of its own, which the site has no place for");
    }
    let mut modules = Vec::new();
    for entry in folder.read_dir()? {
        let file = entry?.file_name().to_string_lossy().into_owned();
        if file.ends_with(".wasm") {
            modules.push((file.clone(), std::fs::read(folder.join(&file))?));
        }
    }
    // The first one first, then by name.
    modules.sort_by_key(|(file, _)| (*file != first, file.clone()));
    let glue = std::fs::read_to_string(folder.join(&glue_name))?;
    Ok(Bound { modules, glue: format!("{}\n{boot}", without_comments(&glue)), glue_name })
}

fn generate(name: &str, bytes: &[u8], folder: &Path) -> anyhow::Result<()> {
    let cut = folder.join("cut");
    let parts = split::split(bytes, name, &cut)?;
    std::fs::remove_dir_all(cut)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes(name, parts.first).out_name(name).web(true)?.typescript(false);
    bindgen.omit_default_module_path(true).remove_name_section(true).remove_producers_section(true);
    // The parts of a module reach each other by what the linker exports.
    bindgen.keep_lld_exports(true).generate(folder)?;
    for (file, bytes) in parts.later {
        std::fs::write(folder.join(file), bytes)?;
    }
    let glue = folder.join(format!("{name}.js"));
    let joined = split::join(&std::fs::read_to_string(&glue)?, &parts.loaders)?;
    Ok(std::fs::write(glue, joined)?)
}

/// The glue without its whole-line comments and indentation: what can be left out without reading JavaScript.
fn without_comments(glue: &str) -> String {
    let mut out = String::with_capacity(glue.len());
    let mut inside = false;
    for line in glue.lines().map(str::trim) {
        inside |= line.starts_with("/*");
        if !inside && !line.is_empty() && !line.starts_with("//") {
            out.push_str(line);
            out.push('\n');
        }
        inside &= !line.ends_with("*/");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::without_comments;

    #[test]
    fn glue_keeps_every_statement() {
        let glue = "/**\n * Starts.\n */\nexport function start() {\n    // why\n    return a /* b */ + c;\n}\n";
        assert_eq!(without_comments(glue), "export function start() {\nreturn a /* b */ + c;\n}\n");
    }
}
