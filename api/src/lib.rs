//! The HTTP API of Delta Augment: its bodies, the rules they are checked by, its problem details and its limits.
//!
//! The server, the command line and the page use these same types, so a body that passes here passes there.

mod change;
#[cfg(feature = "client")]
pub mod client;
mod config;
mod cursor;
mod fields;
mod group;
mod image;
mod job_items;
mod job;
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
pub use image::{Content, Deleted, Image, ImagePage, Made};
pub use job_items::images_per_item;
pub use job::{Job, JobFailure, JobImage, JobPage, JobRequest, JobReservation, NewJob};
pub use limits::Limits;
pub use multipart::{
    ObjectName, Part, PartRequest, PartTarget, PartTargets, PartsRequest, PartsSelection, PartsStatus,
};
pub use openapi::openapi;
pub use problem::{FieldError, Problem, ProblemKind};
pub use query::{ImageFilter, ImageQuery, JobFilter, JobQuery};
pub use rules::{FailureKind, JobState, Retention, Run, State, Visibility, is_group, is_id, is_tag};
pub use upload::{NewUpload, Reservation, Target, UploadRequest};
