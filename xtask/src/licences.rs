//! Licences, sources and banned crates of everything the workspace is built from, by the rules in `deny.toml`.

use anyhow::Context;
use serde::Deserialize;
use spdx::{Expression, ParseMode};

use crate::project;
use crate::steps::Tally;

/// The part of cargo-deny's format that is used here.
#[derive(Deserialize)]
struct Rules {
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licences {
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
            .or_else(|| licence_problem(package.license.as_deref(), &rules.licenses.allow));
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

/// What is wrong with a licence expression, if anything.
fn licence_problem(licence: Option<&str>, allow: &[String]) -> Option<String> {
    let Some(licence) = licence else { return Some("states no licence".to_owned()) };
    // Some packages still separate alternatives by a slash.
    let Ok(expression) = Expression::parse_mode(licence, ParseMode::LAX) else {
        return Some(format!("its licence is not an SPDX expression: {licence}"));
    };
    let allowed = expression.evaluate(|requirement| allow.contains(&requirement.to_string()));
    (!allowed).then(|| format!("licence {licence} is not allowed by deny.toml"))
}

#[cfg(test)]
mod tests {
    use super::licence_problem;

    #[test]
    fn one_allowed_alternative_is_enough_but_every_part_counts() {
        let allow = ["MIT".to_owned(), "Apache-2.0".to_owned()];
        assert!(licence_problem(Some("MIT/Apache-2.0"), &allow).is_none(), "the old slash form");
        assert!(licence_problem(Some("MIT OR AGPL-3.0-only"), &allow).is_none(), "MIT may be chosen");
        assert!(licence_problem(Some("MIT AND AGPL-3.0-only"), &allow).is_some(), "AGPL cannot be left out");
        assert!(licence_problem(None, &allow).is_some(), "no licence is no permission");
    }
}
