//! Cuts a module where its sources say so: what is not needed at once comes in files of its own.

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

/// Cuts the module `name`, which was linked with its relocations; `folder` is for what is made on the way.
pub(super) fn split(module: &[u8], name: &str, folder: &Path) -> anyhow::Result<Parts> {
    let glue = format!("./{name}.js");
    let first = folder.join("first.wasm");
    let mut options = Options::new(module);
    options.output_dir = folder;
    options.main_out_path = &first;
    options.link_name = LINK;
    options.main_module = &glue;
    let made = transform(options).map_err(|error| anyhow::anyhow!("{name} cannot be cut: {error:?}"))?;
    let mut loaders = loaders(&std::fs::read_to_string(folder.join(LINK))?, &glue)?;
    let mut later = Vec::new();
    for path in made.split_modules {
        let file = path.file_name().context("a part without a name")?.to_string_lossy().into_owned();
        // Two modules may have parts of the same name.
        let own = format!("{name}_{file}");
        loaders = loaders.replace(&format!("\"./{file}\""), &format!("\"./{own}\""));
        later.push((own, without_names(&std::fs::read(&path)?)?));
    }
    later.sort();
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

/// The glue with its loaders in it, so that it imports nothing.
pub(super) fn join(glue: &str, loaders: &str) -> anyhow::Result<String> {
    let from = format!(" from \"{LINK}\"");
    let mut out = String::new();
    let mut names = Vec::new();
    for line in glue.lines() {
        let import = line.strip_prefix("import * as ").and_then(|line| line.trim_end_matches(';').strip_suffix(&from));
        match import {
            Some(name) => names.push(name),
            None if line.starts_with("import ") => bail!("the glue imports more than its parts: {line}"),
            None => out.extend([line, "\n"]),
        }
    }
    if names.is_empty() {
        bail!("the glue does not import its parts");
    }
    out.push_str(loaders);
    out.extend(names.iter().map(|name| format!("const {name} = parts;\n")));
    Ok(out)
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

#[cfg(test)]
mod tests {
    use super::{join, without_names};

    #[test]
    fn every_import_of_the_parts_becomes_a_name_in_the_glue() {
        let glue = "import * as import1 from \"./parts.js\"\nimport * as import2 from \"./parts.js\";\nuse(import1, import2);\n";
        let joined = join(glue, "const parts = {};\n").unwrap();
        assert_eq!(
            joined,
            "use(import1, import2);\nconst parts = {};\nconst import1 = parts;\nconst import2 = parts;\n"
        );
        assert!(join("import x from \"./other.js\"\n", "").is_err(), "a file that there is not");
        assert!(join("start();\n", "").is_err(), "a module without parts");
    }

    #[test]
    fn only_custom_sections_are_left_out() {
        let head = b"\0asm\x01\0\0\0";
        let custom = b"\0\x05\x04name";
        let memory = b"\x05\x03\x01\0\x01";
        let module = [&head[..], custom, memory, custom].concat();
        assert_eq!(without_names(&module).unwrap(), [&head[..], memory].concat());
    }
}
