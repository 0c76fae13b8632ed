//! Prints how long `POST /v1/uploads` takes: `reserve-latency URL [CLIENTS] [REQUESTS]`.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program that prints figures and fails by panics")]

use std::time::Instant;

use augment_api_tests::cases::for_server;
use augment_api_tests::pictures::jpeg;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().expect("give the address of an API");
    let clients: usize = arguments.next().map_or(1, |text| text.parse().unwrap());
    let requests: usize = arguments.next().map_or(2000, |text| text.parse().unwrap());
    let _ = rustls::crypto::ring::default_provider().install_default();
    let body = for_server(&jpeg(1)).to_string();
    let began = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (url, body) = (format!("{url}/v1/uploads"), body.clone());
            tokio::spawn(async move {
                // A client of its own has a connection of its own.
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
    let seconds = began.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
    println!(
        "{clients} clients, {} reservations, {:.0} a second; ms: min {:.2}, median {:.2}, p95 {:.2}, p99 {:.2}, max {:.2}",
        times.len(),
        times.len() as f64 / seconds,
        times[0],
        at(0.5),
        at(0.95),
        at(0.99),
        times[times.len() - 1]
    );
}
