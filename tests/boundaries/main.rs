//! Who may import whom among our own packages: a new arrow fails here before it becomes a habit.

use std::collections::BTreeMap;

use cargo_metadata::MetadataCommand;

/// Each package and the ones of ours that it may use. A package that is not listed here fails the test.
const MAY_USE: &[(&str, &[&str])] = &[
    ("augment-render", &[]),
    ("augment-core", &["augment-render"]),
    ("augment-api", &["augment-core"]),
    ("augment-stores-port", &[]),
    ("augment-stores-aws", &["augment-stores-port"]),
    ("augment-stores-local", &["augment-stores-port"]),
    ("augment-records", &["augment-core", "augment-api", "augment-stores-port"]),
    (
        "presign-lambda",
        &["augment-core", "augment-api", "augment-records", "augment-stores-port", "augment-stores-aws"],
    ),
    (
        "augment-lambda",
        &[
            "augment-core",
            "augment-api",
            "augment-records",
            "augment-stores-port",
            "augment-stores-aws",
            // Its tests augment the drawn dataset.
            "augment-sample",
        ],
    ),
    (
        "delta-augment",
        &[
            "augment-core",
            "augment-api",
            "augment-records",
            "augment-sample",
            "augment-stores-port",
            "augment-stores-local",
            "presign-lambda",
            "augment-lambda",
            // Its tests run the suite of the API over `delta serve`.
            "augment-api-tests",
        ],
    ),
    ("augment-sample", &["augment-core"]),
    ("augment-web", &["augment-core", "augment-api", "augment-web-messages"]),
    ("augment-web-messages", &[]),
    ("augment-web-worker", &["augment-core", "augment-sample", "augment-web-messages"]),
    // Its scenes run the engine, which the core keeps to itself.
    ("augment-goldens", &["augment-render", "augment-core", "augment-sample"]),
    // Chores and tests may look at everything.
    ("xtask", ANYTHING),
    ("augment-tests", ANYTHING),
    ("augment-api-tests", ANYTHING),
    ("augment-benches", ANYTHING),
];

const ANYTHING: &[&str] = &["*"];

#[test]
fn packages_import_only_what_the_design_lets_them() {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let packages = metadata.workspace_packages();
    let ours: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let mut problems = Vec::new();
    for package in &packages {
        let name = package.name.as_str();
        let Some(may_use) = allowed.get(name) else {
            problems.push(format!("{name} is not in the table: say what it may use"));
            continue;
        };
        for dependency in package.dependencies.iter().map(|dependency| dependency.name.as_str()) {
            // A package's tests may switch on features of its own.
            if dependency != name
                && ours.contains(&dependency)
                && *may_use != ANYTHING
                && !may_use.contains(&dependency)
            {
                problems.push(format!("{name} must not use {dependency}"));
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}
