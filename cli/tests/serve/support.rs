//! A running `delta serve`, and other commands beside it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use augment_api::Limits;
use augment_api_tests::deployment::Deployment;
use serde_json::Value;

/// How long a job may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// The command, ready for arguments, with nothing of this machine's own settings.
pub(crate) fn delta() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_delta"));
    for variable in ["DELTA_OIDC_ISSUER", "DELTA_OIDC_AUDIENCE", "DELTA_OIDC_CLIENT_ID", "DELTA_TOKEN"] {
        command.env_remove(variable);
    }
    command
}

/// The command that runs another one after a line of shell, such as for limits.
#[cfg(unix)]
pub(crate) fn after(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{line}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_delta")]);
    for variable in ["DELTA_OIDC_ISSUER", "DELTA_OIDC_AUDIENCE", "DELTA_OIDC_CLIENT_ID", "DELTA_TOKEN"] {
        command.env_remove(variable);
    }
    command
}

/// A running server; it is killed when this goes.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Held, so that the server can go on printing.
    _output: BufReader<ChildStdout>,
    /// Its address.
    pub(crate) origin: String,
}

impl Server {
    /// Starts a server over a folder, on a free port.
    pub(crate) fn start(data: &Path, more: &[&str]) -> Self {
        let mut command = delta();
        command.args(["serve", "--port", "0", "--data"]).arg(data).args(more);
        Self::run(command)
    }

    /// The same, with every request logged to a file.
    pub(crate) fn start_logged(data: &Path, log: &Path) -> Self {
        let mut command = delta();
        command.args(["serve", "--port", "0", "--verbose", "--data"]).arg(data);
        Self::run_logged(command, log)
    }

    /// Runs a command that serves, with its standard error in a file.
    pub(crate) fn run_logged(mut command: Command, log: &Path) -> Self {
        command.stderr(std::fs::File::create(log).unwrap());
        Self::run(command)
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn run(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut first).unwrap();
        let origin = first.split_whitespace().last().unwrap_or_default().to_owned();
        assert!(origin.starts_with("http://127.0.0.1:"), "the address is printed first: {first:?}");
        Self { child, _output: output, origin }
    }

    /// Its API.
    pub(crate) fn deployment(&self) -> Deployment {
        let mut at = Deployment::at(&self.origin, Limits::default());
        at.has_worker = true;
        at
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop; gives its exit code.
    #[cfg(unix)]
    pub(crate) fn stop(mut self) -> Option<i32> {
        let ask = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &ask]).status().unwrap().success(), "the signal is sent");
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An image once its job has ended, well or badly.
pub(crate) async fn ended(at: &Deployment, id: &str) -> Value {
    let until = Instant::now() + PATIENCE;
    loop {
        let image = at.call("GET", &format!("/v1/images/{id}"), None).await.body;
        if matches!(image["state"].as_str(), Some("ready" | "failed")) && image["thumbnail"] == true {
            return image;
        }
        assert!(Instant::now() < until, "the job does not end: {image}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
