//! The stores of a deployment on AWS: objects in S3, records in one table of DynamoDB.
//!
//! Credentials are given, not looked for: a Lambda function has them in its environment for as long as it lives.

mod connect;
mod counter;
mod row;
mod objects;
mod environment;
mod records;
mod table;

pub use augment_stores_port::sigv4::Credentials;
pub use connect::Connection;
pub use objects::S3Objects;
pub use environment::StoreEnvironment;
pub use records::DynamoRecords;
