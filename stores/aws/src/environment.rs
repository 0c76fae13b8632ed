//! Where a deployment keeps its things, as the environment of its functions names it.

use augment_stores_port::sigv4::Credentials;

use crate::connect::Connection;

/// The stores of a deployment.
#[derive(Clone, Debug)]
pub struct StoreEnvironment {
    /// How the services are reached.
    pub connection: Connection,
    /// The table.
    pub table: String,
    /// The bucket of originals.
    pub originals: String,
    /// The bucket of results and thumbnails.
    pub results: String,
}

impl StoreEnvironment {
    /// Reads variables by their names; what is missing is added to `problems`, and empty then.
    #[must_use]
    pub fn read(variable: impl Fn(&str) -> Option<String>, problems: &mut Vec<String>) -> Self {
        let mut needed = |name: &str| {
            variable(name).unwrap_or_else(|| {
                problems.push(format!("set {name}"));
                String::new()
            })
        };
        let (id, secret) = (needed("AWS_ACCESS_KEY_ID"), needed("AWS_SECRET_ACCESS_KEY"));
        let region = needed("AWS_REGION");
        let (table, originals) = (needed("DELTA_TABLE"), needed("DELTA_ORIGINALS_BUCKET"));
        let results = needed("DELTA_RESULTS_BUCKET");
        let connection = Connection {
            region,
            credentials: Credentials { id, secret, session: variable("AWS_SESSION_TOKEN") },
            s3_endpoint: variable("DELTA_S3_ENDPOINT"),
            dynamodb_endpoint: variable("DELTA_DYNAMODB_ENDPOINT"),
        };
        Self { connection, table, originals, results }
    }
}
