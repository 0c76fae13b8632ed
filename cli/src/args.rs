//! The command line: commands, options and their help.

use std::path::PathBuf;

use augment_core::codec::Subsampling;
use augment_core::formats::SplitChoice;
use augment_core::reading::LevelRange;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Augments labeled image datasets: the same bytes on every machine, labels that stay right, every output replayable.
#[derive(Debug, Parser)]
#[command(name = "delta", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 all done; 1 done, but some inputs failed (each is named on standard error); \
                        2 nothing done; 130 interrupted.")]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Augment(AugmentArgs),
    Replay(ReplayArgs),
    Verify(VerifyArgs),
    #[command(subcommand)]
    Recipe(RecipeCommand),
    Catalog(CatalogArgs),
    Sample(SampleArgs),
    Serve(ServeArgs),
    Push(PushArgs),
    Pull(PullArgs),
    List(ListArgs),
    Estimate(EstimateArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Make augmented copies of images together with their labels.
///
/// Inputs are images, folders and zips, several at once. Labels are found by themselves: Pascal VOC (XML beside the
/// images or in `annotations/`), YOLO (`labels/*.txt` with `data.yaml` or `classes.txt`), COCO (JSON), class folders,
/// and `*_mask.png` beside images. Hidden files are passed over and links are not followed out of a folder. An image
/// given by itself brings its labels along where they lie beside it or in the folders next to `images/`.
///
/// The output is a zip (or a folder, if OUT does not end in .zip) of `images/`, their labels, `recipe.json` and
/// `manifest.jsonl`, from which `delta replay` remakes any output. It appears under its name when it is whole; a zip
/// that is there already is replaced, a folder must be empty or absent.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  delta augment photos/ -o out.zip                          the classic recipe, five copies of each image
  delta augment data.zip -o out.zip --recipe detection --count 10 --seed 7
  delta augment data/ -o voc.zip --recipe none --labels voc convert labels, change no pixel
  delta augment data/ -o out/ --contact-sheet sheet.png     a folder, and a picture to check the labels by")]
pub(crate) struct AugmentArgs {
    /// Images, folders or zips.
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,

    /// Where to write: a zip if it ends in .zip, else a folder.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,

    /// A built-in recipe (see `delta recipe list`) or a JSON file.
    #[arg(long, value_name = "NAME|FILE", default_value = "classic")]
    pub(crate) recipe: String,

    /// Copies of each image; the recipe's number without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) count: Option<u32>,

    /// Where all chance comes from, up to 2^53 − 1: the same seed gives the same bytes. Without it the recipe's, or
    /// else a fresh one, which is printed and recorded.
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(..=(1 << 53) - 1))]
    pub(crate) seed: Option<u64>,

    /// Labels to write: those that were read (auto), or another format; `none` leaves labels alone.
    #[arg(long, value_name = "FORMAT", default_value = "auto")]
    pub(crate) labels: LabelsArg,

    /// Splits to augment, with commas between them, or `all`; `train` without it, where the input has splits. The
    /// others go through unchanged.
    #[arg(long, value_name = "SPLITS")]
    pub(crate) augment: Option<SplitChoice>,

    /// Take the images of this split alone; several with commas between them.
    #[arg(long, value_name = "SPLIT")]
    pub(crate) split: Option<SplitChoice>,

    /// Image format of the outputs; the recipe's without it. WebP is lossless; `keep` keeps each source's.
    #[arg(long, value_name = "F")]
    pub(crate) format: Option<FormatArg>,

    /// JPEG quality, 1 to 100; the recipe's without it.
    #[arg(long, value_name = "Q", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) quality: Option<u8>,

    /// JPEG chroma: `4:4:4` keeps it, `4:2:2` halves it across, `4:2:0` both ways. Without it the recipe's, or else the
    /// source's for `keep`, and 4:4:4 from quality 95 up, 4:2:0 below.
    #[arg(long, value_name = "S", value_parser = subsampling)]
    pub(crate) subsampling: Option<Subsampling>,

    /// Which numbers become black and white in images of more than 8 bits or of floating-point numbers: two of them, or
    /// `file` for the least and the greatest of each file. Without it the recipe's, or else all that the bits can hold; a
    /// file that would be lost by that fails.
    #[arg(long, value_name = "LOW,HIGH|file", allow_hyphen_values = true, value_parser = level_range)]
    pub(crate) range: Option<LevelRange>,

    /// Take a JPEG that is cut off as far as it goes, its rest gray, and say so in the manifest.
    #[arg(long)]
    pub(crate) keep_truncated: bool,

    /// Threads that work; as many as there are processors without it. The output does not depend on it.
    #[arg(long, value_name = "J", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,

    /// Refuse images of more pixels than this.
    #[arg(long, value_name = "P", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_pixels: Option<u64>,

    /// Write nothing and exit with 1 if any input fails or brings a warning; all of them are still named.
    #[arg(long)]
    pub(crate) strict: bool,

    /// Also draw up to 48 outputs in a grid with their labels over them (a .png or .jpg).
    #[arg(long, value_name = "FILE")]
    pub(crate) contact_sheet: Option<PathBuf>,

    /// Print the summary as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Remake outputs of an earlier run, byte for byte, from its manifest and the source images.
