//! `POST /v1/uploads`: the announcement of an upload, its validation, and the reservation.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use augment_core::codec::Format;
use augment_core::digest::Digest;
use augment_core::plan::{BUILT_IN, Recipe};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fields::Fields;
use crate::limits::{Limits, MAX_TAGS};
use crate::problem::{FieldError, Problem, ProblemKind};
use crate::rules::{
    GROUP_RULE, ID_RULE, Retention, Run, State, TAG_RULE, Visibility, filename_problem, is_group, is_id, is_tag,
    title_problem,
};

/// The body of `POST /v1/uploads` as a client writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UploadRequest {
    /// The id to reserve; without it the server picks one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The file's name, without folders.
    pub filename: String,
    /// Its media type.
    pub content_type: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256 in hexadecimal digits.
    pub sha256: String,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// A group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// A title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Copies, instead of the recipe's count; optional for `run: dataset`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// A recipe, or the name of a built-in one; optional for `run: dataset`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<Value>,
    /// Where it runs.
    pub run: Run,
    /// Who may see it.
    pub visibility: Visibility,
    /// The retention.
    pub retention: Retention,
    /// The results zip of a client that runs the recipe itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<crate::Content>,
}

impl UploadRequest {
    /// A private image for jobs over datasets.
    #[must_use]
    pub const fn for_dataset(id: String, filename: String, content_type: String, size: u64, sha256: String) -> Self {
        Self {
            id: Some(id),
            filename,
            content_type,
            size,
            sha256,
            tags: Vec::new(),
            group: None,
            title: None,
            count: None,
            recipe: None,
            run: Run::Dataset,
            visibility: Visibility::Private,
            retention: Retention::Standard,
            results: None,
        }
    }
}

/// A valid announcement.
#[derive(Clone, Debug)]
pub struct NewUpload {
    /// The requested id.
    pub id: Option<String>,
    /// The file's name.
    pub filename: String,
    /// Its format.
    pub format: Format,
    /// Its size in bytes, at least 1.
    pub size: u64,
    /// Its hash.
    pub sha256: Digest,
    /// Sorted, unique.
    pub tags: Vec<String>,
    /// A group.
    pub group: Option<String>,
    /// A title.
    pub title: Option<String>,
    /// Copies, as in the recipe; 1 without a recipe.
    pub count: u32,
    /// The recipe with the count and all defaults; `{}` if a dataset file has none.
    pub recipe: Value,
    /// Where it runs.
    pub run: Run,
    /// Who may see it.
    pub visibility: Visibility,
    /// The retention.
    pub retention: Retention,
    /// Size and hash of the results zip; set exactly if the client runs the recipe.
    pub results: Option<(u64, Digest)>,
}

impl NewUpload {
    /// Checks a body.
    ///
    /// # Errors
    /// A problem with every bad field: `TooLarge` or `UnsupportedType` if that is the only error, else `InvalidFields`.
    pub fn check(body: &Value, limits: &Limits) -> Result<Self, Problem> {
        let mut fields = Fields::of_body(body)?;
        let id = fields.ruled("id", |id| (!is_id(id)).then(|| ID_RULE.to_owned()));
        let filename = fields.ruled("filename", filename_problem);
        let filename = fields.need("filename", filename);
        let format = content_type(&mut fields);
        let size = file_size(&mut fields, limits.max_image_bytes, "image");
        let sha256 = fields.sha256("sha256");
        let sha256 = fields.need("sha256", sha256);
        let tags = tags(&mut fields).unwrap_or_default();
        let group = fields.ruled("group", group_problem);
        let title = fields.ruled("title", title_problem);
        let run = fields.word("run", Run::WORDS, Run::from_word);
        let run = fields.need("run", run);
        let count = count(&mut fields, limits);
        let recipe = recipe(&mut fields, count);
        let (count, recipe) = if run == Some(Run::Dataset) {
            let without = (!fields.is_given("recipe")).then(|| Value::Object(serde_json::Map::new()));
            let count = count.or_else(|| Some(recipe.as_ref().map_or(1, |recipe| recipe.count)));
            (count, recipe.map(|recipe| recipe.to_json()).or(without))
        } else {
            let (count, recipe) = (fields.need("count", count), fields.need("recipe", recipe));
            (count, recipe.map(|recipe| recipe.to_json()))
        };
        let visibility = fields.word("visibility", Visibility::WORDS, Visibility::from_word);
        let retention = fields.word("retention", Retention::WORDS, Retention::from_word);
        let results = fields.inner("results", |inner| {
            let size = file_size(inner, limits.max_results_bytes, "zip of results");
            let sha256 = inner.sha256("sha256");
            size.zip(inner.need("sha256", sha256))
        });
        match (run, fields.has("results") && results.is_some()) {
            (Some(Run::Client), false) if !fields.has("results") => {
                fields.error("results", "results are missing: give their size and sha256, or use run: server");
            }
            (Some(Run::Server), true) => fields.error("results", "omit results: the server makes them"),
            (Some(Run::Dataset), true) => fields.error("results", "omit results: a dataset file has none"),
            _ => {}
        }
        let checked = || {
            Some(Self {
                id,
                filename: filename?,
                format: format?,
                size: size?,
                sha256: sha256?,
                tags,
                group,
                title,
                count: count?,
                recipe: recipe?,
                run: run?,
                visibility: visibility.unwrap_or(match run? {
                    Run::Dataset => Visibility::Private,
                    Run::Client | Run::Server => Visibility::Public,
                }),
                retention: retention.unwrap_or(Retention::Standard),
                results: results.flatten(),
            })
        };
        let checked = checked();
        fields.finish()?;
        checked.ok_or_else(|| Problem::new(ProblemKind::InvalidFields, "some fields are missing"))
    }
}

