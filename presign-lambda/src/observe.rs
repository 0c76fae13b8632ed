//! One log line and metrics per request, without bodies and signed URLs.

use std::sync::Arc;

use augment_api::ProblemKind;
use augment_records::metric_line;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::{Value, json};
use tracing::Instrument;

use crate::app::App;

/// Bytes that a reservation announced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReservedBytes(pub(crate) u64);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Methods that metrics count by name.
const KNOWN_METHODS: [Method; 6] =
    [Method::GET, Method::HEAD, Method::POST, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// Logs a request and counts it.
pub(crate) async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let began_ms = (app.clock)();
    let started = std::time::Instant::now();
    let id = request_id(&request);
    let method = request.method().clone();
    // The route instead of the path: few values and no parameters.
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", request.id = %id);
    let mut response = next.run(request).instrument(span).await;
    let ms = started.elapsed().as_secs_f64() * 1000.0;
    let status = response.status().as_u16();
    let refusal = response.extensions().get::<ProblemKind>().map(|kind| kind.name());
    let promised = response.extensions().get::<ReservedBytes>().map_or(0, |promised| promised.0);
    tracing::info!(
        request.id = %id,
        http.method = %method,
        http.route = %route,
        http.status = status,
        duration_ms = ms,
        refusal = refusal.unwrap_or("none"),
        "answered {method} {route} with {status}"
    );
    // Unknown methods must not create metrics.
    let counted = if KNOWN_METHODS.contains(&method) { method.as_str() } else { "OTHER" };
    (app.metrics)(&metrics(began_ms, &format!("{counted} {route}"), ms, refusal, promised));
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The caller's request id if it is harmless, else a new one.
fn request_id(request: &Request) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let harmless =
        |id: &&str| (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if let Some(id) = given.filter(harmless) {
        return id.to_owned();
    }
    let mut bytes = [0; 8];
    // Without randomness ids repeat, but requests still work.
    let _ = getrandom::fill(&mut bytes);
    format!("{:016x}", u64::from_le_bytes(bytes))
}

fn metrics(at_ms: u64, route: &str, ms: f64, refusal: Option<&str>, promised: u64) -> Value {
    let mut of_route = vec![("Requests", "Count", json!(1)), ("Latency", "Milliseconds", ms.into())];
    if promised > 0 {
        of_route.push(("BytesPromised", "Bytes", promised.into()));
    }
    let mut sets = vec![("Route", route, of_route)];
    sets.extend(refusal.map(|reason| ("Reason", reason, vec![("Refusals", "Count", json!(1))])));
    metric_line(at_ms, sets)
}

#[cfg(test)]
mod tests {
    use super::metrics;

    #[test]
    fn refusals_are_counted_by_reason() {
        let line = metrics(5, "POST /v1/uploads", 1.5, Some("id-taken"), 0);
        let sets = line["_aws"]["CloudWatchMetrics"].as_array().unwrap();
        assert_eq!(sets.len(), 2, "one set by route, one by reason: {line}");
        for set in sets {
            for metric in set["Metrics"].as_array().unwrap() {
                let name = metric["Name"].as_str().unwrap();
                assert!(line[name].is_number(), "{name} has its value at the top");
            }
            let dimension = set["Dimensions"][0][0].as_str().unwrap();
            assert!(line[dimension].is_string(), "{dimension} has its value at the top");
        }
    }
}
