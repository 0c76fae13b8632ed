//! The page: built for the stack's own stores and put into its bucket, every file with its type and how long it is kept.

use std::collections::BTreeMap;

use super::operator::Operator;
use super::stack::{FOLDER, output};

/// Files whose names hold a hash of their content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The two that keep their names, last of all: what they name is there by then.
const REVALIDATED: &[(&str, &str)] =
    &[("service-worker.js", "text/javascript"), ("index.html", "text/html; charset=utf-8")];
/// Types that the AWS CLI does not know on every system.
const TYPES: &[(&str, &str)] =
    &[("*.js", "text/javascript"), ("*.wasm", "application/wasm"), ("*.webmanifest", "application/manifest+json")];

pub(super) fn put(operator: &mut Operator, outputs: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let folder = format!("{FOLDER}/site");
    let (originals, results) = (output(outputs, "OriginalsOrigin")?, output(outputs, "ResultsOrigin")?);
    let address = output(outputs, "SiteUrl")?;
    let mut origins = vec!["--connect", originals, "--connect", results, "--api", address];
    // Without sign-in the stack has no such output.
    let sign_in = outputs.get("SignInOrigins").map_or("", String::as_str);
    origins.extend(sign_in.split_whitespace().flat_map(|origin| ["--connect", origin]));
    operator.run("cargo", &[&["xtask", "dist", "--out", &folder][..], &origins].concat())?;

    let bucket = format!("s3://{}", output(outputs, "SiteBucket")?);
    let all = ["s3", "cp", &folder, &bucket, "--recursive", "--cache-control", FOR_EVER];
    // CloudFront packs what it sends; the packed copies are for other hosts.
    let mut others = all.to_vec();
    for name in ["*.br", "*.gz"].into_iter().chain(TYPES.iter().map(|(name, _)| *name)) {
        others.extend(["--exclude", name]);
    }
    others.extend(REVALIDATED.iter().flat_map(|(name, _)| ["--exclude", name]));
    operator.aws(&others)?;
    for (name, kind) in TYPES {
        let mut some = all.to_vec();
        some.extend(["--content-type", kind, "--exclude", "*", "--include", name]);
        some.extend(REVALIDATED.iter().flat_map(|(name, _)| ["--exclude", name]));
        operator.aws(&some)?;
    }
    for (name, kind) in REVALIDATED {
        let (from, to) = (format!("{folder}/{name}"), format!("{bucket}/{name}"));
        operator.aws(&["s3", "cp", &from, &to, "--cache-control", "no-cache", "--content-type", kind])?;
    }
    let paths = ["--paths", "/", "/index.html", "/service-worker.js"];
    let distribution = output(outputs, "SiteDistribution")?;
    let invalidate = ["cloudfront", "create-invalidation", "--distribution-id", distribution];
    operator.aws(&[&invalidate[..], &paths].concat())
}
