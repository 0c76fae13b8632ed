//! DynamoDB for tests: moto's, in a process of its own.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// One request after the other: a transaction of moto's is none where others run beside it.
const SERVER: &str = "
import sys
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple
run_simple('127.0.0.1', int(sys.argv[1]), DomainDispatcherApplication(create_backend_app), threaded=False)
";
/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running emulator; it ends when this goes.
#[derive(Debug)]
pub struct Moto {
    child: Child,
    /// Its address.
    pub endpoint: String,
}

impl Moto {
    /// Starts the emulator by the Python that `MOTO_PYTHON` names, or the one in the path.
    pub async fn start() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let program = std::env::var_os("MOTO_PYTHON").unwrap_or_else(|| "python3".into());
        let mut command = Command::new(&program);
        command.args(["-c", SERVER, &free.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("moto is there: `cargo xtask aws` installs it and runs these tests");
        let moto = Self { child, endpoint: format!("http://127.0.0.1:{free}") };
        let until = Instant::now() + PATIENCE;
        while tokio::net::TcpStream::connect(("127.0.0.1", free)).await.is_err() {
            assert!(Instant::now() < until, "moto does not start");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        moto
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
