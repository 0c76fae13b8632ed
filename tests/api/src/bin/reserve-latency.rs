//! Prints how long `POST /v1/uploads` takes: `reserve-latency URL [CLIENTS] [REQUESTS]`.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program that prints figures and fails by panics")]

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().expect("give the address of an API");
    let clients = arguments.next().map_or(1, |text| text.parse().unwrap());
    let requests = arguments.next().map_or(2000, |text| text.parse().unwrap());
    println!("{}", augment_api_tests::latency::reserve(&url, clients, requests).await);
}
