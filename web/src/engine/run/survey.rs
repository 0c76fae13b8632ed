//! The first look at every image for a recipe that mixes: which can be used, and their hashes.

use std::rc::Rc;

use augment_web_messages::{Answer, Ask, Partners, Refusal};

use crate::engine::Engine;
use crate::engine::seat::unexpected;

/// The hashes of all sources that can be used; known from before where the dataset is the same.
pub(in crate::engine) async fn survey(engine: &Engine) -> Result<Rc<Partners>, Refusal> {
    let brought = engine.brought()?;
    let known = engine.0.partners.borrow().clone();
    if let Some((_, partners)) = known.filter(|(generation, _)| *generation == brought.generation) {
        return Ok(partners);
    }
    let mut partners = Partners::new();
    for item in 0..brought.items {
        // A source that cannot be used is no partner; the run will name it.
        if let Ok(reply) = engine.0.side.ask_about(&brought, Ask::Digest { item }).await {
            let Answer::Digest { sha256 } = reply.answer else { return Err(unexpected(&reply.answer)) };
            partners.push((sha256, item));
        }
    }
    let partners = Rc::new(partners);
    *engine.0.partners.borrow_mut() = Some((brought.generation, Rc::clone(&partners)));
    Ok(partners)
}
