//! The parameters of `GET /v1/images`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cursor::Cursor;
use crate::limits::{DEFAULT_PAGE, MAX_PAGE};
use crate::problem::{FieldError, Problem, ProblemKind};
use crate::rules::{GROUP_RULE, State, TAG_RULE, is_group, is_tag};

/// The parameters as a client writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageQuery {
    /// Only images with a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Only images of a group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// `me`: only one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Only images in a state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Images a page, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where to go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Parameters that passed every rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageFilter {
    /// A tag.
    pub tag: Option<String>,
    /// A group.
    pub group: Option<String>,
    /// Whether only one's own are wanted.
    pub mine: bool,
    /// A state.
    pub state: Option<State>,
    /// Images a page.
    pub limit: u32,
    /// Where to go on.
    pub cursor: Option<Cursor>,
}

impl ImageFilter {
    /// Checks decoded parameters of an address.
    ///
    /// # Errors
    /// A problem with every bad parameter, at `/query/NAME`.
    pub fn check(parameters: &[(String, String)]) -> Result<Self, Problem> {
        let mut errors = Vec::new();
        let mut bad = |name: &str, detail: &str| {
            let error = FieldError::new(format!("/query/{}", crate::fields::escaped(name)), detail);
            errors.push((ProblemKind::InvalidFields, error));
        };
        let mut given: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, value) in parameters {
            let known = ["tag", "group", "owner", "state", "limit", "cursor"].contains(&name.as_str());
            if !known {
                let name: String = name.chars().take(60).collect();
                bad(&name, "there is no such parameter; leave it out");
            } else if given.insert(name, value).is_some() {
                bad(name, "give it once");
            }
        }
        let mut filter = Self { tag: None, group: None, mine: false, state: None, limit: DEFAULT_PAGE, cursor: None };
        for (name, value) in given {
            let value = value.to_owned();
            match name {
                "tag" if is_tag(&value) => filter.tag = Some(value),
                "tag" => bad(name, TAG_RULE),
                "group" if is_group(&value) => filter.group = Some(value),
                "group" => bad(name, GROUP_RULE),
                "owner" if value == "me" => filter.mine = true,
                "owner" => bad(name, "the only owner to ask for is me"),
                "state" => match State::from_word(&value) {
                    Some(state) => filter.state = Some(state),
                    None => bad(name, &format!("state is one of {}", State::WORDS.join(", "))),
                },
                "limit" => match value.parse() {
                    Ok(limit) if (1..=MAX_PAGE).contains(&limit) => filter.limit = limit,
                    _ => bad(name, &format!("limit is 1 to {MAX_PAGE}")),
                },
                _ => match Cursor::parse(&value) {
                    Ok(cursor) => filter.cursor = Some(cursor),
                    Err(_) => bad(name, "this is no cursor of a listing; begin without one"),
                },
            }
        }
        if errors.is_empty() { Ok(filter) } else { Err(Problem::of_fields(errors)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(parameters: &[(&str, &str)]) -> Result<ImageFilter, Problem> {
        let owned: Vec<_> = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        ImageFilter::check(&owned)
    }

    #[test]
    fn every_bad_parameter_is_named() {
        let problem = check(&[("limit", "0"), ("cursor", "x"), ("tag", "a1"), ("page", "2"), ("owner", "you")]);
        let mut at: Vec<_> = problem.unwrap_err().errors.into_iter().map(|error| error.pointer).collect();
        at.sort();
        assert_eq!(at, ["/query/cursor", "/query/limit", "/query/owner", "/query/page", "/query/tag"], "all five");
    }

    #[test]
    fn good_parameters_are_read() {
        let filter = check(&[("tag", "cat"), ("owner", "me"), ("state", "ready"), ("limit", "100")]).unwrap();
        assert_eq!((filter.tag.as_deref(), filter.mine, filter.limit), (Some("cat"), true, 100), "as given");
        assert_eq!(filter.state, Some(State::Ready), "a state by its word");
        assert!(check(&[("tag", "a"), ("tag", "b")]).is_err(), "one tag only");
    }
}