///
/// Sources are found by their content, so they may have been moved or renamed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  delta replay out.zip --source photos/ -o again.zip
  delta replay manifest.jsonl --source photos/ --only images/a_3.jpg -o one/")]
pub(crate) struct ReplayArgs {
    /// The zip or folder of the run, or its manifest.jsonl alone.
    #[arg(value_name = "MANIFEST|ZIP")]
    pub(crate) manifest: PathBuf,

    /// Where the source images and labels are: files, folders or zips.
    #[arg(long, required = true, num_args = 1.., value_name = "INPUT")]
    pub(crate) source: Vec<PathBuf>,

    /// Remake this output only; may be given several times.
    #[arg(long, value_name = "OUTPUT-NAME")]
    pub(crate) only: Vec<String>,

    /// Where to write: a zip if it ends in .zip, else a folder.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
}

/// Check that a zip is what its manifest says and that every output is remade byte for byte from its source.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 everything agrees; 1 something differs or is missing (each is named); \
                        2 nothing could be checked.

Example:
  delta verify out.zip --source photos/")]
pub(crate) struct VerifyArgs {
    /// The zip or folder of the run.
    #[arg(value_name = "ZIP")]
    pub(crate) zip: PathBuf,

    /// Where the source images and labels are: files, folders or zips.
    #[arg(long, required = true, num_args = 1.., value_name = "INPUT")]
    pub(crate) source: Vec<PathBuf>,
}

/// List, show and check recipes.
#[derive(Debug, Subcommand)]
pub(crate) enum RecipeCommand {
    /// The built-in recipes and what each is for.
    List,
    /// Print a built-in recipe: a start for one of your own.
    #[command(after_help = "Example:\n  delta recipe show detection > mine.json")]
    Show {
        /// The recipe's name.
        name: String,
    },
    /// Check a recipe file; every problem is named with its place, as a JSON pointer.
    Check {
        /// The recipe's file.
        file: PathBuf,
    },
    /// Print the JSON Schema of recipes, for editors that complete and check as you type.
    Schema,
}

/// The transforms with their parameters, units, bounds and defaults.
#[derive(Debug, Args)]
pub(crate) struct CatalogArgs {
    /// Print the descriptions as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Draw a small labeled dataset to try things on: scenes with boxes, outlines and joints.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  delta sample -o sample && delta augment sample -o out.zip --count 5 --contact-sheet sheet.png")]
pub(crate) struct SampleArgs {
    /// The folder to make; it must be empty or absent.
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) output: PathBuf,

