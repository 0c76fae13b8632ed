//! Takes a deployment away: empties its buckets, versions included, and removes the stack.

use std::io::{BufRead, Write};

use anyhow::{Context, bail};
use serde_json::Value;

use super::operator::{self, Operator};
use super::{check_stack, output, outputs};

/// Objects that S3 removes at once.
const AT_ONCE: usize = 1000;

/// What to remove.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Removal {
    /// The stack's name.
    #[arg(long, default_value = "delta-augment")]
    pub(crate) stack: String,
    /// The region; that of the AWS CLI's settings without it.
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// The stack's name again, instead of being asked for it.
    #[arg(long, value_name = "STACK")]
    pub(crate) confirm: Option<String>,
    /// Only print what would be run.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Removes a deployment with everything in it.
pub(crate) fn destroy(removal: &Removal) -> anyhow::Result<()> {
    check_stack(&removal.stack)?;
    if !removal.dry_run {
        operator::needs("aws", "install the AWS CLI, version 2, and sign in (`aws configure`)")?;
        confirmed(removal)?;
    }
    let mut operator = Operator::new(removal.dry_run, removal.region.clone())?;
    take_away(&mut operator, &removal.stack)
}

/// Goes on only where the stack's name was given twice.
fn confirmed(removal: &Removal) -> anyhow::Result<()> {
    let given = match &removal.confirm {
        Some(given) => given.clone(),
        None => {
            print!("this removes {0} and every image in it. Type {0} to go on: ", removal.stack);
            std::io::stdout().flush()?;
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line)?;
            line.trim().to_owned()
        }
    };
    if given != removal.stack {
        bail!("that is not {}: nothing was removed", removal.stack);
    }
    Ok(())
}

fn take_away(operator: &mut Operator, stack: &str) -> anyhow::Result<()> {
    let outputs = outputs(operator, stack)?;
    let artifacts = operator.artifacts(stack)?;
    for name in ["OriginalsBucket", "ResultsBucket", "SiteBucket"] {
        empty(operator, output(&outputs, name)?)?;
    }
    operator.aws(&["cloudformation", "delete-stack", "--stack-name", stack])?;
    operator.aws(&["cloudformation", "wait", "stack-delete-complete", "--stack-name", stack])?;
    if operator.is_dry() || operator.has_bucket(&artifacts)? {
        empty(operator, &artifacts)?;
        operator.aws(&["s3", "rb", &format!("s3://{artifacts}")])?;
    }
    Ok(())
}

/// Removes every object, then every version and every mark of a removed one, where versions were kept.
fn empty(operator: &mut Operator, bucket: &str) -> anyhow::Result<()> {
    operator.aws(&["s3", "rm", &format!("s3://{bucket}"), "--recursive", "--only-show-errors"])?;
    loop {
        let most = AT_ONCE.to_string();
        let page = ["s3api", "list-object-versions", "--bucket", bucket, "--max-items", &most, "--output", "json"];
        let page = operator.ask("VERSIONS", &page)?;
        if operator.is_dry() {
            return operator.aws(&["s3api", "delete-objects", "--bucket", bucket, "--delete", &page]);
        }
        let Some(delete) = to_delete(&page)? else { return Ok(()) };
        // A thousand keys are too long for a command line.
        let folder = crate::project::root().join(super::FOLDER);
        std::fs::create_dir_all(&folder)?;
        let list = folder.join("delete.json");
        std::fs::write(&list, delete)?;
        let list = format!("file://{}", list.display());
        // What it answers is as long as what it is asked.
        operator.ask("DELETED", &["s3api", "delete-objects", "--bucket", bucket, "--delete", &list])?;
        std::fs::remove_file(folder.join("delete.json"))?;
    }
}

/// The request that removes what a page of versions lists; `None` where it lists nothing.
fn to_delete(page: &str) -> anyhow::Result<Option<String>> {
    // The CLI says nothing at all of an empty bucket.
    let page: Value =
        if page.is_empty() { Value::Null } else { serde_json::from_str(page).context("no JSON came back")? };
    let listed = ["Versions", "DeleteMarkers"].into_iter().flat_map(|name| page[name].as_array().into_iter().flatten());
    let objects: Vec<Value> =
        listed.map(|one| serde_json::json!({ "Key": one["Key"], "VersionId": one["VersionId"] })).collect();
    if objects.is_empty() {
        return Ok(None);
    }
    Ok(Some(serde_json::json!({ "Objects": objects, "Quiet": true }).to_string()))
}

#[cfg(test)]
mod tests {
    use super::{Removal, confirmed, take_away, to_delete};
    use crate::deploy::operator::Operator;

    #[test]
    fn nothing_is_removed_without_the_stacks_name() {
        let removal = |confirm: &str| Removal {
            stack: "cells".to_owned(),
            region: None,
            confirm: Some(confirm.to_owned()),
            dry_run: false,
        };
        assert!(confirmed(&removal("cells")).is_ok(), "the name");
        for wrong in ["", "yes", "cell", "cells2"] {
            assert!(confirmed(&removal(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn buckets_are_empty_before_the_stack_goes() {
        let mut operator = Operator::new(true, Some("eu-central-1".to_owned())).unwrap();
        take_away(&mut operator, "cells").unwrap();
        let lines = operator.said();
        let gone = lines.iter().position(|line| line.contains("delete-stack")).expect("the stack goes");
        for bucket in ["OriginalsBucket", "ResultsBucket", "SiteBucket"] {
            let versions = format!("aws s3api delete-objects --bucket <{bucket}>");
            let emptied = lines.iter().position(|line| line.starts_with(&versions)).expect("its versions go");
            assert!(emptied < gone, "{bucket} is emptied first: {lines:#?}");
        }
        let last = lines.last().expect("something is said");
        assert!(last.starts_with("aws s3 rb s3://cells-artifacts-<ACCOUNT>-eu-central-1"), "{last}");
    }

    #[test]
    fn versions_and_marks_of_removed_objects_go() {
        let page = r#"{"Versions": [{"Key": "a", "VersionId": "1", "IsLatest": false}],
                       "DeleteMarkers": [{"Key": "b \"c\"", "VersionId": "2"}]}"#;
        let delete: serde_json::Value = serde_json::from_str(&to_delete(page).unwrap().unwrap()).unwrap();
        let expected = serde_json::json!([{"Key": "a", "VersionId": "1"}, {"Key": "b \"c\"", "VersionId": "2"}]);
        assert_eq!(delete["Objects"], expected, "both kinds");
        assert_eq!(to_delete("").unwrap(), None, "an empty bucket");
        assert_eq!(to_delete(r#"{"RequestCharged": null}"#).unwrap(), None, "an empty bucket, in other words");
    }
}
