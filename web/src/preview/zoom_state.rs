//! What the dialog with one enlarged output shares with its stage.

use std::rc::Rc;

use augment_web_messages::Picture;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use web_sys::{Blob, ImageBitmap};

use super::feed::Feed;

/// An output as a run writes it.
#[derive(Debug)]
pub(super) struct ExactOutput {
    pub(super) picture: Picture,
    pub(super) bitmap: ImageBitmap,
    pub(super) blob: Blob,
}

/// What the dialog knows.
#[derive(Clone, Copy, Debug)]
pub(super) struct ZoomState {
    pub(super) feed: Feed,
    /// The cell.
    pub(super) index: Memo<usize>,
    pub(super) exact: RwSignal<Option<SendWrapper<Rc<ExactOutput>>>>,
    pub(super) original: RwSignal<Option<SendWrapper<Rc<ExactOutput>>>>,
    pub(super) failed: RwSignal<Option<String>>,
    /// Whether the original lies over the left part.
    pub(super) comparing: RwSignal<bool>,
    /// Where the parts meet, in thousandths of the image's width.
    pub(super) split: RwSignal<u32>,
}