    /// How many scenes.
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) count: u32,

    /// The format of the labels; YOLO holds the outlines, COCO also the joints.
    #[arg(long, value_name = "FORMAT", default_value = "coco")]
    pub(crate) labels: SampleLabels,
}

/// Serve the page, the API, an object store and a database from this machine.
///
/// Everything is at one address that only this machine reaches; data stays in one folder. Uploads and downloads go
/// straight to the built-in S3 server by signed addresses. Images go after 28 days (or a year). Ctrl-C ends it.
///
/// Sign-in is off unless `DELTA_OIDC_ISSUER` and `DELTA_OIDC_AUDIENCE` (and `DELTA_OIDC_CLIENT_ID` for the page) are set;
/// `DELTA_OIDC_ORIGINS` names the origin of the token endpoint where it is not the issuer's.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The port; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    pub(crate) port: u16,

    /// Where data is kept; without it in the user's data directory.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,

    /// The built page; `dist` without it, if that is there.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) site: Option<PathBuf>,

    /// Where the database is missing or empty while objects are there: begin without them, instead of not at all. They
    /// are moved into a folder of their own and kept.
    #[arg(long)]
    pub(crate) start_anew: bool,

    /// Copies of an image that are allowed at most.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) max_count: u32,

    /// Log every request as a line of JSON on standard error.
    #[arg(long)]
    pub(crate) verbose: bool,
}

/// Where an API is, and who asks.
#[derive(Debug, Args)]
pub(crate) struct ApiArgs {
    /// The address of the API.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub(crate) api: String,

    /// A bearer token; the variable `DELTA_TOKEN` without it.
    #[arg(long, value_name = "T")]
    pub(crate) token: Option<String>,
}

/// Upload images, several at once, and have the server augment them. Safe to run again: what is there is passed over.
///
/// With --dataset the inputs are one dataset, with its labels, which one job augments; Ctrl-C leaves the job on the
/// server and says how to fetch its zip.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  delta push photos/ --tags holiday --count 3             every image by itself, into the gallery
  delta push data/ --dataset --recipe detection -o out.zip  one dataset, one zip")]
pub(crate) struct PushArgs {
    /// Images or folders of images; with --dataset also zips, and whatever labels them.
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,

    /// Where to.
    #[command(flatten)]
    pub(crate) api: ApiArgs,

    /// Tags, with commas between them.
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub(crate) tags: Vec<String>,

    /// A group.
    #[arg(long, value_name = "G")]
    pub(crate) group: Option<String>,

    /// Copies of each image; the recipe's number without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) count: Option<u32>,

    /// A built-in recipe or a JSON file.
    #[arg(long, value_name = "R", default_value = "classic")]
    pub(crate) recipe: String,

    /// Only the owner may see them.
    #[arg(long)]
    pub(crate) private: bool,

    /// Augment the inputs as one dataset, labels included, by one job: its zip is the one that `delta augment` makes.
    /// The same again sends nothing twice and finds its job.
    #[arg(long, conflicts_with_all = ["tags", "group", "private"])]
    pub(crate) dataset: bool,

    /// With --dataset: where to write the zip once the job is done.
    #[arg(short, long, value_name = "OUT.zip", requires = "dataset")]
    pub(crate) output: Option<PathBuf>,

    /// With --dataset: where all chance comes from; without it the recipe's, or else one that the server draws.
    #[arg(long, value_name = "S", requires = "dataset", value_parser = clap::value_parser!(u64).range(..=(1 << 53) - 1))]
    pub(crate) seed: Option<u64>,

    /// With --dataset: labels to write, as `delta augment` takes it.
    #[arg(long, value_name = "FORMAT", default_value = "auto", requires = "dataset")]
    pub(crate) labels: LabelsArg,

    /// Uploads at once.
    #[arg(long, value_name = "J", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) jobs: u16,

