//! The stack: the folder that its parts are built in, and its outputs by name.

use std::collections::BTreeMap;

use anyhow::Context;

use super::operator::Operator;

/// Where all that is deployed is built.
pub(super) const FOLDER: &str = "out/deploy";

/// What the stack says of itself, by name. A dry run has the names for their values.
pub(super) fn outputs(operator: &mut Operator, stack: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let query = ["--query", "Stacks[0].Outputs[].[OutputKey,OutputValue]", "--output", "text"];
    let told =
        operator.ask("", &[&["cloudformation", "describe-stacks", "--stack-name", stack][..], &query].concat())?;
    if operator.is_dry() {
        return Ok(NAMES.iter().map(|name| ((*name).to_owned(), format!("<{name}>"))).collect());
    }
    let pairs = told.lines().filter_map(|line| line.split_once('\t'));
    Ok(pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect())
}

/// The outputs that are used here; a test finds them in the template.
pub(super) const NAMES: &[&str] = &[
    "LargeImages",
    "OriginalsBucket",
    "OriginalsOrigin",
    "ResultsBucket",
    "ResultsOrigin",
    "SignInOrigins",
    "SiteBucket",
    "SiteDistribution",
    "SiteUrl",
];

pub(super) fn output<'a>(outputs: &'a BTreeMap<String, String>, name: &str) -> anyhow::Result<&'a str> {
    outputs.get(name).map(String::as_str).with_context(|| format!("the stack has no output {name}"))
}
