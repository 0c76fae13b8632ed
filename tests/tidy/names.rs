//! One name, one thing: a type that other files can see shares its name with at most one other type of the project.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};

use crate::sources;

const MAX_DEFINITIONS: usize = 2;

/// Names that more files define, with the reason.
const MAY_REPEAT: &[(&str, &str)] =
    &[("Drawn", "each transform calls the numbers that it draws so, and they are seen in its own file alone")];

#[test]
fn a_type_name_stands_for_at_most_two_things() {
    let mut definitions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (package, modules) in sources::packages() {
        for (module, tokens) in modules {
            let mut names = Vec::new();
            visible_types(&sources::without_tests(tokens), &mut names);
            for name in names {
                definitions.entry(name).or_default().push(format!("{package}/src/{}", module.join("/")));
            }
        }
    }
    assert!(definitions.len() > 300, "only {} types found: the search is broken", definitions.len());
    definitions.retain(|name, files| files.len() > MAX_DEFINITIONS && !MAY_REPEAT.iter().any(|(may, _)| may == name));
    assert!(definitions.is_empty(), "{} name(s) with more than two meanings: {definitions:#?}", definitions.len());
}

/// The names of types that are defined `pub`, in whatever degree.
fn visible_types(tokens: &[TokenTree], names: &mut Vec<String>) {
    let word = |at: usize| match tokens.get(at) {
        Some(TokenTree::Ident(word)) => word.to_string(),
        _ => String::new(),
    };
    for (at, token) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            let inner: TokenStream = group.stream();
            visible_types(&sources::without_tests(inner), names);
        }
        if word(at) != "pub" {
            continue;
        }
        let degree = usize::from(matches!(tokens.get(at + 1), Some(TokenTree::Group(_))));
        if matches!(word(at + 1 + degree).as_str(), "struct" | "enum" | "trait" | "type" | "union") {
            names.extend(Some(word(at + 2 + degree)).filter(|name| !name.is_empty()));
        }
    }
}
