//! Event-driven functions for tests: real processes under our own runtime with one event at a time, which are killed at
//! their deadline and restarted.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use serde_json::Value;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};

use crate::lambda::serve;

/// The configuration of a function.
#[derive(Clone, Debug)]
pub struct Setup {
    pub program: PathBuf,
    pub environment: Vec<(&'static str, String)>,
    pub memory_mb: u64,
    pub time: Duration,
}

/// The result of an invocation.
pub type Invocation = Result<Value, String>;

/// One instance of a function; its process ends on drop.
#[derive(Debug)]
pub struct Worker {
    setup: Setup,
    running: AsyncMutex<Running>,
    process: Arc<Mutex<u32>>,
    /// Process starts so far.
    pub started: AtomicU64,
}

/// An event with the receiver of its answer.
type QueuedEvent = (Value, oneshot::Sender<Invocation>);

#[derive(Debug)]
struct Running {
    child: Child,
    events: mpsc::UnboundedSender<QueuedEvent>,
}

#[derive(Clone)]
struct Runtime {
    waiting: Arc<AsyncMutex<mpsc::UnboundedReceiver<QueuedEvent>>>,
    current: Arc<Mutex<Option<oneshot::Sender<Invocation>>>>,
    time: Duration,
}

impl Worker {
    pub async fn start(setup: Setup) -> Self {
        let running = begin(&setup).await;
        let process = Arc::new(Mutex::new(running.child.id()));
        Self { setup, running: AsyncMutex::new(running), process, started: AtomicU64::new(1) }
    }

    /// The id of the current process.
    #[must_use]
    pub fn process(&self) -> u32 {
        *self.process.lock().unwrap()
    }

    /// Kills the process; its event fails.
    pub fn kill(&self) {
        let done = Command::new("kill").args(["-KILL", &self.process().to_string()]).status().unwrap();
        assert!(done.success(), "the process is killed");
    }

    /// Invokes the function with an event.
    pub async fn invoke(&self, event: Value) -> Invocation {
        let mut running = self.running.lock().await;
        let (sender, mut answer) = oneshot::channel();
        running.events.send((event, sender)).unwrap();
        let end = tokio::time::Instant::now() + self.setup.time;
        let outcome = loop {
            tokio::select! {
                answer = &mut answer => break answer.unwrap_or_else(|_| Err("no answer".to_owned())),
                () = tokio::time::sleep_until(end) => break Err("the time is over".to_owned()),
                () = tokio::time::sleep(Duration::from_millis(20)) => {
                    if running.child.try_wait().unwrap().is_some() {
                        break Err("the process ended".to_owned());
                    }
                }
            }
        };
        let late = outcome.as_ref().is_err_and(|why| why == "the time is over");
        if late || running.child.try_wait().unwrap().is_some() {
            let _ = running.child.kill();
            let _ = running.child.wait();
            *running = begin(&self.setup).await;
            *self.process.lock().unwrap() = running.child.id();
            self.started.fetch_add(1, Ordering::SeqCst);
        }
        outcome
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn begin(setup: &Setup) -> Running {
    let (events, waiting) = mpsc::unbounded_channel();
    let runtime = Runtime { waiting: Arc::new(AsyncMutex::new(waiting)), current: Arc::default(), time: setup.time };
    let routes = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
        .with_state(runtime);
    let api = serve(routes).await;
    let mut command = Command::new(&setup.program);
    command.env_clear().envs(setup.environment.iter().map(|(name, value)| (name, value)));
    command.env("AWS_LAMBDA_RUNTIME_API", &api).env("AWS_LAMBDA_FUNCTION_NAME", "augment");
    command.env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", setup.memory_mb.to_string());
    command.env("AWS_LAMBDA_FUNCTION_VERSION", "1");
    Running { child: command.stdout(Stdio::null()).spawn().unwrap(), events }
}

async fn next(State(runtime): State<Runtime>) -> Response {
    let Some((event, answer)) = runtime.waiting.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    *runtime.current.lock().unwrap() = Some(answer);
    let deadline = (SystemTime::now() + runtime.time).duration_since(UNIX_EPOCH).unwrap().as_millis();
    let headers = [
        ("lambda-runtime-aws-request-id", "1".to_owned()),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:1:function:augment".to_owned()),
        ("lambda-runtime-trace-id", "Root=1-0-0".to_owned()),
    ];
    (headers, event.to_string()).into_response()
}

fn finish(runtime: &Runtime, answer: Invocation) -> StatusCode {
    if let Some(sender) = runtime.current.lock().unwrap().take() {
        let _ = sender.send(answer);
    }
    StatusCode::ACCEPTED
}

async fn answered(State(runtime): State<Runtime>, body: Bytes) -> StatusCode {
    finish(&runtime, Ok(serde_json::from_slice(&body).unwrap()))
}

async fn failed(State(runtime): State<Runtime>, body: Bytes) -> StatusCode {
    finish(&runtime, Err(String::from_utf8_lossy(&body).into_owned()))
}
