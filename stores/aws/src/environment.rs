//! The stores of a deployment, read from the environment variables of its functions.

use augment_stores_port::sigv4::Credentials;

use crate::connect::Connection;

/// The stores of a deployment.
#[derive(Clone, Debug)]
pub struct StoreEnvironment {
    /// The connection to the services.
    pub connection: Connection,
    /// The table.
    pub table: String,
    /// The bucket of originals.
    pub originals: String,
    /// The bucket of results and thumbnails.
    pub results: String,
}

impl StoreEnvironment {
    /// Reads the variables; missing ones are empty and are added to `problems`.
    #[must_use]
    pub fn read(variable: impl Fn(&str) -> Option<String>, problems: &mut Vec<String>) -> Self {
        let mut required = |name: &str| {
            variable(name).unwrap_or_else(|| {
                problems.push(format!("set {name}"));
                String::new()
            })
        };
        let (id, secret) = (required("AWS_ACCESS_KEY_ID"), required("AWS_SECRET_ACCESS_KEY"));
        let region = required("AWS_REGION");
        let (table, originals) = (required("DELTA_TABLE"), required("DELTA_ORIGINALS_BUCKET"));
        let results = required("DELTA_RESULTS_BUCKET");
        let connection = Connection {
            region,
            credentials: Credentials { id, secret, session: variable("AWS_SESSION_TOKEN") },
            s3_endpoint: variable("DELTA_S3_ENDPOINT"),
            dynamodb_endpoint: variable("DELTA_DYNAMODB_ENDPOINT"),
        };
        Self { connection, table, originals, results }
    }
}
