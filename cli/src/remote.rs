//! What commands that speak to an API share: a client, and a runtime of their own to run it on.

use anyhow::Context;
use augment_api::client::Client;

use crate::args::ApiArgs;

/// A client of the API that was named.
pub(crate) fn client(args: &ApiArgs) -> anyhow::Result<Client> {
    let token = args.token.clone().or_else(|| std::env::var("DELTA_TOKEN").ok()).filter(|token| !token.is_empty());
    if !args.api.starts_with("http://") && !args.api.starts_with("https://") {
        anyhow::bail!("{}: an API's address begins with http:// or https://", args.api);
    }
    Ok(Client::new(&args.api, token)?)
}

/// Runs something that waits for a network; no other command starts a runtime.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("the network cannot be used")?.block_on(work)
}
