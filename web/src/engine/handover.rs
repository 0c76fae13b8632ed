//! A dataset on its way to a service: read, kept and packed by a worker of its own, whatever the Studio does meanwhile.

use std::rc::Rc;

use augment_web_messages::{Answer, Ask, Kept, Listing, Refusal};
use js_sys::Array;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::Engine;
use super::dataset::{Brought, Source, source};
use super::seat::{Seat, unexpected};

/// The files of a dataset, held for a job that is to be sent. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Handover(SendWrapper<Rc<Held>>);

#[derive(Debug)]
struct Held {
    seat: Seat,
    brought: Rc<Brought>,
}

impl Engine {
    /// Holds the dataset that is open, with its labels or as images alone.
    ///
    /// # Errors
    /// When no dataset is open.
    pub async fn hand_over(&self, labels: bool) -> Result<(Handover, Listing), Refusal> {
        let open = self.brought()?;
        let brought = if labels { open } else { open.without_labels().map_or(open, Rc::new) };
        let seat = Seat::default();
        let listing = seat.open(&brought).await?;
        Ok((Handover(SendWrapper::new(Rc::new(Held { seat, brought }))), listing))
    }

    /// The SHA-256 of a blob in hexadecimal digits.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn hash(&self, blob: &Blob) -> Result<String, Refusal> {
        let reply = Seat::default().ask(Ask::Hash, &[blob.into()]).await?;
        let Answer::Digest { sha256 } = reply.answer else { return Err(unexpected(&reply.answer)) };
        Ok(sha256)
    }
}

impl Handover {
    /// A file of the dataset.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn read(&self, name: &str) -> Result<Source, Refusal> {
        source(name, self.0.seat.ask_about(&self.0.brought, Ask::Read { name: name.to_owned() }).await?)
    }

    /// Keeps a file of the dataset in the browser's own file system, in the folder of a job under a name there.
    ///
    /// # Errors
    /// When it cannot be read, or there is no room for it.
    pub async fn keep(&self, name: &str, place: (String, String)) -> Result<Kept, Refusal> {
        let ask = Ask::Keep { name: name.to_owned(), place };
        let reply = self.0.seat.ask_about(&self.0.brought, ask).await?;
        let Answer::Kept(kept) = reply.answer else { return Err(unexpected(&reply.answer)) };
        Ok(kept)
    }

    /// Packs what is no image to be augmented; `None` where there is nothing else. The zip is given where no place is
    /// named for it.
    ///
    /// # Errors
    /// When it cannot be read, is too large, or there is no room for it.
    pub async fn pack(&self, place: Option<(String, String)>) -> Result<Option<(Kept, Option<Blob>)>, Refusal> {
        let reply = self.0.seat.ask_about(&self.0.brought, Ask::Pack { place }).await?;
        let Answer::Packed(kept) = reply.answer else { return Err(unexpected(&reply.answer)) };
        let blob = |bytes: JsValue| Blob::new_with_u8_array_sequence(&Array::of1(&bytes));
        let zip = reply.attached.into_iter().next().map(blob).transpose();
        let zip = zip.map_err(|_| Refusal::new("there is too little memory for the labels"))?;
        Ok(kept.map(|kept| (kept, zip)))
    }
}
