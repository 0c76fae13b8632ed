//! The function's settings, read once; every problem is told at once.

use augment_api::Limits;
use augment_stores_aws::StoreEnvironment;
use presign_lambda::{Budgets, issuer::Issuer};

/// What one owner may announce in a day without another setting, in bytes.
const OWNER_BYTES: u64 = 10 << 30;
/// What may be announced from one address.
const ADDRESS_BYTES: u64 = 20 << 30;
/// Jobs of one owner.
const OWNER_JOBS: u64 = 1000;
/// Jobs from one address.
const ADDRESS_JOBS: u64 = 2000;

/// The settings.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) stores: StoreEnvironment,
    pub(crate) limits: Limits,
    pub(crate) budgets: Budgets,
    pub(crate) issuer: Option<Issuer>,
    /// What the caches before the gateway prove themselves by.
    pub(crate) edge_secret: Option<String>,
}

impl Environment {
    /// Settings from variables by their names.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut problems = Vec::new();
        let issuer = Issuer::read(&variable).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        if issuer.is_none() && problems.is_empty() && variable("DELTA_OPEN").as_deref() != Some("yes") {
            // Without sign-in everybody is one and the same owner.
            problems.push("set DELTA_OIDC_ISSUER, or DELTA_OPEN=yes to let everybody change everything".to_owned());
        }
        let stores = StoreEnvironment::read(&variable, &mut problems);
        let mut number = |name: &str, without: u64| match variable(name).map(|value| value.parse()) {
            None => without,
            Some(Ok(number)) => number,
            Some(Err(_)) => {
                problems.push(format!("{name} is not a whole number"));
                without
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
            problems.push("DELTA_MAX_COUNT is 1 to 1000".to_owned());
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
    fn every_problem_is_told_at_once() {
        let problems = read(&[("AWS_REGION", ""), ("DELTA_MAX_COUNT", "0"), ("DELTA_OWNER_JOBS", "many")]).unwrap_err();
        for told in ["set AWS_REGION", "DELTA_MAX_COUNT is 1 to 1000", "DELTA_OWNER_JOBS is not", "DELTA_OIDC_ISSUER"] {
            assert!(problems.contains(told), "{told} in {problems}");
        }
    }

    #[test]
    fn nobody_is_let_in_by_forgetting_a_setting() {
        assert!(read(&[]).is_err(), "no issuer");
        assert!(read(&[("DELTA_OIDC_ISSUER", "https://issuer.example")]).is_err(), "no audience");
        let closed = [("DELTA_OIDC_ISSUER", "https://issuer.example"), ("DELTA_OIDC_AUDIENCE", "delta")];
        assert!(read(&closed).is_ok_and(|read| read.issuer.is_some()), "an issuer");
        assert!(read(&[("DELTA_OPEN", "yes")]).is_ok_and(|read| read.issuer.is_none()), "open on purpose");
    }
}
