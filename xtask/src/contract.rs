//! `cargo xtask contract`: requests made up from the API's own document, against a running `delta serve`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use anyhow::{Context, bail};

use crate::{project, python, serve, shell};

/// What makes up requests and judges answers.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";
/// Left out of its checks: a body that fits the schemas may still be refused, for a recipe that no schema can judge.
const NOT_CHECKED: &str = "positive_data_acceptance";

/// A running server; it is killed when this goes.
struct Server {
    child: Child,
    origin: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs for some seconds; any 5xx and any breach of the document is an error.
pub(crate) fn run(seconds: u32) -> anyhow::Result<()> {
    let fuzzer = python::environment("schemathesis", &[SCHEMATHESIS])?.with_file_name("schemathesis");
    let scratch = project::target_dir()?.join("contract");
    if scratch.exists() {
        std::fs::remove_dir_all(&scratch)?;
    }
    std::fs::create_dir_all(&scratch)?;
    let server = start(&scratch)?;
    let document = format!("{}/v1/openapi.json", server.origin);
    let mut fuzz = shell::command(&fuzzer.to_string_lossy(), &["run", &document, "--checks", "all"]);
    fuzz.args(["--max-time", &seconds.to_string(), "--workers", "2", "--exclude-checks", NOT_CHECKED]);
    // A redirect leads to the store, whose answers the document does not describe.
    fuzz.args(["--max-redirects", "0", "--continue-on-failure", "--no-color"]);
    let outcome = shell::run(fuzz.current_dir(&scratch));
    let alive = shell::works("curl", &["--silent", "--fail", &format!("{}/healthz", server.origin)]);
    drop(server);
    outcome?;
    if !alive {
        bail!("the server did not survive");
    }
    Ok(())
}

fn start(scratch: &std::path::Path) -> anyhow::Result<Server> {
    let delta = serve::delta()?;
    let mut command = shell::command(&delta.to_string_lossy(), &["serve", "--port", "0", "--data"]);
    let mut child = command.arg(scratch.join("data")).stdout(Stdio::piped()).spawn().context("delta did not start")?;
    let stdout = child.stdout.take().context("delta has no output")?;
    let mut first = String::new();
    BufReader::new(stdout).read_line(&mut first)?;
    let origin = first.split_whitespace().last().unwrap_or_default().to_owned();
    Ok(Server { child, origin })
}
