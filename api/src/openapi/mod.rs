//! The OpenAPI 3.1 document of the API, built from the limits and enums that validate the bodies.

mod schemas;

use serde_json::{Map, Value, json};

use crate::limits::{DEFAULT_PAGE, Limits, MAX_PAGE};
use crate::problem::{Problem, ProblemKind};
use crate::rules::State;

/// The document for a server with these limits.
#[must_use]
pub fn openapi(limits: &Limits) -> Value {
    let mut paths = Map::new();
    for (path, operations) in paths_of() {
        paths.insert(path.to_owned(), operations);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Delta Augment",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Augments and shares images. Bytes never pass through this API: uploads and downloads use \
                        signed URLs of the object store.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas::schemas(limits),
            "securitySchemes": {
                "oidc": {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "A token of the issuer in /v1/config; only needed if there is one.",
                },
            },
        },
        "security": [{}, { "oidc": [] }],
    })
}

fn paths_of() -> Vec<(&'static str, Value)> {
    use ProblemKind::{
        BudgetSpent, Forbidden, IdTaken, InvalidFields, Malformed, Mismatch, NotFound, NotUploaded, Running, TooLarge,
        Unauthenticated, UnsupportedType, WrongState,
    };
    const BODY: &[ProblemKind] = &[Malformed, TooLarge, UnsupportedType, InvalidFields];
    const SIGNED_IN: &[ProblemKind] = &[Unauthenticated];
    const MINE: &[&[ProblemKind]] = &[&[Unauthenticated, NotFound]];
    const OWNER: &[ProblemKind] = &[Unauthenticated, Forbidden, NotFound];
    let call = |id: &str, summary: &str, ok: (u16, &str), problems: &[&[ProblemKind]]| json!({ "operationId": id, "summary": summary, "responses": responses(ok, &problems.concat()) });
    let image = |operations: Value| with_id(operations);
    let redirect = |id: &str, summary: &str| {
        let mut responses = responses((200, "Target"), &[Unauthenticated, NotFound]);
        responses["200"]["description"] = json!("The signed URL, for `Accept: application/json`.");
        responses["302"] = json!({
            "description": "The signed URL, valid for a few minutes.",
            "headers": { "Location": { "required": true, "schema": { "type": "string", "format": "uri" } } },
        });
        json!({ "operationId": id, "summary": summary, "responses": responses })
    };
    vec![
        (
            "/v1/uploads",
            json!({ "post": with_body(
            call("reserve", "Reserve an id and get signed upload URLs.", (201, "Reservation"),
                 &[BODY, SIGNED_IN, &[IdTaken, BudgetSpent]]), "UploadRequest") }),
        ),
        (
            "/v1/uploads/{id}/complete",
            image(json!({ "post":
            call("complete", "Verify and complete an upload. Repeatable.", (200, "Image"),
                 &[OWNER, &[NotUploaded, Mismatch]]) })),
        ),
        (
            "/v1/uploads/{id}/parts",
            image(json!({
                "post": with_body(call("beginParts", "Begin or resume an upload in parts.", (200, "PartsStatus"),
                    &[BODY, OWNER, &[WrongState]]), "PartsSelection"),
                "get": with_query(call("listParts", "List the parts that have arrived.", (200, "PartsStatus"),
                    &[OWNER, &[InvalidFields, WrongState]]), vec![object_parameter()]),
                "delete": with_query(call("abortParts", "Abort and remove the parts.", (200, "PartsStatus"),
                    &[OWNER, &[InvalidFields, WrongState]]), vec![object_parameter()]),
            })),
        ),
        (
            "/v1/uploads/{id}/parts/urls",
            image(json!({ "post": with_body(
            call("signParts", "Get signed URLs for parts.", (200, "PartTargets"),
                 &[BODY, OWNER, &[WrongState]]), "PartsRequest") })),
        ),
        (
            "/v1/uploads/{id}/parts/complete",
            image(json!({ "post": with_body(
            call("completeParts", "Join the parts.", (200, "PartsStatus"),
                 &[BODY, OWNER, &[NotUploaded, WrongState]]), "PartsSelection") })),
        ),
        (
            "/v1/images",
            json!({ "get": with_query(
            call("listImages", "List public images and your own, newest first.", (200, "ImagePage"),
                 &[SIGNED_IN, &[InvalidFields]]), list_parameters()) }),
        ),
        (
            "/v1/images/{id}",
            image(json!({
                "get": call("getImage", "Get an image.", (200, "Image"), &[&[Unauthenticated, NotFound]]),
                "patch": with_body(call("patchImage", "Change title, tags, group or visibility.", (200, "Image"),
                    &[BODY, OWNER]), "Patch"),
                "delete": call("deleteImage", "Delete an image and its results.", (200, "Deleted"), &[OWNER]),
            })),
        ),
        ("/v1/images/{id}/original", image(json!({ "get": redirect("getOriginal", "Download the original.") }))),
        ("/v1/images/{id}/results", image(json!({ "get": redirect("getResults", "Download the results zip.") }))),
        ("/v1/images/{id}/thumbnail", image(json!({ "get": redirect("getThumbnail", "Download the thumbnail.") }))),
        (
            "/v1/images/{id}/augment",
            image(json!({ "post": with_body(
            call("augment", "Run again on the server, optionally with another recipe.", (202, "Image"),
                 &[BODY, OWNER, &[Running, WrongState, BudgetSpent]]), "AugmentRequest") })),
        ),
        (
            "/v1/jobs",
            json!({
                "post": with_body(call("makeJob", "Create a job: one recipe over a dataset of uploads.", (201, "JobReservation"),
                    &[BODY, SIGNED_IN, &[IdTaken, WrongState, BudgetSpent]]), "JobRequest"),
                "get": with_query(call("listJobs", "List your jobs, newest first.", (200, "JobPage"),
                    &[SIGNED_IN, &[InvalidFields]]), page_parameters()),
            }),
        ),
        (
            "/v1/jobs/{id}",
            image(json!({
                "get": call("getJob", "Get a job and its progress.", (200, "Job"), MINE),
                "delete": call("deleteJob", "Delete a job and its results; a running job stops.", (204, ""), MINE),
            })),
        ),
        (
            "/v1/jobs/{id}/start",
            image(json!({ "post":
            call("startJob", "Verify the labels and start. Repeatable.", (202, "Job"),
                 &[&[Unauthenticated, NotFound, NotUploaded, WrongState, Mismatch]]) })),
        ),
        (
            "/v1/jobs/{id}/retry",
            image(json!({ "post":
            call("retryJob", "Retry what failed and assemble the zip again.", (202, "Job"),
                 &[&[Unauthenticated, NotFound, Running, WrongState, BudgetSpent]]) })),
        ),
        ("/v1/jobs/{id}/results", image(json!({ "get": redirect("getJobResults", "Download a job's results zip.") }))),
        (
            "/v1/groups",
            json!({
                "get": call("listGroups", "List the groups by name.", (200, "Groups"), &[SIGNED_IN]),
                "post": with_body(call("makeGroup", "Create a group.", (201, "Group"),
                    &[BODY, SIGNED_IN, &[IdTaken, WrongState]]), "GroupRequest"),
            }),
        ),
        ("/v1/tags", json!({ "get": call("listTags", "List the tags in use by name.", (200, "Tags"), &[SIGNED_IN]) })),
        ("/v1/config", json!({ "get": call("getConfig", "Get limits, sign-in and version.", (200, "Config"), &[]) })),
        (
            "/v1/openapi.json",
            json!({ "get": {
            "operationId": "getOpenApi", "summary": "Get this document.",
            "responses": { "200": { "description": "The document.",
                "content": { "application/json": { "schema": { "type": "object" } } } } },
        } }),
        ),
        ("/healthz", json!({ "get": call("getHealth", "Check that the server is up.", (200, "Health"), &[]) })),
    ]
}

