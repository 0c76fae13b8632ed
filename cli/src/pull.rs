//! `delta pull`: the zip of results of an image, checked against what the API says of it.

use std::path::PathBuf;

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};

use crate::Outcome;
use crate::args::PullArgs;
use crate::console::Console;
use crate::remote;
use crate::target;

pub(crate) fn run(console: &Console, args: &PullArgs) -> anyhow::Result<Outcome> {
    let client = remote::client(&args.api)?;
    if !augment_api::is_id(&args.id) {
        bail!("{}: an id is 1 to 20 letters and digits", args.id);
    }
    let path = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}.zip", args.id)));
    remote::block_on(async {
        let image = client.image(&args.id).await.with_context(|| args.id.clone())?;
        let Some(results) = image.results else {
            let why = image
                .error
                .map_or_else(|| format!("it is {}", image.state.word()), |error| format!("it failed: {error}"));
            bail!("{}: there are no results yet, {why}", args.id);
        };
        let address = client.file_address(&args.id, "results").await?;
        let mut file = target::Download::begin(&path)?;
        let mut hash = Sha256::new();
        let mut size = 0;
        // The address is a secret while it lives, so that errors must not show it.
        let mut answer = reqwest::get(&address).await.map_err(reqwest::Error::without_url)?;
        if !answer.status().is_success() {
            bail!("{}: the store answered with {}", args.id, answer.status().as_u16());
        }
        while let Some(piece) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
            hash.update(&piece);
            size += piece.len() as u64;
            file.write(&piece)?;
        }
        let digest = augment_core::digest::Digest(hash.finalize().into()).to_hex();
        if size != results.size || digest != results.sha256 {
            bail!("{}: what came is not what the API announced; try again", args.id);
        }
        file.finish()?;
        console.result(format_args!("{}: {size} bytes, sha256 {digest}", path.display()))?;
        Ok(Outcome::Done)
    })
}
