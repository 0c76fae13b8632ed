//! Hashes all images for a recipe that mixes: it chooses partners by their hashes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use augment_web_messages::{PartnerHashes, Refusal, Request, Response};
use futures::future::join_all;

use crate::engine::dataset::DatasetFiles;
use crate::engine::handle::Engine;
use crate::engine::worker_client::unexpected;
use crate::engine::worker_slot::WorkerSlot;

/// Larger datasets are not hashed completely for a preview.
const MAX_ITEMS: usize = 200;
const MAX_BYTES: u64 = 64 << 20;
/// How many of their images are hashed instead.
const SAMPLE: usize = 16;

/// The hashes for a preview, and whether they are complete. The side worker computes them.
pub(in crate::engine) async fn partners_for_preview(engine: &Engine) -> Result<(Rc<PartnerHashes>, bool), Refusal> {
    let dataset = engine.dataset()?;
    let known_for = |known: &RefCell<Option<(u64, Rc<PartnerHashes>)>>| {
        known.borrow().as_ref().filter(|(generation, _)| *generation == dataset.generation).map(|(_, p)| Rc::clone(p))
    };
    let inner = &engine.0;
    if let Some(partners) = known_for(&inner.partners) {
        return Ok((partners, true));
    }
    if dataset.items <= MAX_ITEMS && dataset.bytes <= MAX_BYTES {
        let slots = std::slice::from_ref(&inner.side);
        let partners = survey(engine, &dataset, slots, |_, _| {}, || true).await?;
        return Ok((partners, true));
    }
    if let Some(partners) = known_for(&inner.some_partners) {
        return Ok((partners, false));
    }
    let found =
        hash_items(&dataset, std::slice::from_ref(&inner.side), SAMPLE.min(dataset.items), |_| {}, || true).await?;
    let partners = Rc::new(found);
    *inner.some_partners.borrow_mut() = Some((dataset.generation, Rc::clone(&partners)));
    Ok((partners, false))
}

/// The hashes of all sources that can be used; cached for the same dataset. `report` is called with the number of sources
/// done and of all, `is_wanted` says whether to go on.
pub(super) async fn survey(
    engine: &Engine,
    dataset: &DatasetFiles,
    slots: &[WorkerSlot],
    report: impl Fn(usize, usize),
    is_wanted: impl Fn() -> bool,
) -> Result<Rc<PartnerHashes>, Refusal> {
    let known = engine.0.partners.borrow().clone();
    if let Some((_, partners)) = known.filter(|(generation, _)| *generation == dataset.generation) {
        return Ok(partners);
    }
    let report = |done| report(done, dataset.items);
    let found = hash_items(dataset, slots, dataset.items, report, &is_wanted).await?;
    if !is_wanted() {
        return Err(Refusal::new("the run was cancelled"));
    }
    let partners = Rc::new(found);
    if engine.dataset().is_ok_and(|now| now.is_same_files(dataset)) {
        *engine.0.partners.borrow_mut() = Some((dataset.generation, Rc::clone(&partners)));
    }
    Ok(partners)
}

/// The hashes of some sources with their positions, evenly spaced; sources that cannot be used are left out.
async fn hash_items(
    dataset: &DatasetFiles,
    slots: &[WorkerSlot],
    items: usize,
    report: impl Fn(usize),
    is_wanted: impl Fn() -> bool,
) -> Result<PartnerHashes, Refusal> {
    let (next, done) = (Cell::new(0), Cell::new(0));
    let found: RefCell<PartnerHashes> = RefCell::default();
    let step = dataset.items / items.max(1);
    let lane = async |slot: &WorkerSlot| {
        while next.get() < items && is_wanted() {
            let item = next.replace(next.get() + 1) * step;
            // A source that fails, or stops its worker, is no partner; the run will report it.
            if let Ok(reply) = slot.request_on(dataset, Request::Digest { item }).await {
                let Response::Digest { sha256 } = reply.response else { return Err(unexpected(&reply.response)) };
                found.borrow_mut().push((sha256, item));
            }
            done.set(done.get() + 1);
            report(done.get());
        }
        Ok(())
    };
    for outcome in join_all(slots.iter().map(lane)).await {
        outcome?;
    }
    let mut found = found.into_inner();
    // Of sources with equal content, the first counts.
    found.sort_by_key(|(_, item)| *item);
    Ok(found)
}
