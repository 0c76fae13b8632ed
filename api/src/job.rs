//! `/v1/jobs`: the request for one recipe over a dataset of uploads, its validation, and the API view of a job.

use std::collections::BTreeSet;
use std::ops::Deref;

use augment_core::digest::Digest;
use augment_core::files::safe_name;
use augment_core::formats::LabelFormat;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fields::{Fields, MAX_LIST_ERRORS};
use crate::image::{Content, Made};
use crate::limits::{Limits, MAX_FAILURES, MAX_PATH};
use crate::problem::{FieldError, Problem, ProblemKind};
use crate::rules::{FailureKind, ID_RULE, JobState, Retention, is_id, is_unfit, title_problem};
use crate::upload::{self, Target};

/// File extensions of images, which distinguish them from other files of a dataset.
const EXTENSIONS: [&str; 8] = ["jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff"];

/// The body of `POST /v1/jobs` as a client writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRequest {
    /// The id to reserve, which makes a repeat detectable; without it the server picks one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The images; each upload must be complete.
    pub images: Vec<JobImage>,
    /// The zip of all other files of the dataset; uploaded after the job is reserved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Content>,
    /// A recipe, or the name of a built-in one.
    pub recipe: Value,
    /// Copies per image, instead of the recipe's count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// The label format of the output; the source's format if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<LabelFormat>,
    /// A title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The retention of the zip; `standard` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
    /// Whether the images are single files of a dataset; then labels of missing images are no error.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// One image of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobImage {
    /// The id of its upload.
    pub id: String,
    /// Its path in the dataset, folders allowed; the upload's file name by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// A valid request, before its uploads are checked.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// The requested id.
    pub id: Option<String>,
    /// The images; paths are safe.
    pub images: Vec<JobImage>,
    /// Size and hash of the zip of labels.
    pub labels: Option<(u64, Digest)>,
    /// The recipe with the count and all defaults.
    pub recipe: Value,
    /// Copies per image, as in the recipe.
    pub count: u32,
    /// Outputs per image: its copies, plus the original if the recipe includes it.
    pub outputs: u32,
    /// The label format of the output, if it is not the source's.
    pub format: Option<LabelFormat>,
    /// A title.
    pub title: Option<String>,
    /// The retention of the zip.
    pub retention: Retention,
    /// Whether the images are single files of a dataset.
    pub partial: bool,
}

impl NewJob {
    /// Checks a body.
    ///
    /// # Errors
    /// A problem with every bad field, at most 20 per list: `TooLarge` if that is the only error, else
    /// `InvalidFields`.
    pub fn check(body: &Value, limits: &Limits) -> Result<Self, Problem> {
        let mut fields = Fields::of_body(body)?;
        let id = fields.ruled("id", id_problem);
        let most = usize::try_from(limits.max_job_images).unwrap_or(usize::MAX);
        let images = fields.list("images", most, |image| {
            let id = image.ruled("id", id_problem);
            let id = image.need("id", id);
            let path = image.ruled("path", |path| image_path(path).err());
            // A valid path has a normal form.
            Some(JobImage { id: id?, path: path.and_then(|path| image_path(&path).ok()) })
        });
        let images = fields.need("images", images);
        let labels = fields.inner("labels", |inner| {
            let size = upload::file_size(inner, limits.max_labels_bytes, "zip of labels");
            let sha256 = inner.sha256("sha256");
            size.zip(inner.need("sha256", sha256))
        });
        let count = upload::count(&mut fields, limits);
        let recipe = upload::recipe(&mut fields, count);
        let recipe = fields.need("recipe", recipe);
        upload::check_copies(&mut fields, recipe.as_ref(), count, limits);
        let format = fields.word("format", FORMATS, format_of);
        let title = fields.ruled("title", title_problem);
        let retention = fields.word("retention", Retention::WORDS, Retention::from_word);
        let partial = fields.truth("partial").unwrap_or_default();
        fields.finish()?;
        let missing = || Problem::new(ProblemKind::InvalidFields, "some fields are missing");
        let recipe = recipe.ok_or_else(missing)?;
        Ok(Self {
            id,
            images: images.ok_or_else(missing)?,
            labels: labels.flatten(),
            count: recipe.count,
            outputs: recipe.count + u32::from(recipe.output.include_original),
            recipe: recipe.to_json(),
            format,
            title,
            retention: retention.unwrap_or(Retention::Standard),
            partial,
        })
    }

