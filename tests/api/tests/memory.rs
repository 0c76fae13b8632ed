//! The suite over the router and stores in memory, without a network.

use augment_api_tests::deployment::Deployment;
use augment_api_tests::{bad_input, cases};
use serde_json::json;

#[tokio::test]
async fn every_case() {
    cases::all(&Deployment::in_memory(|_| {})).await;
}

#[tokio::test]
async fn every_bad_input() {
    bad_input::all(&Deployment::in_memory(|_| {})).await;
}

#[tokio::test]
async fn one_user_creates_a_limited_number_of_groups() {
    let at = Deployment::in_memory(|_| {});
    for number in 0..200 {
        let made = at.call("POST", "/v1/groups", Some(&json!({ "name": format!("g{number}") }))).await;
        assert_eq!(made.status, 201, "{made:?}");
    }
    let refused = at.call("POST", "/v1/groups", Some(&json!({ "name": "more" }))).await;
    assert_eq!(refused.body["type"], "urn:delta-augment:problem:wrong-state", "{refused:?}");
    assert!(refused.body["detail"].as_str().unwrap().contains("200 groups"), "{refused:?}");
}
