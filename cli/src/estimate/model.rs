//! How much of every service a use takes: what a deployment does with one image, counted.

use augment_api::Retention;

use crate::args::{EstimateArgs, RetentionArg};

/// A line of a bill.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BillLine {
    /// What is paid for.
    pub(super) what: &'static str,
    /// The price's name in the table.
    pub(super) price: &'static str,
    /// How much of it.
    pub(super) quantity: f64,
}

impl BillLine {
    /// Whether it costs the same for any number of images.
    pub(super) fn is_standing(&self) -> bool {
        self.price.starts_with("watch.") || self.price.starts_with("secrets.")
    }
}

/// Gigabytes of the augment function, as the template has it by default: 1769 MB.
const AUGMENT_GB: f64 = 1769.0 / 1024.0;
/// Gigabytes of the API's function: 256 MB.
const API_GB: f64 = 0.25;
/// Seconds that a call of the API takes, most of them waiting for DynamoDB.
const API_SECONDS: f64 = 0.02;
/// Seconds of a job around its work: the record, the fetch, the puts, its share of cold starts.
const AROUND_SECONDS: f64 = 0.25;
/// Calls of the API for an image: announce, complete, and two looks at how far it is.
const CALLS: f64 = 4.0;
/// Thumbnails of an image.
const THUMBNAILS: f64 = augment_records::THUMBNAILS.len() as f64;
/// Bytes of a part of a zip on its way into the store.
const PART: f64 = augment_lambda::PART_BYTES as f64;
/// Bytes that a job fetches at once.
const PIECE: f64 = augment_lambda::READ_BYTES as f64;
/// Write units of an image's life: five versions of a record of up to 2 KB with its places in three lists, all in
/// transactions, which count twice.
const WRITES: f64 = 5.0 * (2.0 + 3.0) * 2.0;
/// Read units of it: the record, consistently, at each of those steps and calls.
const READS: f64 = 12.0;
/// Requests of the queue for a message: sent, received, deleted.
const MESSAGES: f64 = 3.0;
/// Kilobytes of log that a call and a job leave.
const LOG_KB: f64 = 1.0;
/// Metrics of the API's routes and refusals that a month of use makes.
const METRICS: f64 = 40.0;
/// Alarms of the template.
const ALARMS: f64 = 8.0;
/// Days of a month, on average.
const MONTH: f64 = 30.4375;
/// Days that an image is kept.
const STANDARD: f64 = Retention::Standard.days() as f64;
/// Days that it is kept when its retention is extended.
const EXTENDED: f64 = Retention::Extended.days() as f64;
/// Days of those before it goes into the archive.
const ARCHIVED: f64 = 30.0;

/// A month's use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    pub(super) images: f64,
    pub(super) megapixels: f64,
    pub(super) copies: f64,
    /// Whether images are kept for a year.
    pub(super) extended: bool,
    /// Zips that are downloaded.
    pub(super) downloads: f64,
    /// Images out of `images` that come in jobs over datasets.
    pub(super) dataset_images: f64,
    /// Megapixels a second, in and out, of one processor.
    pub(super) rate: f64,
    /// Bytes of a pixel in a JPEG.
    pub(super) bytes_a_pixel: f64,
}

impl Use {
    pub(super) fn of(args: &EstimateArgs) -> Self {
        Self {
            images: args.images as f64,
            megapixels: args.megapixels,
            copies: f64::from(args.copies),
            extended: args.retention == RetentionArg::Extended,
            downloads: args.downloads.unwrap_or(args.images) as f64,
            dataset_images: args.dataset_images.min(args.images) as f64,
            rate: args.rate,
            bytes_a_pixel: args.bytes_a_pixel,
        }
    }
}

/// The bill of a month.
pub(super) fn lines(usage: &Use) -> Vec<BillLine> {
    let Use { images, megapixels, copies, extended, downloads, dataset_images, rate, bytes_a_pixel } = *usage;
    let original = megapixels * 1e6 * bytes_a_pixel;
    let zip = original * copies;
    let gigabytes = images * (original + zip) / 1e9;
    let calls = images * CALLS + downloads;
    let seconds = AROUND_SECONDS + megapixels * (1.0 + copies) / rate;
    let parts = (zip / PART).ceil();
    // A zip of one part is put whole.
    let of_zip = if parts > 1.0 { parts + 2.0 } else { 1.0 };
    let puts = images * (2.0 + of_zip + 1.0 + 2.0 * THUMBNAILS);
    let gets = images * (4.0 + (original / PIECE).ceil()) + downloads;
    let line = |what, price, quantity| BillLine { what, price, quantity };
    let mut lines = vec![
        line("augmenting", "lambda.gb_second", images * seconds * AUGMENT_GB),
        line("calls of the augment function", "lambda.request", images),
        line("answering", "lambda.gb_second", calls * API_SECONDS * API_GB),
        line("calls of the API's function", "lambda.request", calls),
        line("requests to the API", "api.request", calls),
        line("requests by way of the site", "cloudfront.request", calls),
    ];
    if extended {
        lines.push(line("storage", "s3.standard", gigabytes * ARCHIVED / MONTH));
        lines.push(line("archive", "s3.archive", gigabytes * (EXTENDED - ARCHIVED) / MONTH));
        lines.push(line("moves into the archive", "s3.transition", images * 2.0));
    } else {
        lines.push(line("storage", "s3.standard", gigabytes * STANDARD / MONTH));
    }
    lines.extend([
        line("objects put", "s3.put", puts),
        line("objects read", "s3.get", gets),
        line("downloads", "s3.out", downloads * zip / 1e9),
        line("records written", "dynamodb.write", images * WRITES),
        line("records read", "dynamodb.read", images * READS + downloads),
        line("messages", "sqs.request", images * MESSAGES),
        line("records that become messages", "pipes.request", images),
        line("log", "logs.gb", (calls + images) * LOG_KB / 1e6),
        line("metrics", "watch.metric", if calls > 0.0 { METRICS } else { 0.0 }),
        line("alarms", "watch.alarm", ALARMS),
        line("dashboard", "watch.dashboard", 1.0),
        line("secret", "secrets.secret", 1.0),
    ]);
    if dataset_images > 0.0 {
        // An item's own execution begins, calls and ends.
        lines.push(line("items of datasets", "steps.transition", dataset_images * 3.0));
    }
    lines
}