    /// The path of every image in the order of the request; `filenames` are those of the uploads.
    ///
    /// # Errors
    /// A problem with the first 20 paths that are invalid or duplicates.
    pub fn paths(&self, filenames: &[&str]) -> Result<Vec<String>, Problem> {
        let (mut taken, mut paths, mut errors) = (BTreeSet::new(), Vec::new(), Vec::new());
        for (at, (image, filename)) in self.images.iter().zip(filenames).enumerate() {
            let path = match &image.path {
                Some(path) => Ok(path.clone()),
                None => image_path(filename),
            };
            let wrong = match path {
                Ok(path) if taken.insert(path.clone()) => {
                    paths.push(path);
                    continue;
                }
                Ok(path) => format!("another image has the path {path}; paths must be unique"),
                Err(why) => why,
            };
            errors.push((ProblemKind::InvalidFields, FieldError::new(format!("/images/{at}/path"), wrong)));
            if errors.len() == MAX_LIST_ERRORS {
                break;
            }
        }
        if errors.is_empty() { Ok(paths) } else { Err(Problem::of_fields(errors)) }
    }

    /// The refusal of ids without a complete upload of the caller, by their indexes in the request.
    #[must_use]
    pub fn unknown(indexes: &[usize]) -> Problem {
        let error = |at: &usize| {
            let detail = "no such upload, or it is incomplete; upload and complete it first";
            (ProblemKind::InvalidFields, FieldError::new(format!("/images/{at}/id"), detail))
        };
        Problem::of_fields(indexes.iter().take(MAX_LIST_ERRORS).map(error).collect())
    }
}

/// The label formats in JSON.
pub(crate) const FORMATS: &[&str] = &["none", "voc", "yolo", "yolo-obb", "coco", "labelme", "csv", "hf"];

fn format_of(word: &str) -> Option<LabelFormat> {
    serde_json::from_value(word.into()).ok()
}

fn id_problem(id: &str) -> Option<String> {
    (!is_id(id)).then(|| ID_RULE.to_owned())
}

/// The normal form of a path in a dataset, or what is wrong with it.
fn image_path(path: &str) -> Result<String, String> {
    if path.len() > MAX_PATH {
        return Err(format!("a path has at most {MAX_PATH} bytes; this one has {}", path.len()));
    }
    if path.chars().any(is_unfit) {
        return Err("a path must not have control or text-direction characters".to_owned());
    }
    let safe = safe_name(path).map_err(|error| error.message().to_owned())?;
    let extension = safe.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension);
    if !extension.is_some_and(|extension| EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str())) {
        return Err(format!("the path of an image must end in .{}", EXTENSIONS.join(", .")));
    }
    Ok(safe)
}

/// An image with missing outputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFailure {
    /// Its path in the dataset.
    pub path: String,
    /// The reason for people.
    pub error: String,
    /// The reason for programs.
    pub kind: FailureKind,
}

impl JobFailure {
    /// Failures listed in a job's answer at most.
    pub const MOST: usize = MAX_FAILURES;
}

/// What the record of a job over a dataset and its API view share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobFacts {
    /// The job's id.
    pub id: String,
    /// The state.
    pub state: JobState,
    /// A title.
    pub title: Option<String>,
    /// Its images.
    pub images: u32,
    /// Images without output, once the job has ended.
    pub failed: u32,
    /// The first of them by path.
    pub failures: Vec<JobFailure>,
    /// Copies per image.
    pub count: u32,
    /// The recipe in full, with its seed.
    pub recipe: Value,
    /// The label format of the output, if it is not the source's.
    pub format: Option<LabelFormat>,
    /// The retention of the zip.
    pub retention: Retention,
    /// Whether the images are single files of a dataset.
    pub partial: bool,
    /// The zip, if there is one. Its `sha256` is empty, since the zip is assembled inside the store.
    pub results: Option<Content>,
    /// How it was made.
    pub made: Option<Made>,
    /// Why there is no zip, or why the last attempt failed and the job waits again.
    pub error: Option<String>,
    /// The kind of that failure.
    pub error_kind: Option<FailureKind>,
}

/// A job over a dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// What its record has too.
    #[serde(flatten)]
    pub facts: JobFacts,
    /// Images with outputs; while the job runs, images of finished items.
    pub done: u32,
    /// When it was created, RFC 3339.
    pub created_at: String,
    /// When it last changed, RFC 3339.
    pub updated_at: String,
    /// When it expires, RFC 3339.
    pub expires_at: String,
}

impl Deref for Job {
    type Target = JobFacts;

    fn deref(&self) -> &JobFacts {
        &self.facts
    }
}

/// The answer to `POST /v1/jobs`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobReservation {
    /// The new job.
    #[serde(flatten)]
    pub job: Job,
    /// The upload of the announced zip of labels; the job waits for it and for its start.
    pub labels: Option<Target>,
}

