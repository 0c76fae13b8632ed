//! The HTTP API of Delta Augment: bodies and their validation, problem details, limits, and a client.
//!
//! The server, the command line and the page share these types, so a body that is valid in one is valid in all.

mod change;
#[cfg(feature = "client")]
pub mod client;
mod config;
mod cursor;
mod fields;
mod group;
mod image;
mod job;
mod job_items;
mod limits;
mod multipart;
mod openapi;
mod problem;
mod query;
mod rules;
mod upload;

pub use change::{AugmentRequest, Change, Patch, Rerun};
pub use config::{AuthConfig, Config, Health};
pub use cursor::{BadCursor, Cursor};
pub use group::{Group, GroupRequest, Groups, NewGroup, Tag, Tags};
pub use image::{Content, Deleted, Image, ImageFacts, ImagePage, Made};
pub use job::{Job, JobFacts, JobFailure, JobImage, JobPage, JobRequest, JobReservation, NewJob};
pub use job_items::images_per_item;
pub use limits::{Limits, MAX_TAGS, MAX_TITLE};
pub use multipart::{
    ObjectName, Part, PartRequest, PartTarget, PartTargets, PartsRequest, PartsSelection, PartsStatus,
};
pub use openapi::openapi;
pub use problem::{FieldError, Problem, ProblemKind};
pub use query::{ImageFilter, ImageQuery, JobFilter, JobQuery};
pub use rules::{FailureKind, JobState, Retention, Run, State, Visibility, is_group, is_id, is_tag};
pub use upload::{NewUpload, Reservation, Target, UploadRequest};