/// The responses of a call: the result, and every problem by status. Any call may meet a server error.
fn responses(ok: (u16, &str), problems: &[ProblemKind]) -> Value {
    let mut all = Map::new();
    if ok.1.is_empty() {
        all.insert(ok.0.to_string(), json!({ "description": "Done." }));
    } else {
        let schema = json!({ "$ref": format!("#/components/schemas/{}", ok.1) });
        let content = json!({ "application/json": { "schema": schema } });
        all.insert(ok.0.to_string(), json!({ "description": "Done.", "content": content }));
    }
    let mut problems = problems.to_vec();
    problems.extend([ProblemKind::Internal, ProblemKind::Unavailable]);
    for kind in problems {
        let described = all.get(&kind.status().to_string()).and_then(|one| one["description"].as_str());
        let sentence = format!("{} (`{}`).", kind.title(), kind.uri());
        let description = match described {
            Some(before) if before.contains(&sentence) => before.to_owned(),
            Some(before) => format!("{before} {sentence}"),
            None => sentence,
        };
        let mut response = json!({
            "description": description,
            "content": { Problem::MEDIA_TYPE: { "schema": { "$ref": "#/components/schemas/Problem" } } },
        });
        if kind == ProblemKind::BudgetSpent {
            let seconds = json!({ "type": "integer", "minimum": 1 });
            response["headers"] = json!({ "Retry-After": { "required": true, "schema": seconds } });
        }
        all.insert(kind.status().to_string(), response);
    }
    Value::Object(all)
}

