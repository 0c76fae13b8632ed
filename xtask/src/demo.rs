//! The main job on a sample made on the spot: draw a labeled dataset, augment it, verify it, look at it.

use anyhow::Result;

use crate::{project, shell};

/// Everything goes to `out/` in the project's root; what an earlier run left there is replaced.
pub(crate) fn run() -> Result<()> {
    let out = project::root().join("out");
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    std::fs::create_dir_all(&out)?;
    let delta = |arguments: &[&str]| {
        println!("\n$ delta {}", arguments.join(" "));
        let run = ["run", "--quiet", "--release", "--package", "delta-augment", "--"];
        shell::run(shell::cargo(&run).args(arguments))
    };
    delta(&["sample", "-o", "out/sample", "--count", "6", "--labels", "coco"])?;
    let augment = ["augment", "out/sample", "-o", "out/augmented.zip", "--recipe", "detection"];
    let options = ["--count", "4", "--seed", "7", "--contact-sheet", "out/contact-sheet.png"];
    delta(&[augment.as_slice(), options.as_slice()].concat())?;
    delta(&["verify", "out/augmented.zip", "--source", "out/sample"])?;
    println!("\nLook at out/contact-sheet.png; the dataset is out/augmented.zip");
    Ok(())
}
