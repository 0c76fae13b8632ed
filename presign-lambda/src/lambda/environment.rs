//! The function's settings from environment variables; all problems are reported together.

use augment_api::Limits;
use augment_stores_aws::StoreEnvironment;
use presign_lambda::{Budgets, issuer::Issuer};

/// Default daily budget of bytes per user.
const OWNER_BYTES: u64 = 10 << 30;
/// Default daily budget of bytes per IP address.
const ADDRESS_BYTES: u64 = 20 << 30;
/// Default daily jobs per user.
const OWNER_JOBS: u64 = 1000;
/// Default daily jobs per IP address.
const ADDRESS_JOBS: u64 = 2000;

/// The settings.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) stores: StoreEnvironment,
    pub(crate) limits: Limits,
    pub(crate) budgets: Budgets,
    pub(crate) issuer: Option<Issuer>,
    /// The secret by which the CDN proves itself.
    pub(crate) edge_secret: Option<String>,
}

impl Environment {
    /// Reads the settings.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut problems = Vec::new();
        let issuer = Issuer::read(&variable).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        if issuer.is_none() && problems.is_empty() && variable("DELTA_OPEN").as_deref() != Some("yes") {
            // Without sign-in all callers are the same user.
            problems.push("set DELTA_OIDC_ISSUER, or set DELTA_OPEN=yes to let everyone change everything".to_owned());
        }
        let stores = StoreEnvironment::read(&variable, &mut problems);
        let mut number = |name: &str, default: u64| match variable(name).map(|value| value.parse()) {
            None => default,
            Some(Ok(number)) => number,
            Some(Err(_)) => {
                problems.push(format!("{name} is not a whole number"));
                default
            }
        };
        let limits = Limits::default();
        let max_count = number("DELTA_MAX_COUNT", u64::from(limits.max_count));
        let budgets = Budgets {
            owner_bytes: number("DELTA_OWNER_BYTES", OWNER_BYTES),
            owner_jobs: number("DELTA_OWNER_JOBS", OWNER_JOBS),
            address_bytes: number("DELTA_ADDRESS_BYTES", ADDRESS_BYTES),
            address_jobs: number("DELTA_ADDRESS_JOBS", ADDRESS_JOBS),
        };
        let max_count = u32::try_from(max_count).ok().filter(|count| (1..=1000).contains(count));
        if max_count.is_none() {
            problems.push("DELTA_MAX_COUNT must be 1 to 1000".to_owned());
        }
        let limits = Limits { max_count: max_count.unwrap_or(1), ..limits };
        if problems.is_empty() {
            let edge_secret = variable("DELTA_EDGE_SECRET");
            Ok(Self { stores, limits, budgets, issuer, edge_secret })
        } else {
            Err(problems.join("; "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Environment;

    fn read(changed: &[(&str, &str)]) -> Result<Environment, String> {
        Environment::read(|name| {
            let usual = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "DELTA_TABLE"];
            let usual = usual.iter().chain(&["DELTA_ORIGINALS_BUCKET", "DELTA_RESULTS_BUCKET"]);
            let changed = changed.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
            let usual = usual.clone().find(|other| **other == name).map(|name| (*name).to_owned());
            changed.or(usual).filter(|value| !value.is_empty())
        })
    }

    #[test]
    fn all_problems_are_reported_together() {
        let problems = read(&[("AWS_REGION", ""), ("DELTA_MAX_COUNT", "0"), ("DELTA_OWNER_JOBS", "many")]).unwrap_err();
        for told in ["set AWS_REGION", "MAX_COUNT must be 1 to 1000", "DELTA_OWNER_JOBS is not", "DELTA_OIDC_ISSUER"] {
            assert!(problems.contains(told), "{told} in {problems}");
        }
    }

    #[test]
    fn a_missing_setting_does_not_open_the_service() {
        assert!(read(&[]).is_err(), "no issuer");
        assert!(read(&[("DELTA_OIDC_ISSUER", "https://issuer.example")]).is_err(), "no audience");
        let closed = [("DELTA_OIDC_ISSUER", "https://issuer.example"), ("DELTA_OIDC_AUDIENCE", "delta")];
        assert!(read(&closed).is_ok_and(|read| read.issuer.is_some()), "an issuer");
        assert!(read(&[("DELTA_OPEN", "yes")]).is_ok_and(|read| read.issuer.is_none()), "open on purpose");
    }
}