/// A page of a listing of jobs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JobPage {
    /// Newest first.
    pub jobs: Vec<Job>,
    /// The cursor of the next page; `null` at the end.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn good() -> Value {
        json!({
            "images": [{"id": "a1", "path": "./train/a.JPG"}, {"id": "a1"}], "recipe": "classic", "count": 3,
            "labels": {"size": 5, "sha256": "ab".repeat(32)}, "format": "voc",
        })
    }

    fn pointers(problem: &Problem) -> (ProblemKind, Vec<&str>) {
        (problem.kind().unwrap(), problem.errors.iter().map(|error| error.pointer.as_str()).collect())
    }

    #[test]
    fn a_valid_body_is_normalized() {
        let job = NewJob::check(&good(), &Limits::default()).unwrap();
        assert_eq!(job.images[0].path.as_deref(), Some("train/a.JPG"), "the path is normalized");
        assert_eq!((job.count, &job.recipe["count"]), (3, &json!(3)), "the count is the request's");
        assert_eq!((job.outputs, job.format, job.retention), (3, Some(LabelFormat::Voc), Retention::Standard));
        assert_eq!(
            job.paths(&["a.jpg", "b.png"]),
            Ok(vec!["train/a.JPG".into(), "b.png".into()]),
            "or the file's name"
        );
        let request: JobRequest = serde_json::from_value(good()).unwrap();
        assert!(NewJob::check(&serde_json::to_value(&request).unwrap(), &Limits::default()).is_ok(), "typed");
    }

    #[test]
    fn paths_are_safe_unique_and_end_like_images() {
        for bad in ["../a.jpg", "/a.jpg", "a\\b.jpg", "a\u{202e}.jpg", "a.txt", "jpg", "a.jpg/", "", &"a".repeat(1001)]
        {
            let mut body = good();
            body["images"][1]["path"] = json!(bad);
            let refused = NewJob::check(&body, &Limits::default());
            if bad == "a.jpg/" {
                assert!(refused.is_ok(), "a trailing slash is ignored");
            } else {
                assert_eq!(pointers(&refused.unwrap_err()).1, ["/images/1/path"], "{bad:?}");
            }
        }
        let job = NewJob::check(&good(), &Limits::default()).unwrap();
        assert_eq!(pointers(&job.paths(&["x", "train/a.JPG"]).unwrap_err()).1, ["/images/1/path"], "taken");
        assert_eq!(
            pointers(&job.paths(&["x", "no-ending"]).unwrap_err()).1,
            ["/images/1/path"],
            "a file name without an extension"
        );
    }

    #[test]
    fn every_bad_field_is_named_and_lists_stop_at_twenty() {
        let limits = Limits { max_job_images: 30, ..Limits::default() };
        let mut body = good();
        for (name, bad) in [
            ("id", json!("../x")),
            ("count", json!(0)),
            ("format", json!("pdf")),
            ("retention", json!("ever")),
            ("title", json!("")),
            ("labels", json!({"size": 1})),
            ("run", json!("server")),
            ("partial", json!("yes")),
        ] {
            body[name] = bad;
        }
        body["images"] = json!([{"id": "a"}, {"id": "a-b"}, {"path": "a.jpg"}, 5, {"id": "b", "x": 1}]);
        let problem = NewJob::check(&body, &limits).unwrap_err();
        let (kind, mut at) = pointers(&problem);
        at.sort_unstable();
        assert_eq!(kind, ProblemKind::InvalidFields, "mixed errors are one kind");
        let expected = [
            "/count",
            "/format",
            "/id",
            "/images/1/id",
            "/images/2/id",
            "/images/3",
            "/images/4/x",
            "/labels/sha256",
            "/partial",
            "/retention",
            "/run",
            "/title",
        ];
        assert_eq!(at, expected, "each by its pointer");
        for images in [json!([]), json!(vec![json!({"id": "a"}); 31]), json!({})] {
            body = good();
            body["images"] = images;
            assert_eq!(pointers(&NewJob::check(&body, &limits).unwrap_err()).1, ["/images"], "the list itself");
        }
        body["images"] = json!(vec![json!({"id": "-"}); 30]);
        assert_eq!(NewJob::check(&body, &limits).unwrap_err().errors.len(), 20, "a long list stops at 20");
        assert_eq!(NewJob::unknown(&[7, 9]).errors[1].pointer, "/images/9/id", "unknown ids have pointers too");
    }

    #[test]
    fn recipes_respect_the_limit_of_copies() {
        let mut body = good();
        body.as_object_mut().unwrap().remove("count");
        body["recipe"] = json!({"version": 1, "count": 50, "steps": []});
        assert_eq!(pointers(&NewJob::check(&body, &Limits::default()).unwrap_err()).1, ["/recipe"], "50 in the recipe");
        body["recipe"] = json!({"version": 1, "count": 2, "output": {"include_original": true}, "steps": []});
        assert_eq!(NewJob::check(&body, &Limits::default()).unwrap().outputs, 3, "plus the original");
        let mut body = good();
        body["labels"]["size"] = json!(65 << 20);
        let refused = NewJob::check(&body, &Limits::default()).unwrap_err();
        assert_eq!(pointers(&refused), (ProblemKind::TooLarge, vec!["/labels/size"]), "too large alone");
    }
}
