//! What commands that speak to an API share: a client, a runtime of their own to run it on, and downloads.

use anyhow::{Context, bail};
use augment_api::client::Client;
use sha2::{Digest, Sha256};

use crate::args::ApiArgs;
use crate::target::Download;

/// A client of the API that was named.
pub(crate) fn client(args: &ApiArgs) -> anyhow::Result<Client> {
    let token = args.token.clone().or_else(|| std::env::var("DELTA_TOKEN").ok()).filter(|token| !token.is_empty());
    if !args.api.starts_with("http://") && !args.api.starts_with("https://") {
        bail!("{}: an API's address begins with http:// or https://", args.api);
    }
    Ok(Client::new(&args.api, token)?)
}

/// Runs something that waits for a network; no other command starts a runtime.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("the network cannot be used")?.block_on(work)
}

/// A file that came, not yet under its name.
pub(crate) struct Fetched {
    pub(crate) file: Download,
    pub(crate) size: u64,
    /// In hexadecimal digits.
    pub(crate) sha256: String,
}

/// Fetches what is behind a signed address.
pub(crate) async fn fetch(id: &str, address: &str, mut file: Download) -> anyhow::Result<Fetched> {
    let mut hash = Sha256::new();
    let mut size = 0;
    // The address is a secret while it lives, so that errors must not show it.
    let mut answer = reqwest::get(address).await.map_err(reqwest::Error::without_url)?;
    if !answer.status().is_success() {
        bail!("{id}: the store answered with {}", answer.status().as_u16());
    }
    while let Some(piece) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
        hash.update(&piece);
        size += piece.len() as u64;
        file.write(&piece)?;
    }
    Ok(Fetched { file, size, sha256: augment_core::digest::Digest(hash.finalize().into()).to_hex() })
}
