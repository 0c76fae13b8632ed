//! The stores of a deployment on AWS: objects in S3, records in one table of DynamoDB.
//!
//! Credentials are given, not looked for: a Lambda function has them in its environment for as long as it lives.

mod connect;
mod counter;
mod item;
mod objects;
mod place;
mod records;
mod table;

pub use connect::{Access, Connection};
pub use objects::S3Objects;
pub use place::Place;
pub use records::DynamoRecords;
