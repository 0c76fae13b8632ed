//! The schemas of the bodies (JSON Schema 2020-12).

use augment_core::codec::Format;
use augment_core::plan::{self, BUILT_IN};
use serde_json::{Value, json};

use crate::job::FORMATS;
use crate::limits::{
    Limits, MAX_COUNT, MAX_FAILURES, MAX_FILENAME, MAX_GROUP, MAX_ID, MAX_PARTS_PER_CALL, MAX_PATH, MAX_TAG, MAX_TAGS,
    MAX_TITLE,
};
use crate::multipart::ObjectName;
use crate::problem::ProblemKind;
use crate::rules::{FailureKind, JobState, Retention, Run, State, Visibility};

const MAX_INTEGER: u64 = (1 << 53) - 1;

fn schema(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn nullable(schema: Value) -> Value {
    json!({ "oneOf": [schema, { "type": "null" }] })
}

/// A closed object; a `?` at the end of a name makes the field optional.
fn object(fields: Value) -> Value {
    let mut required = Vec::new();
    let mut properties = serde_json::Map::new();
    if let Value::Object(fields) = fields {
        for (name, schema) in fields {
            match name.strip_suffix('?') {
                Some(name) => properties.insert(name.to_owned(), schema),
                None => {
                    required.push(name.clone());
                    properties.insert(name, schema)
                }
            };
        }
    }
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
}

pub(super) fn schemas(limits: &Limits) -> Value {
    let mut all = values(limits);
    for more in [requests(limits), answers()] {
        if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
            all.extend(more);
        }
    }
    let (recipe, step) = recipe();
    all["Recipe"] = recipe;
    all["RecipeStep"] = step;
    all
}

/// The schemas of recipes and steps, with their references pointing into this document.
fn recipe() -> (Value, Value) {
    let mut recipe = plan::schema();
    redirect_references(&mut recipe);
    let step = recipe["$defs"]["step"].take();
    if let Value::Object(recipe) = &mut recipe {
        recipe.remove("$defs");
        recipe.remove("$schema");
    }
    (recipe, step)
}

fn redirect_references(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                if name == "$ref" {
                    *value = "#/components/schemas/RecipeStep".into();
                } else {
                    redirect_references(value);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(redirect_references),
        _ => {}
    }
}

fn values(limits: &Limits) -> Value {
    let text = |pattern: String| json!({ "type": "string", "pattern": pattern });
    let built_in: Vec<&str> = BUILT_IN.iter().map(|built_in| built_in.name).collect();
    let types: Vec<&str> = Format::ALL.iter().map(|format| format.mime()).collect();
    json!({
        "Id": text(format!("^[0-9A-Za-z]{{1,{MAX_ID}}}$")),
        "TagName": text(format!("^[A-Za-z]{{1,{MAX_TAG}}}$")),
        "GroupName": text(format!("^[0-9A-Za-z_-]{{1,{MAX_GROUP}}}$")),
        "TagList": { "type": "array", "maxItems": MAX_TAGS, "items": schema("TagName") },
        "Title": { "type": "string", "minLength": 1, "maxLength": MAX_TITLE, "pattern": "^[^\\u0000-\\u001F\\u007F-\\u009F\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069]+$" },
        "Filename": {
            "type": "string", "minLength": 1, "maxLength": MAX_FILENAME,
            "pattern": "^[^/\\\\\\u0000-\\u001F\\u007F-\\u009F\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069]+$",
            "not": { "enum": [".", ".."] },
            "description": format!("No folders; at most {MAX_FILENAME} bytes of UTF-8."),
        },
        "ContentType": { "type": "string", "enum": types },
        "Sha256": text("^[0-9A-Fa-f]{64}$".to_owned()),
        "Count": { "type": "integer", "minimum": 1, "maximum": limits.max_count },
        "State": { "type": "string", "enum": State::WORDS },
        "Run": { "type": "string", "enum": Run::WORDS },
        "LabelFormat": { "type": "string", "enum": FORMATS },
        "JobState": { "type": "string", "enum": JobState::WORDS },
        "DatasetPath": {
            "type": "string", "minLength": 1, "maxLength": MAX_PATH,
            "pattern": "\\.([jJ][pP][eE]?[gG]|[pP][nN][gG]|[wW][eE][bB][pP]|[bB][mM][pP]|[gG][iI][fF]|[tT][iI][fF][fF]?)/*$",
            "description": "Relative, forward slashes, no `..`, an image's extension; unique in the job.",
        },
        "Visibility": { "type": "string", "enum": Visibility::WORDS },
        "Retention": { "type": "string", "enum": Retention::WORDS },
        "ObjectName": { "type": "string", "enum": ObjectName::WORDS },
        "RecipeChoice": { "oneOf": [{ "type": "string", "enum": built_in }, schema("Recipe")] },
        "Moment": { "type": "string", "format": "date-time" },
        "Bytes": { "type": "integer", "minimum": 0, "maximum": MAX_INTEGER },
    })
}

