//! The stores of a deployment on AWS: objects in S3, records in one table of DynamoDB.
//!
//! Credentials are passed in: a Lambda function has them in its environment.

mod connect;
mod counter;
mod environment;
mod errors;
mod objects;
mod records;
mod row;
mod table;

pub use augment_stores_port::sigv4::Credentials;
pub use connect::Connection;
pub use environment::StoreEnvironment;
pub use objects::S3Objects;
pub use records::DynamoRecords;