fn content_type(fields: &mut Fields<'_>) -> Option<Format> {
    let text = fields.text("content_type");
    let format = text.and_then(|text| Format::ALL.into_iter().find(|format| format.mime() == text));
    if text.is_some() && format.is_none() {
        let all: Vec<&str> = Format::ALL.iter().map(|format| format.mime()).collect();
        let detail = format!("content_type is one of {}", all.join(", "));
        fields.refuse(ProblemKind::UnsupportedType, "content_type", detail);
    }
    fields.need("content_type", format)
}

pub(crate) fn file_size(fields: &mut Fields<'_>, most: u64, what: &str) -> Option<u64> {
    let size = fields.integer("size");
    match size {
        Some(0) => {
            fields.error("size", format!("the {what} is empty"));
            None
        }
        Some(size) if size > most => {
            let detail = format!("the {what} has {size} bytes; the limit is {most}");
            fields.refuse(ProblemKind::TooLarge, "size", detail);
            None
        }
        _ => fields.need("size", size),
    }
}

pub(crate) fn count(fields: &mut Fields<'_>, limits: &Limits) -> Option<u32> {
    let count = fields.integer("count")?;
    let most = limits.max_count;
    if count == 0 || count > u64::from(most) {
        fields.error("count", format!("count is 1 to {most}"));
        return None;
    }
    u32::try_from(count).ok()
}

/// Refuses a recipe with too many copies, unless a count replaces them.
pub(crate) fn check_copies(fields: &mut Fields<'_>, recipe: Option<&Recipe>, count: Option<u32>, limits: &Limits) {
    let most = limits.max_count;
    if let (Some(recipe), None) = (recipe, count)
        && recipe.count > most
    {
        fields.error("recipe", format!("the recipe makes {} copies; the limit is {most}", recipe.count));
    }
}

pub(crate) fn group_problem(group: &str) -> Option<String> {
    (!is_group(group)).then(|| GROUP_RULE.to_owned())
}

/// The tags, sorted and unique.
pub(crate) fn tags(fields: &mut Fields<'_>) -> Option<Vec<String>> {
    let value = fields.get("tags")?;
    let Value::Array(list) = value else {
        fields.error("tags", "give a list of strings");
        return None;
    };
    let mut tags = BTreeSet::new();
    let mut bad = false;
    for (at, tag) in list.iter().enumerate().take(MAX_TAGS) {
        match tag.as_str() {
            Some(tag) if is_tag(tag) => {
                tags.insert(tag.to_owned());
            }
            _ => {
                fields.errors.push((ProblemKind::InvalidFields, FieldError::new(format!("/tags/{at}"), TAG_RULE)));
                bad = true;
            }
        }
    }
    // Repeats count too, as in the OpenAPI schema, which cannot express more.
    if list.len() > MAX_TAGS {
        fields.error("tags", format!("an image has at most {MAX_TAGS} tags"));
        bad = true;
    }
    (!bad).then(|| tags.into_iter().collect())
}

/// The recipe, with the count replaced if one is given.
pub(crate) fn recipe(fields: &mut Fields<'_>, count: Option<u32>) -> Option<Recipe> {
    let parsed = match fields.get("recipe")? {
        Value::String(name) => match BUILT_IN.iter().find(|built_in| built_in.name == name) {
            Some(built_in) => Recipe::parse(built_in.json),
            None => {
                let names: Vec<&str> = BUILT_IN.iter().map(|built_in| built_in.name).collect();
                fields.error("recipe", format!("give a recipe, or one of the built-in names {}", names.join(", ")));
                return None;
            }
        },
        object @ Value::Object(_) => Recipe::from_value(object.clone()),
        _ => {
            fields.error("recipe", "give a recipe, or the name of a built-in one");
            return None;
        }
    };
    match parsed {
        Ok(mut recipe) => {
            recipe.count = count.unwrap_or(recipe.count);
            Some(recipe)
        }
        Err(problems) => {
            for problem in problems.into_iter().take(50) {
                let pointer = format!("/recipe{}", problem.pointer);
                fields.errors.push((ProblemKind::InvalidFields, FieldError::new(pointer, problem.message)));
            }
            None
        }
    }
}

/// A signed request: send exactly this method, URL and headers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The method.
    pub method: String,
    /// The URL. Anyone who has it can use it until it expires, so keep it out of logs.
    pub url: String,
    /// The signed headers except `host`.
    pub headers: BTreeMap<String, String>,
    /// When it expires, RFC 3339.
    pub expires_at: String,
}