    /// Print the summary as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Download the zip of results of an image, or of a job over a dataset.
#[derive(Debug, Args)]
pub(crate) struct PullArgs {
    /// The image's id, or the job's.
    #[arg(value_name = "ID")]
    pub(crate) id: String,

    /// Where from.
    #[command(flatten)]
    pub(crate) api: ApiArgs,

    /// It is a job over a dataset; one that runs is waited for.
    #[arg(long)]
    pub(crate) dataset: bool,

    /// The zip to write; ID.zip without it.
    #[arg(short, long, value_name = "OUT.zip")]
    pub(crate) output: Option<PathBuf>,
}

/// List images, the newest first.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Where from.
    #[command(flatten)]
    pub(crate) api: ApiArgs,

    /// Only images with a tag.
    #[arg(long, value_name = "T")]
    pub(crate) tag: Option<String>,

    /// Only images of a group.
    #[arg(long, value_name = "G")]
    pub(crate) group: Option<String>,

    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Say what a month of a deployment on AWS costs for a given use, line by line.
///
/// The prices are list prices of one region, written down with their date; nothing is fetched.
#[derive(Debug, Args)]
pub(crate) struct EstimateArgs {
    /// Images a month.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    pub(crate) images: u64,

    /// Megapixels of an image.
    #[arg(long, value_name = "MP", default_value_t = 12.0, value_parser = positive)]
    pub(crate) megapixels: f64,

    /// Copies of each image.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) copies: u32,

    /// How long images are kept: 28 days or a year.
    #[arg(long, value_enum, default_value = "standard")]
    pub(crate) retention: RetentionArg,

    /// Zips that are downloaded a month; each once without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=1_000_000_000_000))]
    pub(crate) downloads: Option<u64>,

    /// Images of them that come in jobs over whole datasets.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=1_000_000_000_000))]
    pub(crate) dataset_images: u64,

    /// Megapixels that one processor reads and makes in a second; `docs/performance-log.md` has measured ones.
    #[arg(long, value_name = "MP/S", default_value_t = 100.0, value_parser = positive)]
    pub(crate) rate: f64,

    /// Bytes of a pixel in a file.
    #[arg(long, value_name = "B", default_value_t = 0.35, value_parser = positive)]
    pub(crate) bytes_a_pixel: f64,

    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Print completions for a shell, to be saved where it looks for them.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

/// Write manual pages, one for each command.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The folder to write them into.
    pub(crate) folder: PathBuf,
}

/// What `--retention` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RetentionArg {
    /// 28 days.
    Standard,
    /// A year, in the archive after a month.
    Extended,
}

/// Chroma subsampling, named as in recipes.
fn subsampling(text: &str) -> Result<Subsampling, String> {
    serde_json::from_value(text.into()).map_err(|_| "give 4:4:4, 4:2:2 or 4:2:0".to_owned())
}

/// A range of numbers, or the file's own.
fn level_range(text: &str) -> Result<LevelRange, String> {
    if text == "file" {
        return Ok(LevelRange::File);
    }
    let numbers = text.split_once(',').and_then(|(low, high)| low.trim().parse().ok().zip(high.trim().parse().ok()));
    let range = numbers.and_then(|(low, high)| LevelRange::between(low, high));
    range.ok_or_else(|| "give two numbers as LOW,HIGH, the first below the second, or 'file'".to_owned())
}

/// A number above 0, and not beyond all use.
fn positive(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "give a number".to_owned())?;
    if number > 0.0 && number <= 1e6 { Ok(number) } else { Err("give a number above 0, at most 1000000".to_owned()) }
}

/// What `--labels` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LabelsArg {
    Auto,
    None,
    Voc,
    Yolo,
    YoloObb,
    Coco,
    #[value(name = "labelme")]
    LabelMe,
    Csv,
    Hf,
    Masks,
}

/// What `delta sample --labels` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SampleLabels {
    Voc,
    Yolo,
    Coco,
}

/// What `--format` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    Jpeg,
    Png,
    Webp,
    Keep,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
