//! The suite over the router and stores in memory, without a network.

use augment_api_tests::deployment::Deployment;
use augment_api_tests::{bad_input, cases};

#[tokio::test]
async fn every_case() {
    cases::all(&Deployment::in_memory(|_| {})).await;
}

#[tokio::test]
async fn every_bad_input() {
    bad_input::all(&Deployment::in_memory(|_| {})).await;
}
