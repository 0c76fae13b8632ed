//! Daily budgets per user and per IP address, enforced by conditional counters.

use augment_api::ProblemKind;
use augment_records::DAY;
use augment_stores_port::{Spend, StoreError};

use crate::app::{App, Budgets};
use crate::caller::Caller;
use crate::client_ip::network;
use crate::error::{ApiError, ApiResult};

/// What a request uses.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Usage {
    Bytes(u64),
    Job,
}

/// Charges a usage, or refuses it until the next day.
pub(crate) async fn spend(app: &App, caller: &Caller, usage: Usage) -> ApiResult<()> {
    let Some(budgets) = app.settings.budgets else { return Ok(()) };
    let now = app.now();
    let day = now / DAY;
    let Budgets { owner_bytes, owner_jobs, address_bytes, address_jobs } = budgets;
    let (what, amount, of_owner, of_address) = match usage {
        Usage::Bytes(bytes) => ("bytes", bytes, owner_bytes, address_bytes),
        Usage::Job => ("jobs", 1, owner_jobs, address_jobs),
    };
    let owner = caller.owner().map(|owner| ("owner", owner, of_owner));
    let network = caller.address.as_deref().map(network);
    let address = network.as_deref().map(|address| ("address", address, of_address));
    for (kind, who, limit) in owner.into_iter().chain(address) {
        let who = augment_core::digest::Digest::of(who.as_bytes());
        let key = format!("budget/{day}/{what}/{kind}/{who}");
        match app.records.spend(&Spend { key, amount, limit, expires: (day + 2) * DAY }).await {
            Ok(()) => {}
            Err(StoreError::Precondition) => {
                let detail = format!("the daily budget of this {kind} ({limit} {what}) is used up; try again tomorrow");
                let wait = (day + 1) * DAY - now;
                return Err(ApiError::new(ProblemKind::BudgetSpent, detail).retry_after(wait));
            }
            Err(error) => return Err(ApiError::store(error)),
        }
    }
    Ok(())
}