/// Without the URL and the headers, which are secrets.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("method", &self.method)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The answer to `POST /v1/uploads`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// The reserved id.
    pub id: String,
    /// `pending`.
    pub state: State,
    /// The upload of the image.
    pub original: Target,
    /// The upload of the results zip, if one was announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<Target>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn good() -> Value {
        json!({
            "filename": "a.jpg", "content_type": "image/jpeg", "size": 10, "sha256": "ab".repeat(32),
            "tags": ["dog", "cat", "dog"], "count": 3, "recipe": "classic", "run": "server",
            "visibility": "public", "retention": "standard",
        })
    }

    fn pointers(body: &Value) -> (ProblemKind, Vec<String>) {
        let problem = NewUpload::check(body, &Limits::default()).unwrap_err();
        (problem.kind().unwrap(), problem.errors.into_iter().map(|error| error.pointer).collect())
    }

    #[test]
    fn a_valid_body_is_normalized() {
        let upload = NewUpload::check(&good(), &Limits::default()).unwrap();
        assert_eq!(upload.tags, ["cat", "dog"], "tags are sorted and unique");
        assert_eq!(upload.recipe["count"], 3, "the count is the request's");
        assert_eq!(upload.sha256.to_hex(), "ab".repeat(32), "the hash is parsed");
    }

    #[test]
    fn every_bad_field_is_reported_at_once() {
        let mut body = good();
        for (name, bad) in [
            ("id", json!("../etc")),
            ("filename", json!("a/b.jpg")),
            ("size", json!(0)),
            ("sha256", json!("+a".repeat(32))),
            ("tags", json!(["ok", "no1"])),
            ("group", json!("a b")),
            ("title", json!("a\u{202e}b")),
            ("count", json!(21)),
            ("recipe", json!({"version": 1, "steps": [{"op": "rotat"}]})),
            ("run", json!("cloud")),
            ("visibility", json!(1)),
            ("retention", json!("ever")),
            ("extra", json!(1)),
        ] {
            body[name] = bad;
        }
        let (kind, mut at) = pointers(&body);
        at.sort();
        assert_eq!(kind, ProblemKind::InvalidFields, "mixed errors are one kind");
        let expected = [
            "/count",
            "/extra",
            "/filename",
            "/group",
            "/id",
            "/recipe/steps/0/op",
            "/retention",
            "/run",
            "/sha256",
            "/size",
            "/tags/1",
            "/title",
            "/visibility",
        ];
        assert_eq!(at, expected, "each field by its pointer");
    }

    #[test]
    fn a_size_or_type_error_alone_has_its_own_kind() {
        let mut body = good();
        body["size"] = json!(u64::from(u32::MAX));
        assert_eq!(pointers(&body), (ProblemKind::TooLarge, vec!["/size".to_owned()]), "too large");
        let mut body = good();
        body["content_type"] = json!("image/svg+xml");
        assert_eq!(pointers(&body), (ProblemKind::UnsupportedType, vec!["/content_type".to_owned()]), "a wrong type");
    }

    #[test]
    fn only_a_client_that_runs_the_recipe_announces_results() {
        let mut body = good();
        body["run"] = json!("client");
        assert_eq!(pointers(&body).1, ["/results"], "a client without results");
        body["results"] = json!({"size": 5, "sha256": "cd".repeat(32)});
        assert!(NewUpload::check(&body, &Limits::default()).is_ok(), "a client with results");
        body["results"] = json!({"size": 5, "sha": 1});
        assert_eq!(pointers(&body).1, ["/results/sha256", "/results/sha"], "nested fields have pointers");
        body["results"] = json!({"size": 5, "sha256": "cd".repeat(32)});
        body["run"] = json!("server");
        assert_eq!(pointers(&body).1, ["/results"], "results for a server run");
    }

    #[test]
    fn a_dataset_file_needs_no_recipe_and_is_private() {
        let request = UploadRequest::for_dataset("a1".into(), "a.jpg".into(), "image/jpeg".into(), 3, "ab".repeat(32));
        let mut body = serde_json::to_value(&request).unwrap();
        body.as_object_mut().unwrap().remove("visibility");
        let upload = NewUpload::check(&body, &Limits::default()).unwrap();
        assert_eq!((upload.run, upload.visibility), (Run::Dataset, Visibility::Private), "private by default");
        assert_eq!((upload.count, upload.recipe), (1, json!({})), "nothing to run");
        body["recipe"] = json!("nothing");
        body["results"] = json!({"size": 5, "sha256": "cd".repeat(32)});
        assert_eq!(pointers(&body).1, ["/recipe", "/results"], "given fields are still checked");
    }

    #[test]
    fn the_typed_request_passes_the_check() {
        let request: UploadRequest = serde_json::from_value(good()).unwrap();
        assert!(NewUpload::check(&serde_json::to_value(&request).unwrap(), &Limits::default()).is_ok(), "same fields");
    }
}
