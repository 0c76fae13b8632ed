//! A place for a worker that is started when it is needed, replaced when it ends, and told of the dataset.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use augment_web_messages::{Answer, Ask, Listing, Refusal};
use futures::channel::mpsc;
use futures::lock::Mutex;
use wasm_bindgen::JsValue;

use super::dataset::Brought;
use super::link::{Link, Reply};

/// A worker of its own, or the place for one.
#[derive(Clone, Debug, Default)]
pub(super) struct Seat(Rc<Place>);

#[derive(Debug, Default)]
struct Place {
    link: RefCell<Option<Link>>,
    births: Cell<u64>,
    /// The generation of the dataset that the worker has open; 0 for none.
    opened: Cell<u64>,
    /// Held while a dataset is being opened, so that it is opened once.
    opening: Mutex<()>,
}

impl Seat {
    /// The worker; a new one where there is none or it ended.
    pub(super) fn link(&self) -> Result<Link, Refusal> {
        let mut seat = self.0.link.borrow_mut();
        if let Some(link) = seat.as_ref().filter(|link| link.is_alive()) {
            return Ok(link.clone());
        }
        self.0.opened.set(0);
        self.0.births.set(self.0.births.get() + 1);
        let link = Link::start()?;
        *seat = Some(link.clone());
        Ok(link)
    }

    /// Counts the workers that were here: what is known of one does not hold for the next.
    pub(super) fn births(&self) -> u64 {
        self.0.births.get()
    }

    /// Ends the worker at once.
    pub(super) fn clear(&self, why: &str) {
        if let Some(link) = self.0.link.borrow_mut().take() {
            link.end(why);
        }
        self.0.opened.set(0);
    }

    pub(super) async fn ask(&self, ask: Ask, attached: &[JsValue]) -> Result<Reply, Refusal> {
        self.link()?.ask(ask, attached).await
    }

    /// Opens a dataset.
    pub(super) async fn open(&self, brought: &Brought) -> Result<Listing, Refusal> {
        let _one = self.0.opening.lock().await;
        self.open_now(brought).await
    }

    async fn open_now(&self, brought: &Brought) -> Result<Listing, Refusal> {
        let link = self.link()?;
        self.0.opened.set(0);
        for (portion, handles) in brought.portions() {
            link.ask(Ask::Bring(portion), &handles).await?;
        }
        let reply = link.ask(Ask::Open(brought.opening()), &[]).await?;
        match reply.answer {
            Answer::Opened(listing) => {
                self.0.opened.set(brought.generation);
                Ok(listing)
            }
            other => Err(unexpected(&other)),
        }
    }

    /// The worker with the dataset open.
    pub(super) async fn with(&self, brought: &Brought) -> Result<Link, Refusal> {
        let _one = self.0.opening.lock().await;
        let link = self.link()?;
        if self.0.opened.get() != brought.generation {
            self.open_now(brought).await?;
        }
        Ok(link)
    }

    pub(super) async fn ask_about(&self, brought: &Brought, ask: Ask) -> Result<Reply, Refusal> {
        self.with(brought).await?.ask(ask, &[]).await
    }

    pub(super) async fn ask_for_many(
        &self,
        brought: &Brought,
        ask: Ask,
    ) -> Result<mpsc::UnboundedReceiver<Result<Reply, Refusal>>, Refusal> {
        Ok(self.with(brought).await?.ask_for_many(ask))
    }
}

/// For an answer to another question.
pub(super) fn unexpected(answer: &Answer) -> Refusal {
    let kind = match answer {
        Answer::Refused(refusal) => return refusal.clone(),
        Answer::Done => "done",
        Answer::Opened(_) => "opened",
        _ => "another thing",
    };
    Refusal::new(format!("the worker answered a question with {kind}; reload the page"))
}