fn requests(limits: &Limits) -> Value {
    let bytes = |most: u64| json!({ "type": "integer", "minimum": 1, "maximum": most });
    json!({
        "UploadRequest": object(json!({
            "id?": nullable(schema("Id")), "filename": schema("Filename"), "content_type": schema("ContentType"),
            "size": bytes(limits.max_image_bytes), "sha256": schema("Sha256"), "tags?": nullable(schema("TagList")),
            "group?": nullable(schema("GroupName")), "title?": nullable(schema("Title")),
            "count?": nullable(schema("Count")), "recipe?": nullable(schema("RecipeChoice")), "run": schema("Run"), "visibility?": nullable(schema("Visibility")),
            "retention?": nullable(schema("Retention")),
            "results?": nullable(object(json!({
                "size": bytes(limits.max_results_bytes), "sha256": schema("Sha256"),
            }))),
        })),
        "Patch": object(json!({
            "title?": nullable(schema("Title")), "tags?": nullable(schema("TagList")),
            "group?": nullable(schema("GroupName")), "visibility?": schema("Visibility"),
        })),
        "AugmentRequest": object(json!({
            "recipe?": nullable(schema("RecipeChoice")), "count?": nullable(schema("Count")),
        })),
        "JobRequest": object(json!({
            "id?": nullable(schema("Id")),
            "images": {
                "type": "array", "minItems": 1, "maxItems": limits.max_job_images,
                "items": object(json!({ "id": schema("Id"), "path?": nullable(schema("DatasetPath")) })),
            },
            "labels?": nullable(object(json!({
                "size": bytes(limits.max_labels_bytes), "sha256": schema("Sha256"),
            }))),
            "recipe": schema("RecipeChoice"), "count?": nullable(schema("Count")),
            "format?": nullable(schema("LabelFormat")), "title?": nullable(schema("Title")),
            "retention?": nullable(schema("Retention")), "partial?": nullable(json!({ "type": "boolean" })),
        })),
        "GroupRequest": object(json!({ "name": schema("GroupName"), "title?": nullable(schema("Title")) })),
        "PartsSelection": object(json!({ "object": schema("ObjectName") })),
        "PartsRequest": object(json!({
            "object": schema("ObjectName"),
            "parts": {
                "type": "array", "minItems": 1, "maxItems": MAX_PARTS_PER_CALL,
                "items": object(json!({
                    "number": { "type": "integer", "minimum": 1, "maximum": u32::MAX }, "sha256": schema("Sha256"),
                })),
            },
        })),
    })
}

/// An object's schema with one more required field.
fn with(mut object: Value, name: &str, schema: Value) -> Value {
    object["properties"][name] = schema;
    if let Value::Array(required) = &mut object["required"] {
        required.push(name.into());
    }
    object
}

fn job() -> Value {
    let whole = json!({ "type": "integer", "minimum": 0 });
    let kind = json!({ "type": "string", "enum": FailureKind::WORDS });
    object(json!({
        "id": schema("Id"), "state": schema("JobState"), "title": nullable(schema("Title")), "images": whole,
        "done": whole, "failed": whole,
        "failures": {
            "type": "array", "maxItems": MAX_FAILURES,
            "items": object(json!({ "path": { "type": "string" }, "error": { "type": "string" }, "kind": kind })),
        },
        "count": { "type": "integer", "minimum": 1, "maximum": MAX_COUNT }, "recipe": { "type": "object" },
        "format": nullable(schema("LabelFormat")), "retention": schema("Retention"), "partial": { "type": "boolean" },
        "results": nullable(object(json!({
            "size": schema("Bytes"),
            "sha256": {
                "type": "string", "pattern": "^([0-9a-f]{64})?$",
                "description": "Empty, since the zip is assembled inside the store.",
            },
        }))),
        "made": nullable(schema("Made")), "error": nullable(json!({ "type": "string" })), "error_kind": nullable(kind),
        "created_at": schema("Moment"), "updated_at": schema("Moment"), "expires_at": schema("Moment"),
    }))
}

