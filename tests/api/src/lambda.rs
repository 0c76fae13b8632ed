//! A Lambda runtime for tests: converts HTTP requests to gateway events, passes them to real function processes by the
//! runtime API, and returns their answers.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};

/// The deadline of an invocation.
const DEADLINE: Duration = Duration::from_secs(30);

/// A function behind a gateway; its processes end on drop.
#[derive(Debug)]
pub struct Function {
    /// The gateway's URL.
    pub origin: String,
    processes: Vec<Child>,
}

type QueuedEvent = (u64, Value);
type Answers = Arc<Mutex<BTreeMap<u64, oneshot::Sender<Value>>>>;

#[derive(Clone)]
struct Runtime {
    events: mpsc::UnboundedSender<QueuedEvent>,
    waiting: Arc<AsyncMutex<mpsc::UnboundedReceiver<QueuedEvent>>>,
    answers: Answers,
    next: Arc<AtomicU64>,
}

impl Function {
    /// Starts a function in several processes with one request at a time each, as Lambda does.
    pub async fn start(program: &std::path::Path, processes: usize, environment: &[(&str, String)]) -> Self {
        let (events, waiting) = mpsc::unbounded_channel();
        let runtime = Runtime {
            events,
            waiting: Arc::new(AsyncMutex::new(waiting)),
            answers: Answers::default(),
            next: Arc::default(),
        };
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
            .with_state(runtime.clone());
        let api = serve(routes).await;
        let origin = format!("http://{}", serve(Router::new().fallback(gateway).with_state(runtime)).await);
        let start = |_| {
            let mut command = Command::new(program);
            command.env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
            command.env("AWS_LAMBDA_RUNTIME_API", &api).env("AWS_LAMBDA_FUNCTION_NAME", "presign");
            command.env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128").env("AWS_LAMBDA_FUNCTION_VERSION", "1");
            command.stdout(Stdio::null()).spawn().unwrap()
        };
        Self { origin, processes: (0..processes).map(start).collect() }
    }

    /// Its process ids.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        self.processes.iter().map(Child::id).collect()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Serves a router on a free port and returns its address without a scheme.
pub(crate) async fn serve(router: Router) -> String {
    use axum::serve::ListenerExt;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    // Send small answers at once.
    let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Passes a request as a gateway event (version 2) and returns the function's answer.
async fn gateway(State(runtime): State<Runtime>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 6 << 20).await.unwrap_or_default();
    let headers: BTreeMap<&str, &str> =
        parts.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD;
    let id = runtime.next.fetch_add(1, Ordering::SeqCst);
    let path = parts.uri.path();
    let event = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "headers": headers,
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "requestContext": {
            "accountId": "1", "apiId": "api", "domainName": "api.example", "domainPrefix": "api",
            "http": { "method": parts.method.as_str(), "path": path, "protocol": "HTTP/1.1",
                      "sourceIp": "127.0.0.1", "userAgent": "test" },
            "requestId": id.to_string(), "routeKey": "$default", "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 0
        },
        "body": base64.encode(&body), "isBase64Encoded": true
    });
    let (sender, answer) = oneshot::channel();
    runtime.answers.lock().unwrap().insert(id, sender);
    runtime.events.send((id, event)).unwrap();
    let Ok(answer) = answer.await else { return StatusCode::BAD_GATEWAY.into_response() };
    let text = answer["body"].as_str().unwrap_or_default();
    let body = if answer["isBase64Encoded"] == true { base64.decode(text).unwrap() } else { text.into() };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = u16::try_from(answer["statusCode"].as_u64().unwrap_or(502))
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok())
        .unwrap();
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        let name: HeaderName = name.parse().unwrap();
        response.headers_mut().insert(name, HeaderValue::from_str(value.as_str().unwrap()).unwrap());
    }
    response
}

async fn next(State(runtime): State<Runtime>) -> Response {
    let Some((id, event)) = runtime.waiting.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let deadline = (SystemTime::now() + DEADLINE).duration_since(UNIX_EPOCH).unwrap().as_millis();
    let headers = [
        ("lambda-runtime-aws-request-id", id.to_string()),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:1:function:presign".to_owned()),
        ("lambda-runtime-trace-id", "Root=1-0-0".to_owned()),
    ];
    (headers, event.to_string()).into_response()
}

async fn answered(State(runtime): State<Runtime>, Path(id): Path<u64>, body: Bytes) -> StatusCode {
    if let Some(sender) = runtime.answers.lock().unwrap().remove(&id) {
        let _ = sender.send(serde_json::from_slice(&body).unwrap());
    }
    StatusCode::ACCEPTED
}

/// After a function error the caller gets the gateway's own answer.
async fn failed(State(runtime): State<Runtime>, Path(id): Path<u64>) -> StatusCode {
    runtime.answers.lock().unwrap().remove(&id);
    StatusCode::ACCEPTED
}
