//! What all runs over a dataset share here: inputs that lie on a disk, and which labels of them are read.

use augment_core::error::Result;
use augment_core::formats::{LabelChoice, LabelFormat};
use augment_core::limits::Limits;
use augment_core::run;

use crate::input::Inputs;

/// The inputs with the dataset that was found in them.
pub(crate) type Found = run::Found<Inputs>;

/// Finds the images and labels of the inputs.
pub(crate) fn open(inputs: Inputs, choice: LabelChoice, limits: Limits) -> Result<Found> {
    let partial = inputs.partial;
    Found::open(inputs, partial, choice, limits)
}

/// What to read for a manifest's format, or for what a user asked for.
pub(crate) const fn choice_for(format: LabelFormat) -> LabelChoice {
    match format {
        LabelFormat::None => LabelChoice::Only(LabelFormat::None),
        _ => LabelChoice::Auto,
    }
}
