//! The first look at every image for a recipe that mixes: which can be used, and their hashes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use augment_web_messages::{Answer, Ask, Partners, Refusal};
use futures::future::join_all;

use crate::engine::Engine;
use crate::engine::seat::{Seat, unexpected};

/// The hashes for a preview, by the worker that pictures lists.
pub(in crate::engine) async fn survey_alone(engine: &Engine) -> Result<Rc<Partners>, Refusal> {
    survey(engine, std::slice::from_ref(&engine.0.side), |_, _| {}, || true).await
}

/// The hashes of all sources that can be used, by some workers; known from before where the dataset is the same. `told`
/// is called with how many were looked at, and of how many; `is_wanted` says whether to go on.
pub(super) async fn survey(
    engine: &Engine,
    seats: &[Seat],
    told: impl Fn(usize, usize),
    is_wanted: impl Fn() -> bool,
) -> Result<Rc<Partners>, Refusal> {
    let brought = engine.brought()?;
    let known = engine.0.partners.borrow().clone();
    if let Some((_, partners)) = known.filter(|(generation, _)| *generation == brought.generation) {
        return Ok(partners);
    }
    let (next, done) = (Cell::new(0), Cell::new(0));
    let found: RefCell<Partners> = RefCell::default();
    let lane = async |seat: &Seat| {
        while next.get() < brought.items && is_wanted() {
            let item = next.replace(next.get() + 1);
            // A source that cannot be used, or that ends its worker, is no partner; the run will name it.
            if let Ok(reply) = seat.ask_about(&brought, Ask::Digest { item }).await {
                let Answer::Digest { sha256 } = reply.answer else { return Err(unexpected(&reply.answer)) };
                found.borrow_mut().push((sha256, item));
            }
            done.set(done.get() + 1);
            told(done.get(), brought.items);
        }
        Ok(())
    };
    for outcome in join_all(seats.iter().map(lane)).await {
        outcome?;
    }
    if !is_wanted() {
        return Err(Refusal::new("the run was cancelled"));
    }
    let mut found = found.into_inner();
    // Of equal sources the first counts.
    found.sort_by_key(|(_, item)| *item);
    let partners = Rc::new(found);
    if engine.0.generation.get() == brought.generation {
        *engine.0.partners.borrow_mut() = Some((brought.generation, Rc::clone(&partners)));
    }
    Ok(partners)
}
