//! Files of a package import in one direction: each circle is a group of files that can only be read together.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::{self, Module, Named};

/// Enough for every chain of re-exports, and an end to a chain that names itself.
const MAX_REEXPORTS: usize = 4;

/// Circles that stay: a scalar kernel calls its vectorized twin, which shares its tables and ends rows with it.
const MAY_CIRCLE: &[&str] = &[
    "core/render: kernels/bilinear, kernels/simd/line",
    "core/render: kernels/blocks, kernels/simd/blocks",
    "core/render: kernels/huffman, kernels/simd/huffman",
    "core/render: kernels/simd/lanes, kernels/simd/lanes/x86",
    "core/render: kernels/simd/ycc, kernels/ycc",
];

#[test]
fn files_import_in_one_direction() {
    let mut circles = Vec::new();
    for (package, modules) in sources::packages() {
        let modules: BTreeMap<Module, Vec<Named>> = modules
            .into_iter()
            .map(|(module, tokens)| (module, sources::named(&sources::without_tests(tokens))))
            .collect();
        let imports: BTreeMap<Module, BTreeSet<Module>> = modules
            .iter()
            .map(|(module, names)| {
                // What a file only passes on is an import of those who use it.
                let own = names.iter().filter(|named| !named.passed_on);
                let mut to: BTreeSet<Module> =
                    own.filter_map(|named| defining_file(&modules, module, &named.path, 0)).collect();
                to.remove(module);
                (module.clone(), to)
            })
            .collect();
        for circle in groups(&imports) {
            let files: Vec<String> = circle.iter().map(|module| module.join("/")).collect();
            circles.push(format!("{package}: {}", files.join(", ")));
        }
    }
    circles.retain(|circle| !MAY_CIRCLE.contains(&circle.as_str()));
    assert!(circles.is_empty(), "{} circle(s) of imports:\n{}", circles.len(), circles.join("\n"));
}

/// The file of the package that defines what a path names: re-exports on the way are followed.
fn defining_file(
    modules: &BTreeMap<Module, Vec<Named>>,
    module: &Module,
    path: &[String],
    depth: usize,
) -> Option<Module> {
    let mut base = module.clone();
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => {
            base.clear();
            rest = &path[1..];
        }
        "self" => rest = &path[1..],
        "super" => {}
        first => {
            // A child module, named without a prefix.
            let child = [base.as_slice(), &[first.to_owned()]].concat();
            if path.len() < 2 || !modules.contains_key(&child) {
                return None;
            }
        }
    }
    while rest.first().is_some_and(|segment| segment == "super") {
        base.pop();
        rest = &rest[1..];
    }
    // `crate` in `pub(crate)`, `self` as a value.
    rest.first()?;
    let length =
        (0..=rest.len()).rev().find(|length| modules.contains_key(&[base.as_slice(), &rest[..*length]].concat()))?;
    let file = [base.as_slice(), &rest[..length]].concat();
    let follow = rest.get(length).and_then(|name| {
        let alias = modules[&file].iter().find(|named| named.alias.as_ref() == Some(name) && named.path != path);
        alias.filter(|_| depth < MAX_REEXPORTS).and_then(|named| defining_file(modules, &file, &named.path, depth + 1))
    });
    follow.or(Some(file))
}

/// The strongly connected groups of more than one file: all that reach each other.
fn groups(imports: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<Vec<Module>> {
    let reach: BTreeMap<&Module, BTreeSet<&Module>> = imports
        .keys()
        .map(|start| {
            let mut seen = BTreeSet::new();
            let mut open: Vec<&Module> = imports[start].iter().collect();
            while let Some(module) = open.pop() {
                if seen.insert(module) {
                    open.extend(imports.get(module).into_iter().flatten());
                }
            }
            (start, seen)
        })
        .collect();
    let mut done = BTreeSet::new();
    let mut groups = Vec::new();
    for (module, reached) in &reach {
        if !reached.contains(module) || !done.insert(*module) {
            continue;
        }
        let group: Vec<Module> = reached
            .iter()
            .filter(|other| reach.get(*other).is_some_and(|back| back.contains(module)))
            .map(|other| (*other).clone())
            .collect();
        done.extend(reached.iter().filter(|other| group.contains(other)).copied());
        groups.push(group);
    }
    groups
}