fn answers() -> Value {
    let target = |more: Value| {
        let mut fields = json!({
            "method": { "type": "string", "enum": ["PUT"] },
            "url": { "type": "string", "format": "uri" },
            "headers": { "type": "object", "additionalProperties": { "type": "string" } },
            "expires_at": schema("Moment"),
        });
        if let (Value::Object(fields), Value::Object(more)) = (&mut fields, more) {
            fields.extend(more);
        }
        object(fields)
    };
    let job = job();
    let reservation = with(job.clone(), "labels", nullable(schema("Target")));
    let number = json!({ "type": "integer", "minimum": 1 });
    let whole = json!({ "type": "integer", "minimum": 0 });
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let kinds: Vec<String> = ProblemKind::ALL.iter().map(|kind| kind.uri()).collect();
    json!({
        "Target": target(json!({})),
        "Reservation": object(json!({
            "id": schema("Id"), "state": schema("State"), "original": schema("Target"), "results?": schema("Target"),
        })),
        "Content": object(json!({ "size": schema("Bytes"), "sha256": schema("Sha256") })),
        "Made": object(json!({
            "engine": { "type": "string" }, "outputs": whole, "pixels": whole, "bytes_before": schema("Bytes"),
            "bytes_after": schema("Bytes"), "warnings": whole, "fetch_ms?": whole, "augment_ms": whole,
            "store_ms": whole,
        })),
        "Image": object(json!({
            "id": schema("Id"), "state": schema("State"), "filename": { "type": "string" },
            "content_type": { "type": "string" }, "size": schema("Bytes"),
            "sha256": {
                "type": "string", "pattern": "^([0-9a-f]{64})?$",
                "description": "Empty if a file in the bucket was too large to read.",
            },
            "width": nullable(number.clone()), "height": nullable(number.clone()),
            "title": nullable(schema("Title")), "tags": schema("TagList"), "group": nullable(schema("GroupName")),
            "count": { "type": "integer", "minimum": 1, "maximum": MAX_COUNT }, "recipe": { "type": "object" },
            "run": schema("Run"), "visibility": schema("Visibility"), "retention": schema("Retention"),
            "mine": { "type": "boolean" }, "results": nullable(schema("Content")), "made": nullable(schema("Made")),
            "thumbnail": { "type": "boolean" }, "error": nullable(json!({ "type": "string" })),
            "error_kind": nullable(json!({ "type": "string", "enum": FailureKind::WORDS })),
            "created_at": schema("Moment"), "updated_at": schema("Moment"), "expires_at": schema("Moment"),
        })),
        "Job": job,
        "JobReservation": reservation,
        "JobPage": object(json!({
            "jobs": { "type": "array", "items": schema("Job") }, "next_cursor": nullable(json!({ "type": "string" })),
        })),
        "ImagePage": object(json!({
            "images": { "type": "array", "items": schema("Image") },
            "next_cursor": nullable(json!({ "type": "string" })),
        })),
        "Deleted": object(json!({ "id": schema("Id") })),
        "PartsStatus": object(json!({
            "object": schema("ObjectName"), "part_bytes": schema("Bytes"), "part_count": schema("Bytes"),
            "parts": { "type": "array", "items": object(json!({ "number": number, "size": schema("Bytes") })) },
        })),
        "PartTarget": target(json!({ "number": number })),
        "PartTargets": object(json!({ "parts": { "type": "array", "items": schema("PartTarget") } })),
        "Group": object(json!({ "name": schema("GroupName"), "title": nullable(schema("Title")) })),
        "Groups": object(json!({ "groups": { "type": "array", "items": schema("Group") } })),
        "Tag": object(json!({ "name": schema("TagName") })),
        "Tags": object(json!({ "tags": { "type": "array", "items": schema("Tag") } })),
        "Config": object(json!({
            "engine": { "type": "string" },
            "limits": object(json!({
                "max_count": number, "max_image_bytes": number, "max_results_bytes": number,
                "multipart_from_bytes": number, "part_bytes": number, "max_body_bytes": number,
                "max_job_images": number, "max_job_body_bytes": number, "max_labels_bytes": number,
                "items_at_once": number, "upload_seconds": number, "download_seconds": number,
            })),
            "content_types": texts, "recipes": texts,
            "auth": nullable(object(json!({
                "issuer": { "type": "string" }, "client_id": nullable(json!({ "type": "string" })), "scopes": texts,
            }))),
        })),
        "Health": object(json!({ "status": { "type": "string", "enum": ["ok"] }, "engine": { "type": "string" } })),
        "Problem": object(json!({
            "type": { "type": "string", "enum": kinds }, "title": { "type": "string" },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 }, "detail": { "type": "string" },
            "errors?": {
                "type": "array",
                "items": object(json!({ "pointer": { "type": "string" }, "detail": { "type": "string" } })),
            },
        })),
    })
}
