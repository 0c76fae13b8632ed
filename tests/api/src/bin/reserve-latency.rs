//! Measures the latency of `POST /v1/uploads`: `reserve-latency URL [CLIENTS] [REQUESTS]`.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a measuring program that fails by panicking")]

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().expect("give the URL of an API");
    let clients = arguments.next().map_or(1, |text| text.parse().unwrap());
    let requests = arguments.next().map_or(2000, |text| text.parse().unwrap());
    println!("{}", augment_api_tests::latency::reserve(&url, clients, requests).await);
}
