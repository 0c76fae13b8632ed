//! Cuts the page's module where its sources say so: what the first sight does not need comes in files of its own.

use std::path::Path;

use anyhow::{Context, bail};
use wasm_split_cli_support::{Options, transform};
use wasmparser::Parser;

/// What the glue of `wasm-bindgen` imports the loaders of the parts from; both end in one file.
pub(super) const LINK: &str = "./parts.js";

/// A module cut into its first part and those that come later.
pub(super) struct Parts {
    /// What starts; still to be bound.
    pub(super) first: Vec<u8>,
    /// The others by file name.
    pub(super) later: Vec<(String, Vec<u8>)>,
    /// The JavaScript that loads them, for the same file as the glue.
    pub(super) loaders: String,
}

/// Cuts a module that was linked with its relocations; `folder` is for what is made on the way.
pub(super) fn split(module: &[u8], glue: &str, folder: &Path) -> anyhow::Result<Parts> {
    let first = folder.join("first.wasm");
    let mut options = Options::new(module);
    options.output_dir = folder;
    options.main_out_path = &first;
    options.link_name = LINK;
    options.main_module = glue;
    let made = transform(options).map_err(|error| anyhow::anyhow!("the page's module cannot be cut: {error:?}"))?;
    let mut later = Vec::new();
    for path in made.split_modules {
        let name = path.file_name().context("a part without a name")?.to_string_lossy().into_owned();
        later.push((name, without_names(&std::fs::read(&path)?)?));
    }
    later.sort();
    let loaders = loaders(&std::fs::read_to_string(folder.join(LINK))?, glue)?;
    Ok(Parts { first: std::fs::read(first)?, later, loaders })
}

/// The loaders as a part of the glue itself, which they import: files named by their content cannot name each other.
fn loaders(link: &str, glue: &str) -> anyhow::Result<String> {
    let own = format!("import {{ initSync }} from \"{glue}\";");
    let streaming = "WebAssembly.instantiateStreaming(src, imports)";
    if !link.contains(&own) || !link.contains(streaming) {
        bail!("the loaders of the page's parts are not written as expected: the crate that cuts modules changed");
    }
    let mut out = link.replace(&own, "").replace("export const ", "const ");
    // Hosts that do not know the type of WebAssembly are hosts, too.
    out = out.replace(streaming, "instantiate(src, imports)");
    out.push_str(
        "async function instantiate(response, imports) {\n\
         const { instance } = await WebAssembly.instantiate(await (await response).arrayBuffer(), imports);\n\
         return instance;\n}\n",
    );
    let names: Vec<&str> = link.split("export const ").skip(1).filter_map(|rest| rest.split(' ').next()).collect();
    out.push_str(&format!("const parts = {{ {} }};\n", names.join(", ")));
    Ok(out)
}

/// The glue with its loaders in it.
pub(super) fn join(glue: &str, loaders: &str) -> anyhow::Result<String> {
    let (before, after) =
        glue.split_once(&format!(" from \"{LINK}\"")).context("the glue does not import its parts")?;
    let (before, name) = before.rsplit_once("import * as ").context("the glue imports its parts in another way")?;
    let after = after.trim_start_matches(';');
    Ok(format!("{before}{after}\n{loaders}const {name} = parts;\n"))
}

/// A module without its custom sections: names of functions, which only the check of what is in the page reads.
fn without_names(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    // The file's own head: its magic number and version.
    let mut end = 8;
    let mut out = module[..end].to_vec();
    for payload in Parser::new(0).parse_all(module) {
        if let Some((id, range)) = payload?.as_section() {
            if id != 0 {
                out.extend(&module[end..range.end as usize]);
            }
            end = range.end as usize;
        }
    }
    Ok(out)
}
