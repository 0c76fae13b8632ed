//! Races over stores in memory: one client wins, and every image and job ends in a valid state.

use std::sync::Arc;

use augment_api_tests::deployment::Deployment;
use augment_api_tests::races;

const ROUNDS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn an_id_is_reserved_once_per_round() {
    races::reserve(&Arc::new(Deployment::in_memory(|_| {})), ROUNDS, 16).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_changes_of_a_job_end_complete_or_deleted() {
    races::jobs(&Arc::new(Deployment::in_memory(|_| {})), ROUNDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_changes_of_an_image_end_well() {
    races::change(&Arc::new(Deployment::in_memory(|_| {})), ROUNDS).await;
}
