//! The OpenAPI 3.1 document of the API, written from the same limits and words that bodies are checked by.

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
            "summary": "Shares images and their augmented copies. Bytes never pass through this API: uploads and \
                        downloads go straight to the object store by signed URLs.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas::schemas(limits),
            "securitySchemes": {
                "oidc": {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "A token of the issuer in /v1/config; needed only where there is one.",
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
        responses["200"]["description"] = json!("The address itself, for `Accept: application/json`.");
        responses["302"] = json!({
            "description": "Go there within a few minutes.",
            "headers": { "Location": { "required": true, "schema": { "type": "string", "format": "uri" } } },
        });
        json!({ "operationId": id, "summary": summary, "responses": responses })
    };
    vec![
        (
            "/v1/uploads",
            json!({ "post": with_body(
            call("reserve", "Reserve an id and get signed URLs to upload to.", (201, "Reservation"),
                 &[BODY, SIGNED_IN, &[IdTaken, BudgetSpent]]), "UploadRequest") }),
        ),
        (
            "/v1/uploads/{id}/complete",
            image(json!({ "post":
            call("complete", "Check what arrived. A repeat answers the same.", (200, "Image"),
                 &[OWNER, &[NotUploaded, Mismatch]]) })),
        ),
        (
            "/v1/uploads/{id}/parts",
            image(json!({
                "post": with_body(call("beginParts", "Begin an upload in parts, or take it up again.", (200, "PartsStatus"),
                    &[BODY, OWNER, &[WrongState]]), "PartsSelection"),
                "get": with_query(call("listParts", "The parts that are there.", (200, "PartsStatus"),
                    &[OWNER, &[InvalidFields, WrongState]]), vec![object_parameter()]),
                "delete": with_query(call("abortParts", "Give up; the parts go.", (200, "PartsStatus"),
                    &[OWNER, &[InvalidFields, WrongState]]), vec![object_parameter()]),
            })),
        ),
        (
            "/v1/uploads/{id}/parts/urls",
            image(json!({ "post": with_body(
            call("signParts", "Signed URLs for some parts.", (200, "PartTargets"),
                 &[BODY, OWNER, &[WrongState]]), "PartsRequest") })),
        ),
        (
            "/v1/uploads/{id}/parts/complete",
            image(json!({ "post": with_body(
            call("completeParts", "Put the parts together.", (200, "PartsStatus"),
                 &[BODY, OWNER, &[NotUploaded, WrongState]]), "PartsSelection") })),
        ),
        (
            "/v1/images",
            json!({ "get": with_query(
            call("listImages", "Newest first: public ones and one's own.", (200, "ImagePage"),
                 &[SIGNED_IN, &[InvalidFields]]), list_parameters()) }),
        ),
        (
            "/v1/images/{id}",
            image(json!({
                "get": call("getImage", "One image.", (200, "Image"), &[&[Unauthenticated, NotFound]]),
                "patch": with_body(call("patchImage", "Change title, tags, group or visibility.", (200, "Image"),
                    &[BODY, OWNER]), "Patch"),
                "delete": call("deleteImage", "Original, results and record go.", (200, "Deleted"), &[OWNER]),
            })),
        ),
        ("/v1/images/{id}/original", image(json!({ "get": redirect("getOriginal", "The image's file.") }))),
        ("/v1/images/{id}/results", image(json!({ "get": redirect("getResults", "The zip of results.") }))),
        ("/v1/images/{id}/thumbnail", image(json!({ "get": redirect("getThumbnail", "A small picture.") }))),
        (
            "/v1/images/{id}/augment",
            image(json!({ "post": with_body(
            call("augment", "Run on the server, perhaps with another recipe.", (202, "Image"),
                 &[BODY, OWNER, &[Running, WrongState, BudgetSpent]]), "AugmentRequest") })),
        ),
        (
            "/v1/jobs",
            json!({
                "post": with_body(call("makeJob", "Run one recipe over a dataset of uploads.", (201, "JobReservation"),
                    &[BODY, SIGNED_IN, &[IdTaken, WrongState, BudgetSpent]]), "JobRequest"),
                "get": with_query(call("listJobs", "One's own jobs, newest first.", (200, "JobPage"),
                    &[SIGNED_IN, &[InvalidFields]]), page_parameters()),
            }),
        ),
        (
            "/v1/jobs/{id}",
            image(json!({
                "get": call("getJob", "One of one's own jobs, with how far it is.", (200, "Job"), MINE),
                "delete": call("deleteJob", "The job and all that was made go; one that runs stops.", (204, ""), MINE),
            })),
        ),
        (
            "/v1/jobs/{id}/start",
            image(json!({ "post":
            call("startJob", "Check the labels that arrived, and begin. A repeat is harmless.", (202, "Job"),
                 &[&[Unauthenticated, NotFound, NotUploaded, WrongState, Mismatch]]) })),
        ),
        (
            "/v1/jobs/{id}/retry",
            image(json!({ "post":
            call("retryJob", "Run what failed again, and put the zip together anew.", (202, "Job"),
                 &[&[Unauthenticated, NotFound, Running, WrongState, BudgetSpent]]) })),
        ),
        ("/v1/jobs/{id}/results", image(json!({ "get": redirect("getJobResults", "The zip of a job's results.") }))),
        (
            "/v1/groups",
            json!({
                "get": call("listGroups", "The groups by name.", (200, "Groups"), &[SIGNED_IN]),
                "post": with_body(call("makeGroup", "Make a group.", (201, "Group"),
                    &[BODY, SIGNED_IN, &[IdTaken, BudgetSpent]]), "GroupRequest"),
            }),
        ),
        ("/v1/tags", json!({ "get": call("listTags", "The tags in use by name.", (200, "Tags"), &[SIGNED_IN]) })),
        ("/v1/config", json!({ "get": call("getConfig", "Limits, sign-in, version.", (200, "Config"), &[]) })),
        (
            "/v1/openapi.json",
            json!({ "get": {
            "operationId": "getOpenApi", "summary": "This document.",
            "responses": { "200": { "description": "The document.",
                "content": { "application/json": { "schema": { "type": "object" } } } } },
        } }),
        ),
        ("/healthz", json!({ "get": call("getHealth", "Whether the server answers.", (200, "Health"), &[]) })),
    ]
}

/// The answers of a call: what it gives, and every problem by its status. Any call may find the server in trouble.
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
    fn every_reference_leads_somewhere() {
        let document = openapi(&Limits::default());
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 100, "only {} references: the search is broken", found.len());
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    }

    #[test]
    fn the_schema_of_an_announcement_agrees_with_its_check() {
        let document = openapi(&Limits::default());
        let schema = json!({ "$ref": "#/components/schemas/UploadRequest", "components": document["components"] });
        let validator = jsonschema::validator_for(&schema).unwrap();
        let good = json!({
            "filename": "a.jpg", "content_type": "image/jpeg", "size": 10, "sha256": "ab".repeat(32),
            "tags": ["cat"], "count": 3, "recipe": "classic", "run": "server",
            "visibility": "public", "retention": "standard",
        });
        assert!(validator.is_valid(&good), "a good body");
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
