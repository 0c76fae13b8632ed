//! What the API and the workers share: records of images and of jobs over datasets, their lists, claims of jobs, and
//! metric lines.

pub mod dataset;
mod document;
mod image;
pub mod jobs;
mod lists;
mod metrics;
mod stores;
mod time;

pub use document::{Document, DocumentMeta};
pub use image::{GALLERY, ImageRecord, IngestedFile, Lease, THUMBNAILS, oidc_owner, seeded};
pub use lists::{PUBLIC_LIST, dataset_list, group_list, own_list, tag_list};
pub use metrics::{Figure, MetricSink, metric_line};
pub use stores::Stores;
pub use time::{DAY, rfc3339};
