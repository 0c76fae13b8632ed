//! Many clients that want the same id.

use std::sync::Arc;

use crate::cases::for_server;
use crate::deployment::Deployment;
use crate::pictures::jpeg;

/// Reserves one id by many clients at once: one gets it, the others are told, every round.
pub async fn reserve(at: &Arc<Deployment>, rounds: usize, clients: usize) {
    for round in 0..rounds {
        let mut body = for_server(&jpeg(1));
        body["id"] = format!("race{round}").into();
        let tasks: Vec<_> = (0..clients)
            .map(|_| {
                let (at, body) = (Arc::clone(at), body.clone());
                tokio::spawn(async move { at.call("POST", "/v1/uploads", Some(&body)).await.status })
            })
            .collect();
        let mut statuses = Vec::new();
        for task in tasks {
            statuses.push(task.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses[0], 201, "round {round}: one wins");
        assert!(statuses[1..].iter().all(|status| *status == 409), "round {round}: the others are told: {statuses:?}");
    }
}
