//! From a module that rustc made to one that a browser loads: `wasm-bindgen` as a library.

use std::path::Path;

use anyhow::{Context, bail};
use wasm_bindgen_cli_support::Bindgen;

use super::site::digest;
use crate::project;

/// A module with the JavaScript that loads it.
pub(super) struct Bound {
    pub(super) wasm_name: String,
    pub(super) wasm: Vec<u8>,
    pub(super) glue_name: String,
    pub(super) glue: String,
}

/// Binds the module under `name`; `boot` is put after the glue. What was bound before is taken from the build folder.
pub(super) fn bind(name: &str, module: &Path, boot: &str) -> anyhow::Result<Bound> {
    let bytes = std::fs::read(module).with_context(|| format!("{} cannot be read", module.display()))?;
    let kept = project::target_dir()?.join("dist-bound").join(name);
    let folder = kept.join(digest(&bytes));
    if !folder.join("done").exists() {
        // One of each is kept, or the folder would grow for ever.
        if kept.exists() {
            std::fs::remove_dir_all(&kept)?;
        }
        let mut bindgen = Bindgen::new();
        bindgen.input_bytes(name, bytes).out_name(name).web(true)?.typescript(false);
        bindgen.omit_default_module_path(true).remove_name_section(true).remove_producers_section(true);
        bindgen.generate(&folder).with_context(|| format!("{} cannot be bound", module.display()))?;
        std::fs::write(folder.join("done"), "")?;
    }
    if folder.join("snippets").exists() {
        bail!("a dependency of {name} brings JavaScript of its own, which the site has no place for");
    }
    let (wasm_name, glue_name) = (format!("{name}_bg.wasm"), format!("{name}.js"));
    let wasm = std::fs::read(folder.join(&wasm_name))?;
    let glue = std::fs::read_to_string(folder.join(&glue_name))?;
    Ok(Bound { wasm_name, wasm, glue: format!("{}\n{boot}", without_comments(&glue)), glue_name })
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
