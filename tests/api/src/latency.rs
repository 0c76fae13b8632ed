//! The latency of `POST /v1/uploads` for clients that each keep a connection.

use std::time::Instant;

use crate::cases::for_server;
use crate::images::jpeg;

/// Latencies of successful requests.
#[derive(Debug)]
pub struct Latency {
    clients: usize,
    seconds: f64,
    /// Milliseconds per request, sorted.
    times: Vec<f64>,
}

/// Reserves ids with parallel clients.
pub async fn reserve(origin: &str, clients: usize, requests: usize) -> Latency {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let body = for_server(&jpeg(1)).to_string();
    let began = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (url, body) = (format!("{origin}/v1/uploads"), body.clone());
            tokio::spawn(async move {
                // A separate client has its own connection.
                let http = reqwest::Client::new();
                let mut times = Vec::new();
                for _ in 0..requests / clients {
                    let began = Instant::now();
                    let request = http.post(&url).header("content-type", "application/json").body(body.clone());
                    let answer = request.send().await.unwrap();
                    assert_eq!(answer.status(), 201, "every reservation succeeds");
                    answer.bytes().await.unwrap();
                    times.push(began.elapsed().as_secs_f64() * 1000.0);
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    times.sort_by(f64::total_cmp);
    Latency { clients, seconds: began.elapsed().as_secs_f64(), times }
}

impl std::fmt::Display for Latency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { clients, seconds, times } = self;
        let count = times.len();
        let at = |part: f64| times[((count - 1) as f64 * part) as usize];
        let rate = count as f64 / seconds;
        let (min, median, p95, p99, max) = (at(0.0), at(0.5), at(0.95), at(0.99), at(1.0));
        write!(
            f,
            "{clients} clients, {count} reservations, {rate:.0} a second; ms: min {min:.2}, median {median:.2}, "
        )?;
        write!(f, "p95 {p95:.2}, p99 {p99:.2}, max {max:.2}")
    }
}
