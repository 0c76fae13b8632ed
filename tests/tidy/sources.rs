//! The project's Rust sources: their paths, texts and, by package, the modules that they are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Folders with files that are not ours, or not sources.
const SKIPPED: &[&str] = &["target", "node_modules", "fixtures", "corpus", "artifacts", "out"];

/// A module's path inside its package: `["formats", "yolo"]`.
pub(crate) type Module = Vec<String>;

/// Every Rust file of the project, relative to its root, with its text.
pub(crate) fn sources() -> Vec<(PathBuf, String)> {
    files(&["rs"])
}

/// Everything that people read, relative to the project's root: sources, documents, the page and its tests.
pub(crate) fn texts() -> Vec<(PathBuf, String)> {
    let mut texts = files(&["rs", "md", "html", "mjs", "js", "css", "yaml", "toml"]);
    // The lists of words themselves.
    texts.retain(|(path, _)| !path.ends_with("tidy/words.rs"));
    texts
}

/// The project's folder.
pub(crate) fn root() -> PathBuf {
    let tests = std::env::var("CARGO_MANIFEST_DIR").expect("cargo names the package's folder");
    Path::new(&tests).parent().expect("the package lies in the project").to_path_buf()
}

fn files(endings: &[&str]) -> Vec<(PathBuf, String)> {
    let root = root();
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder can be read") {
            let path = entry.expect("an entry can be read").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                let is_module = folder.ends_with("src");
                if !name.starts_with('.') && (is_module || !SKIPPED.contains(&name.as_str())) {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)) {
                let text = std::fs::read_to_string(&path).expect("a source is text");
                files.push((path.strip_prefix(&root).expect("it lies in the project").to_path_buf(), text));
            }
        }
    }
    assert!(files.len() > 50, "only {} files found: the search is broken", files.len());
    files.sort();
    files
}

/// The modules of each package that ships, by the package's folder, with their tokens. Tests, benches and fuzz targets
/// are left out.
pub(crate) fn packages() -> BTreeMap<String, BTreeMap<Module, TokenStream>> {
    let mut packages: BTreeMap<String, BTreeMap<Module, TokenStream>> = BTreeMap::new();
    for (path, text) in sources() {
        let path = path.to_string_lossy().replace('\\', "/");
        let Some((package, file)) = path.split_once("/src/") else { continue };
        if package.starts_with("tests/") || package == "benches" || package == "fuzz" {
            continue;
        }
        let mut module: Module = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            module.pop();
        }
        let tokens = TokenStream::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        packages.entry(package.to_owned()).or_default().insert(module, tokens);
    }
    packages
}

/// The tokens of what ships: without items under `#[cfg(test)]`.
pub(crate) fn without_tests(tokens: TokenStream) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_test = matches!(&token, TokenTree::Punct(mark) if mark.as_char() == '#')
            && matches!(tokens.peek(), Some(TokenTree::Group(group)) if group.stream().to_string().replace(' ', "") == "cfg(test)");
        if !is_test {
            kept.push(token);
            continue;
        }
        // The item ends with its braces or with a semicolon.
        for token in tokens.by_ref() {
            let ends = match &token {
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                TokenTree::Punct(mark) => mark.as_char() == ';',
                _ => false,
            };
            if ends {
                break;
            }
        }
    }
    kept
}

/// A path in the tokens of a file.
pub(crate) struct Named {
    /// `crate::a::{b, c::d}` gives `crate::a::b` and `crate::a::c::d`.
    pub(crate) path: Vec<String>,
    /// The name that a `use` gives it, which other files can then reach through this one.
    pub(crate) alias: Option<String>,
    /// Whether it is only passed on, by `pub use`.
    pub(crate) passed_on: bool,
}

/// Every path of the tokens, `use` trees spread out.
pub(crate) fn named(tokens: &[TokenTree]) -> Vec<Named> {
    let mut found = Vec::new();
    scan(tokens, &mut found);
    found
}

fn scan(tokens: &[TokenTree], found: &mut Vec<Named>) {
    let mut at = 0;
    while at < tokens.len() {
        at = match &tokens[at] {
            TokenTree::Ident(word) if word == "use" => {
                let is_pub = |at: Option<usize>| is_word(at.and_then(|at| tokens.get(at)), "pub");
                let in_group = matches!(at.checked_sub(1).map(|at| &tokens[at]), Some(TokenTree::Group(_)));
                let passed_on = is_pub(at.checked_sub(1)) || in_group && is_pub(at.checked_sub(2));
                let first = found.len();
                let end = path(tokens, at + 1, &[], found);
                for named in &mut found[first..] {
                    named.passed_on = passed_on;
                    named.alias = named.alias.take().or_else(|| named.path.last().cloned());
                }
                end
            }
            // How far a name is visible is no import: `pub(in crate::formats)`.
            TokenTree::Ident(word) if word == "pub" => {
                at + 1
                    + usize::from(
                        matches!(tokens.get(at + 1), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis),
                    )
            }
            TokenTree::Ident(_) => {
                let first = found.len();
                let end = path(tokens, at, &[], found);
                found[first..].iter_mut().for_each(|named| named.alias = None);
                end
            }
            TokenTree::Group(group) => {
                scan(&without_tests(group.stream()), found);
                at + 1
            }
            _ => at + 1,
        };
    }
}

fn is_word(token: Option<&TokenTree>, word: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(name)) if name == word)
}

fn is_mark(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(found)) if found.as_char() == mark)
}

/// Reads the path that begins here, with the tree in its braces; gives where it ends.
fn path(tokens: &[TokenTree], mut at: usize, prefix: &[String], found: &mut Vec<Named>) -> usize {
    let mut segments = prefix.to_vec();
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(name)) => segments.push(name.to_string()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace && !segments.is_empty() => {
                let tree: Vec<TokenTree> = group.stream().into_iter().collect();
                let mut inner = 0;
                while inner < tree.len() {
                    inner = match &tree[inner] {
                        TokenTree::Ident(_) => path(&tree, inner, &segments, found),
                        _ => inner + 1,
                    };
                }
                return at + 1;
            }
            Some(TokenTree::Punct(mark)) if mark.as_char() == '*' => segments.push("*".to_owned()),
            _ => break,
        }
        at += 1;
        if !(is_mark(tokens.get(at), ':') && is_mark(tokens.get(at + 1), ':')) {
            break;
        }
        at += 2;
    }
    let mut alias = None;
    if let (true, Some(TokenTree::Ident(name))) = (is_word(tokens.get(at), "as"), tokens.get(at + 1)) {
        alias = Some(name.to_string());
        at += 2;
    }
    if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
        segments.pop();
    }
    found.push(Named { path: segments, alias, passed_on: false });
    at.max(1)
}
