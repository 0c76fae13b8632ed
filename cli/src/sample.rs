//! `delta sample`: a small labeled dataset, drawn on the spot.

use augment_core::formats::LabelFormat;
use augment_core::output::Sink;

use crate::args::{SampleArgs, SampleLabels};
use crate::console::Console;
use crate::outcome::Outcome;
use crate::target::{FolderTarget, Target};

pub(crate) fn run(console: &Console, args: &SampleArgs) -> anyhow::Result<Outcome> {
    let format = match args.labels {
        SampleLabels::Voc => LabelFormat::Voc,
        SampleLabels::Yolo => LabelFormat::Yolo,
        SampleLabels::Coco => LabelFormat::Coco,
    };
    let mut target = Target::Folder(FolderTarget::begin(&args.output)?);
    console.begin(u64::from(args.count));
    for file in augment_sample::dataset(args.count, format) {
        let (name, bytes) = file?;
        target.add(&name, &bytes)?;
        console.advance(u64::from(name.starts_with("images/")));
    }
    console.end();
    let written = target.finish()?;
    console.result(format_args!(
        "{}: {} scene(s) with {} labels",
        written.path.display(),
        args.count,
        format.title()
    ))?;
    Ok(Outcome::Done)
}
