//! DynamoDB for tests: moto in its own process.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Single-threaded, since moto's transactions are not atomic under concurrency.
const SERVER: &str = "
import sys
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple
run_simple('127.0.0.1', int(sys.argv[1]), DomainDispatcherApplication(create_backend_app), threaded=False)
";
/// The timeout of its start.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A running emulator; it ends on drop.
#[derive(Debug)]
pub struct Moto {
    child: Child,
    /// Its endpoint.
    pub endpoint: String,
}

impl Moto {
    /// Starts the emulator with the Python in `MOTO_PYTHON`, or the one in the path.
    pub async fn start() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let program = std::env::var_os("MOTO_PYTHON").unwrap_or_else(|| "python3".into());
        let mut command = Command::new(&program);
        command.args(["-c", SERVER, &free.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("moto is installed: `cargo xtask aws` installs it and runs these tests");
        let moto = Self { child, endpoint: format!("http://127.0.0.1:{free}") };
        let until = Instant::now() + TIMEOUT;
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
