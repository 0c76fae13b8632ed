//! The first look at every image for a recipe that mixes: which can be used, and their hashes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use augment_web_messages::{Answer, Ask, Partners, Refusal};
use futures::future::join_all;

use crate::engine::Engine;
use crate::engine::dataset::Brought;
use crate::engine::seat::{Seat, unexpected};

/// Datasets of more images, or more bytes, are not looked through for a preview.
const MOST_ITEMS: usize = 200;
const MOST_BYTES: u64 = 64 << 20;
/// As many of their images stand for all.
const SOME: usize = 16;

/// The hashes for a preview, by the worker that pictures lists; and whether they are all that a run chooses from.
pub(in crate::engine) async fn survey_alone(engine: &Engine) -> Result<(Rc<Partners>, bool), Refusal> {
    let brought = engine.brought()?;
    let known_for = |known: &RefCell<Option<(u64, Rc<Partners>)>>| {
        known.borrow().as_ref().filter(|(generation, _)| *generation == brought.generation).map(|(_, p)| Rc::clone(p))
    };
    let inner = &engine.0;
    if let Some(partners) = known_for(&inner.partners) {
        return Ok((partners, true));
    }
    if brought.items <= MOST_ITEMS && brought.bytes <= MOST_BYTES {
        let seats = std::slice::from_ref(&inner.side);
        let partners = survey(engine, &brought, seats, |_, _| {}, || true).await?;
        return Ok((partners, true));
    }
    if let Some(partners) = known_for(&inner.some_partners) {
        return Ok((partners, false));
    }
    let found = look(&brought, std::slice::from_ref(&inner.side), SOME.min(brought.items), |_| {}, || true).await?;
    let partners = Rc::new(found);
    *inner.some_partners.borrow_mut() = Some((brought.generation, Rc::clone(&partners)));
    Ok((partners, false))
}

/// The hashes of all sources that can be used, by some workers; known from before where the dataset is the same. `told`
/// is called with how many were looked at, and of how many; `is_wanted` says whether to go on.
pub(super) async fn survey(
    engine: &Engine,
    brought: &Brought,
    seats: &[Seat],
    told: impl Fn(usize, usize),
    is_wanted: impl Fn() -> bool,
) -> Result<Rc<Partners>, Refusal> {
    let known = engine.0.partners.borrow().clone();
    if let Some((_, partners)) = known.filter(|(generation, _)| *generation == brought.generation) {
        return Ok(partners);
    }
    let told = |done| told(done, brought.items);
    let found = look(brought, seats, brought.items, told, &is_wanted).await?;
    if !is_wanted() {
        return Err(Refusal::new("the run was cancelled"));
    }
    let partners = Rc::new(found);
    if engine.brought().is_ok_and(|now| now.is_same_files(brought)) {
        *engine.0.partners.borrow_mut() = Some((brought.generation, Rc::clone(&partners)));
    }
    Ok(partners)
}

/// The hashes of so many sources, as far as they can be used, by their position; of all splits where not all are asked.
async fn look(
    brought: &Brought,
    seats: &[Seat],
    items: usize,
    told: impl Fn(usize),
    is_wanted: impl Fn() -> bool,
) -> Result<Partners, Refusal> {
    let (next, done) = (Cell::new(0), Cell::new(0));
    let found: RefCell<Partners> = RefCell::default();
    let step = brought.items / items.max(1);
    let lane = async |seat: &Seat| {
        while next.get() < items && is_wanted() {
            let item = next.replace(next.get() + 1) * step;
            // A source that cannot be used, or that ends its worker, is no partner; the run will name it.
            if let Ok(reply) = seat.ask_about(brought, Ask::Digest { item }).await {
                let Answer::Digest { sha256 } = reply.answer else { return Err(unexpected(&reply.answer)) };
                found.borrow_mut().push((sha256, item));
            }
            done.set(done.get() + 1);
            told(done.get());
        }
        Ok(())
    };
    for outcome in join_all(seats.iter().map(lane)).await {
        outcome?;
    }
    let mut found = found.into_inner();
    // Of equal sources the first counts.
    found.sort_by_key(|(_, item)| *item);
    Ok(found)
}
