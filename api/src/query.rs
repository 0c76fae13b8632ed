//! The query parameters of `GET /v1/images` and `GET /v1/jobs`.

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
    /// `me`: only the caller's images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Only images in a state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Images per page, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The cursor of the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Valid parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageFilter {
    /// A tag.
    pub tag: Option<String>,
    /// A group.
    pub group: Option<String>,
    /// Whether to list only the caller's images.
    pub mine: bool,
    /// A state.
    pub state: Option<State>,
    /// Images per page.
    pub limit: u32,
    /// The cursor of the last page.
    pub cursor: Option<Cursor>,
}

impl ImageFilter {
    /// Checks decoded query parameters.
    ///
    /// # Errors
    /// A problem with every bad parameter, at `/query/NAME`.
    pub fn check(parameters: &[(String, String)]) -> Result<Self, Problem> {
        let mut errors = Vec::new();
        let given = given(parameters, &["tag", "group", "owner", "state", "limit", "cursor"], &mut errors);
        let mut bad = |name: &str, detail: &str| errors.push(wrong(name, detail));
        let mut filter = Self { tag: None, group: None, mine: false, state: None, limit: DEFAULT_PAGE, cursor: None };
        for (name, value) in given {
            let value = value.to_owned();
            match name {
                "tag" if is_tag(&value) => filter.tag = Some(value),
                "tag" => bad(name, TAG_RULE),
                "group" if is_group(&value) => filter.group = Some(value),
                "group" => bad(name, GROUP_RULE),
                "owner" if value == "me" => filter.mine = true,
                "owner" => bad(name, "owner can only be me"),
                "state" => match State::from_word(&value) {
                    Some(state) => filter.state = Some(state),
                    None => bad(name, &format!("state is one of {}", State::WORDS.join(", "))),
                },
                "limit" => match page_limit(&value) {
                    Ok(limit) => filter.limit = limit,
                    Err(why) => bad(name, &why),
                },
                _ => match page_cursor(&value) {
                    Ok(cursor) => filter.cursor = Some(cursor),
                    Err(why) => bad(name, &why),
                },
            }
        }
        if errors.is_empty() { Ok(filter) } else { Err(Problem::of_fields(errors)) }
    }
}

/// The parameters of `GET /v1/jobs` as a client writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobQuery {
    /// Jobs per page, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The cursor of the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Valid parameters of `GET /v1/jobs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobFilter {
    /// Jobs per page.
    pub limit: u32,
    /// The cursor of the last page.
    pub cursor: Option<Cursor>,
}

impl JobFilter {
    /// Checks decoded query parameters.
    ///
    /// # Errors
    /// A problem with every bad parameter, at `/query/NAME`.
    pub fn check(parameters: &[(String, String)]) -> Result<Self, Problem> {
        let mut errors = Vec::new();
        let given = given(parameters, &["limit", "cursor"], &mut errors);
        let mut filter = Self { limit: DEFAULT_PAGE, cursor: None };
        for (name, value) in given {
            let read = match name {
                "limit" => page_limit(value).map(|limit| filter.limit = limit),
                _ => page_cursor(value).map(|cursor| filter.cursor = Some(cursor)),
            };
            errors.extend(read.err().map(|why| wrong(name, &why)));
        }
        if errors.is_empty() { Ok(filter) } else { Err(Problem::of_fields(errors)) }
    }
}

type Wrong = (ProblemKind, FieldError);

fn wrong(name: &str, detail: &str) -> Wrong {
    let error = FieldError::new(format!("/query/{}", crate::fields::escaped(name)), detail);
    (ProblemKind::InvalidFields, error)
}

/// The parameters by name; unknown and repeated ones are errors.
fn given<'a>(
    parameters: &'a [(String, String)],
    known: &[&str],
    errors: &mut Vec<Wrong>,
) -> BTreeMap<&'a str, &'a str> {
    let mut given: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, value) in parameters {
        if !known.contains(&name.as_str()) {
            let name: String = name.chars().take(60).collect();
            errors.push(wrong(&name, "unknown parameter; remove it"));
        } else if given.insert(name, value).is_some() {
            errors.push(wrong(name, "give it once"));
        }
    }
    given
}

fn page_limit(value: &str) -> Result<u32, String> {
    let limit = value.parse().ok().filter(|limit| (1..=MAX_PAGE).contains(limit));
    limit.ok_or_else(|| format!("limit is 1 to {MAX_PAGE}"))
}

fn page_cursor(value: &str) -> Result<Cursor, String> {
    Cursor::parse(value).map_err(|_| "the cursor is invalid; start without one".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(parameters: &[(&str, &str)]) -> Result<ImageFilter, Problem> {
        let owned: Vec<_> = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        ImageFilter::check(&owned)
    }

    #[test]
    fn every_bad_parameter_has_its_pointer() {
        let problem = check(&[("limit", "0"), ("cursor", "x"), ("tag", "a1"), ("page", "2"), ("owner", "you")]);
        let mut at: Vec<_> = problem.unwrap_err().errors.into_iter().map(|error| error.pointer).collect();
        at.sort();
        assert_eq!(at, ["/query/cursor", "/query/limit", "/query/owner", "/query/page", "/query/tag"], "all five");
    }

    #[test]
    fn valid_parameters_are_parsed() {
        let filter = check(&[("tag", "cat"), ("owner", "me"), ("state", "ready"), ("limit", "100")]).unwrap();
        assert_eq!((filter.tag.as_deref(), filter.mine, filter.limit), (Some("cat"), true, 100), "as given");
        assert_eq!(filter.state, Some(State::Ready), "a state by its word");
        assert!(check(&[("tag", "a"), ("tag", "b")]).is_err(), "one tag only");
    }
}
