//! What all runs over a dataset share here: inputs that lie on a disk, and which labels of them are read.

use augment_core::Error;
use augment_core::error::Result;
use augment_core::formats::{LabelChoice, LabelFormat, LabelWriter};
use augment_core::limits::Limits;
use augment_core::run;

use crate::input::Inputs;
use crate::report::Troubles;

/// The inputs with the dataset that was found in them.
pub(crate) type InputDataset = run::InputDataset<Inputs>;

/// Finds the images and labels of the inputs.
pub(crate) fn open(inputs: Inputs, choice: LabelChoice, limits: Limits) -> Result<InputDataset> {
    let partial = inputs.partial;
    InputDataset::open(inputs, partial, choice, limits)
}

/// Names what the inputs hold that cannot be used, or not as it is, and what the labels to write cannot hold; gives the
/// failures by file.
pub(crate) fn tell(found: &InputDataset, format: LabelFormat, troubles: &mut Troubles<'_>) -> Vec<(String, Error)> {
    for note in &found.inputs.notes {
        troubles.note(note);
    }
    let of_dataset = found.dataset.problems.iter().map(|problem| (&problem.file, &problem.error));
    let of_inputs = found.inputs.problems.iter().map(|(name, error)| (name, error));
    let failures =
        of_inputs.chain(of_dataset).map(|(name, error)| (name.clone(), troubles.failed(name, error))).collect();
    let losses = LabelWriter::new(format, &found.dataset);
    for note in losses.notes() {
        troubles.note(note);
    }
    for warning in found.dataset.warnings.iter().chain(losses.warnings()) {
        troubles.warn(warning);
    }
    failures
}

/// What to read for a manifest's format, or for what a user asked for.
pub(crate) const fn choice_for(format: LabelFormat) -> LabelChoice {
    match format {
        LabelFormat::None => LabelChoice::Only(LabelFormat::None),
        _ => LabelChoice::Auto,
    }
}
