//! Many clients at once over memory: one wins, the others are told, and every image ends in a valid state.

use std::sync::Arc;

use augment_api_tests::deployment::Deployment;
use augment_api_tests::races;

const ROUNDS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn an_id_is_reserved_once_every_round() {
    races::reserve(&Arc::new(Deployment::in_memory(|_| {})), ROUNDS, 16).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_made_started_and_deleted_at_once_ends_whole_or_gone() {
    races::jobs(&Arc::new(Deployment::in_memory(|_| {})), ROUNDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn complete_augment_and_delete_at_once_end_well() {
    races::change(&Arc::new(Deployment::in_memory(|_| {})), ROUNDS).await;
}
