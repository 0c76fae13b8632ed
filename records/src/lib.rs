//! An image's record, that of a job over a dataset, the lists they are in, the claims of jobs, and lines of metrics:
//! what the API and whoever runs jobs share.

pub mod dataset;
mod image;
pub mod jobs;
mod document;
mod lists;
mod metrics;
mod stores;
mod time;

pub use image::{GALLERY, ImageRecord, IngestedFile, Lease, THUMBNAILS, seeded};
pub use document::{DocumentMeta, Document};
pub use lists::{PUBLIC_LIST, dataset_list, group_list, own_list, tag_list};
pub use metrics::{Figure, MetricSink, metric_line};
pub use stores::Stores;
pub use time::{DAY, rfc3339};
