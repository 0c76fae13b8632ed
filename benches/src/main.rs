//! `cargo xtask bench`: the program against its peers on real photographs, and where its time goes.
#![expect(clippy::print_stdout, reason = "prints figures")]

mod contest;
mod corpus;
mod goals;
mod processors;
mod quality;
mod report;
mod stages;
mod targets;

use std::path::PathBuf;

use clap::Parser;

/// Measures the built program and its peers. Figures mean little on a busy machine: the load is printed with them.
#[derive(Debug, Parser)]
struct Args {
    /// The built `delta`; without it only the library is measured.
    #[arg(long)]
    delta: Option<PathBuf>,
    /// A Python that has the peers; without it they are named as missing.
    #[arg(long)]
    python: Option<PathBuf>,
    /// The real photographs: the folder that holds bccd-voc, coco-keypoints, exif-orientation and kodak.
    #[arg(long)]
    data: PathBuf,
    /// Where the corpus and the outputs go.
    #[arg(long)]
    scratch: PathBuf,
    /// One round instead of five, and fewer small pictures: a look, not a measurement.
    #[arg(long)]
    quick: bool,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let rounds = if args.quick { 1 } else { 5 };
    let corpus = corpus::make(&args.data, &args.scratch)?;
    println!("{}", corpus.describe());
    let conditions = report::Conditions::now(rounds)?;
    let (mut races, mut ends, mut scores) = (Vec::new(), None, None);
    if let Some(delta) = &args.delta {
        let python = args.python.as_deref();
        let contest = contest::Contest { delta, python, corpus: &corpus, scratch: &args.scratch };
        for recipe in contest::RECIPES {
            races.push(contest.run(recipe, rounds)?);
        }
        ends = Some(goals::measure(&contest, &corpus, rounds, args.quick)?);
        if let Some(python) = python {
            scores = quality::measure(delta, python, &corpus.folder, &args.scratch)
                .inspect_err(|error| println!("{error:#}"))
                .ok();
        }
    }
    let stages = contest::RECIPES
        .iter()
        .map(|recipe| stages::stages(recipe, &corpus, rounds))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let parts = stages::parts(&corpus, rounds)?;
    let mut text = report::text(&conditions, &corpus, &races, &stages, &parts);
    if let Some(ends) = &ends {
        report::goals(&mut text, ends);
    }
    if let Some(scores) = &scores {
        report::quality(&mut text, scores);
    }
    if let Some(ends) = &ends {
        targets::table(&mut text, &races, ends, scores.as_ref());
    }
    println!("{text}");
    Ok(())
}

/// The median and the ends of some measurements.
#[derive(Clone, Copy, Debug)]
struct Spread {
    median: f64,
    low: f64,
    high: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (low, high) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let median =
            if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) };
        Some(Self { median, low, high })
    }
}
