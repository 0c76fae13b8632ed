//! The state that the dialog with one output shares with its stage.

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

/// The state of the dialog.
#[derive(Clone, Copy, Debug)]
pub(super) struct ZoomState {
    pub(super) feed: Feed,
    /// The selected cell.
    pub(super) index: Memo<usize>,
    pub(super) exact: RwSignal<Option<SendWrapper<Rc<ExactOutput>>>>,
    pub(super) original: RwSignal<Option<SendWrapper<Rc<ExactOutput>>>>,
    pub(super) failed: RwSignal<Option<String>>,
    /// Whether the original is shown on the left.
    pub(super) comparing: RwSignal<bool>,
    /// The position of the split, in thousandths of the image's width.
    pub(super) split: RwSignal<u32>,
}