fn with_id(mut operations: Value) -> Value {
    let schema = json!({ "$ref": "#/components/schemas/Id" });
    operations["parameters"] = json!([{ "name": "id", "in": "path", "required": true, "schema": schema }]);
    operations
}

fn with_body(mut operation: Value, schema: &str) -> Value {
    operation["requestBody"] = json!({
        "required": true,
        "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } },
    });
    operation
}

fn with_query(mut operation: Value, parameters: Vec<Value>) -> Value {
    operation["parameters"] = parameters.into();
    operation
}

fn object_parameter() -> Value {
    json!({ "name": "object", "in": "query", "required": true, "schema": { "$ref": "#/components/schemas/ObjectName" } })
}

fn parameter(name: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "schema": schema })
}

fn page_parameters() -> Vec<Value> {
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": DEFAULT_PAGE });
    vec![
        parameter("limit", limit),
        parameter("cursor", json!({ "type": "string", "pattern": "^c[0-9]{13}[0-9A-Za-z]{1,20}$" })),
    ]
}

fn list_parameters() -> Vec<Value> {
    let mut parameters = vec![
        parameter("tag", json!({ "$ref": "#/components/schemas/TagName" })),
        parameter("group", json!({ "$ref": "#/components/schemas/GroupName" })),
        parameter("owner", json!({ "type": "string", "enum": ["me"] })),
        parameter("state", json!({ "type": "string", "enum": State::WORDS })),
    ];
    parameters.extend(page_parameters());
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `$ref` of the document.
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    match value {
                        Value::String(reference) if name == "$ref" => found.push(reference.clone()),
                        _ => references(value, found),
                    }
                }
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_resolves() {
        let document = openapi(&Limits::default());
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 100, "only {} references: the search is broken", found.len());
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference} does not resolve");
        }
    }

    #[test]
    fn the_schema_of_an_upload_agrees_with_its_validation() {
        let document = openapi(&Limits::default());
        let schema = json!({ "$ref": "#/components/schemas/UploadRequest", "components": document["components"] });
        let validator = jsonschema::validator_for(&schema).unwrap();
        let good = json!({
            "filename": "a.jpg", "content_type": "image/jpeg", "size": 10, "sha256": "ab".repeat(32),
            "tags": ["cat"], "count": 3, "recipe": "classic", "run": "server",
            "visibility": "public", "retention": "standard",
        });
        assert!(validator.is_valid(&good), "a valid body");
        let full = serde_json::from_str::<Value>(augment_core::plan::BUILT_IN[0].json).unwrap();
        for (name, value, valid) in [
            ("recipe", full, true),
            ("recipe", json!("nothing"), false),
            ("recipe", json!({"version": 1, "steps": [{"op": "rotat"}]}), false),
            ("id", json!("a-b"), false),
            ("count", json!(21), false),
            ("size", json!(0), false),
            ("sha256", json!("xx"), false),
            ("tags", json!(["a1"]), false),
            ("filename", json!("a/b"), false),
            ("extra", json!(1), false),
        ] {
            let mut body = good.clone();
            body[name] = value;
            let checked = crate::NewUpload::check(&body, &Limits::default()).is_ok();
            assert_eq!((validator.is_valid(&body), checked), (valid, valid), "{name}: schema and check: {body}");
        }
    }
}
