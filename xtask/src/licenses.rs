//! Licenses, sources and banned crates of everything the workspace is built from, by the rules in `deny.toml`.

use anyhow::Context;
use serde::Deserialize;
use spdx::{Expression, ParseMode};

use crate::project;
use crate::steps::Tally;

/// The part of cargo-deny's format that is used here.
#[derive(Deserialize)]
struct Rules {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

pub(crate) fn run() -> anyhow::Result<Tally> {
    let path = project::root().join("deny.toml");
    let rules: Rules = toml::from_str(&std::fs::read_to_string(path).context("deny.toml cannot be read")?)?;
    let metadata = project::metadata(true)?;
    let mut tally = Tally::default();
    for package in &metadata.packages {
        let ours = package.source.is_none();
        let source = package.source.as_ref().map_or(String::new(), ToString::to_string);
        let problem = rules
            .bans
            .deny
            .iter()
            .find(|ban| ban.name == package.name.as_str())
            .map(|ban| format!("banned: {}", ban.reason))
            .or_else(|| (!ours && !source.starts_with("registry+")).then(|| format!("not from a registry: {source}")))
            .or_else(|| license_problem(package.license.as_deref(), &rules.licenses.allow));
        match problem {
            None => tally.passed += 1,
            Some(problem) => {
                println!("{} {}: {problem}", package.name, package.version);
                tally.failed += 1;
            }
        }
    }
    println!("{} packages looked at", metadata.packages.len());
    Ok(tally)
}

/// What is wrong with a license expression, if anything.
fn license_problem(license: Option<&str>, allow: &[String]) -> Option<String> {
    let Some(license) = license else { return Some("states no license".to_owned()) };
    // Some packages still separate alternatives by a slash.
    let Ok(expression) = Expression::parse_mode(license, ParseMode::LAX) else {
        return Some(format!("its license is not an SPDX expression: {license}"));
    };
    let allowed = expression.evaluate(|requirement| allow.contains(&requirement.to_string()));
    (!allowed).then(|| format!("license {license} is not allowed by deny.toml"))
}

#[cfg(test)]
mod tests {
    use super::license_problem;

    #[test]
    fn one_allowed_alternative_is_enough_but_every_part_counts() {
        let allow = ["MIT".to_owned(), "Apache-2.0".to_owned()];
        assert!(license_problem(Some("MIT/Apache-2.0"), &allow).is_none(), "the old slash form");
        assert!(license_problem(Some("MIT OR AGPL-3.0-only"), &allow).is_none(), "MIT may be chosen");
        assert!(license_problem(Some("MIT AND AGPL-3.0-only"), &allow).is_some(), "AGPL cannot be left out");
        assert!(license_problem(None, &allow).is_some(), "no license is no permission");
    }
}
