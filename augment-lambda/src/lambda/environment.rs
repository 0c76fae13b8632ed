//! The function's settings from environment variables; all problems are reported together.

use augment_api::Limits;
use augment_stores_aws::StoreEnvironment;

/// The settings.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) stores: StoreEnvironment,
    pub(crate) limits: Limits,
    pub(crate) memory_bytes: Option<u64>,
    /// Whether users sign in.
    pub(crate) sign_in: bool,
}

impl Environment {
    /// Reads the settings.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut problems = Vec::new();
        let stores = StoreEnvironment::read(&variable, &mut problems);
        let limits = Limits::default();
        let max_count = match variable("DELTA_MAX_COUNT").map(|value| value.parse()) {
            None => limits.max_count,
            Some(Ok(count)) if (1..=1000).contains(&count) => count,
            Some(_) => {
                problems.push("DELTA_MAX_COUNT must be 1 to 1000".to_owned());
                1
            }
        };
        let megabytes = variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").and_then(|size| size.parse::<u64>().ok());
        if !problems.is_empty() {
            return Err(problems.join("; "));
        }
        let limits = Limits { max_count, ..limits };
        let sign_in = variable("DELTA_OIDC_ISSUER").is_some();
        Ok(Self { stores, limits, memory_bytes: megabytes.map(|megabytes| megabytes << 20), sign_in })
    }
}

#[cfg(test)]
mod tests {
    use super::Environment;

    #[test]
    fn all_problems_are_reported_together() {
        let problems = Environment::read(|name| (name == "DELTA_MAX_COUNT").then(|| "0".to_owned())).unwrap_err();
        for told in ["AWS_REGION", "DELTA_TABLE", "DELTA_RESULTS_BUCKET", "DELTA_MAX_COUNT must be 1 to 1000"] {
            assert!(problems.contains(told), "{told} in {problems}");
        }
        let read = Environment::read(|name| Some(if name.starts_with("DELTA_MAX") { "5" } else { "512" }.to_owned()));
        let read = read.unwrap();
        assert_eq!((read.limits.max_count, read.memory_bytes), (5, Some(512 << 20)), "the platform's memory");
    }
}
