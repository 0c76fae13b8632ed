//! The JSON Schema (2020-12) of recipes, made from the catalog.

use serde_json::{Value, json};

use super::recipe::{Group, MAX_COUNT, MAX_SEED, OutputFormat};
use crate::transforms::{CATALOG, Control, Descriptor};

/// The schema of recipes.
#[must_use]
pub fn schema() -> Value {
    let mut kinds: Vec<Value> = CATALOG.iter().map(|descriptor| transform(descriptor)).collect();
    kinds.extend(Group::NAMES.iter().map(|name| group(name)));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Delta Augment recipe",
        "type": "object",
        "required": ["version", "steps"],
        "additionalProperties": false,
        "properties": {
            "version": { "const": 1 },
            "seed": { "type": "integer", "minimum": 0, "maximum": MAX_SEED },
            "count": { "type": "integer", "minimum": 1, "maximum": MAX_COUNT, "default": 1 },
            "augment": {
                "type": "string",
                "description": "Splits to augment, with commas between them, or all; the others go through unchanged. \
                                Without it train, where the dataset has splits.",
                "examples": ["train,val", "all"],
            },
            "input": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "range": { "oneOf": [
                        { "const": "file" },
                        { "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 },
                    ] },
                    "keep_truncated": { "type": "boolean", "default": false },
                },
            },
            "output": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "format": { "enum": OutputFormat::NAMES, "default": "jpeg" },
                    "quality": { "type": "integer", "minimum": 1, "maximum": 100, "default": 90 },
                    "subsampling": { "enum": ["4:2:0", "4:2:2", "4:4:4"] },
                    "compression": { "enum": ["fast", "small"], "default": "fast" },
                    "background": control(&Control::Color),
                    "include_original": { "type": "boolean", "default": false },
                },
            },
            "labels": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "min_visibility": { "type": "number", "minimum": 0, "maximum": 1, "default": 0.1 },
                    "min_area": { "type": "number", "minimum": 0, "default": 1.0 },
                    "box_mode": { "enum": ["ellipse", "corners"], "default": "ellipse" },
                    "mirrored": {
                        "enum": ["leave", "label"],
                        "default": "leave",
                        "description": "Whether what a reflecting or wrapping border shows of objects has labels of its own.",
                    },
                    "flip_unpaired": {
                        "type": "boolean",
                        "default": false,
                        "description": "Whether flips are drawn for keypoints of which nothing says which are left and right.",
                    },
                    "mask_fill": mask_fill(),
                },
            },
            "steps": { "type": "array", "items": { "$ref": "#/$defs/step" } },
        },
        "$defs": { "step": { "oneOf": kinds } },
    })
}

fn mask_fill() -> Value {
    let mut schema = levels(4);
    schema["description"] = "What masks have where no image lies: 255 where the trainer ignores that value.".into();
    schema["default"] = 0.into();
    schema
}

fn transform(descriptor: &Descriptor) -> Value {
    let mut properties = json!({ "op": { "const": descriptor.op }, "p": probability() });
    for parameter in descriptor.parameters {
        let mut schema = control(&parameter.control);
        schema["description"] = parameter.doc.trim().into();
        schema["default"] = (parameter.default)();
        properties[parameter.name] = schema;
    }
    json!({
        "type": "object",
        "description": descriptor.summary.trim(),
        "required": ["op"],
        "additionalProperties": false,
        "properties": properties,
    })
}

fn group(name: &str) -> Value {
    let mut properties = json!({
        "op": { "const": name },
        "p": probability(),
        "steps": { "type": "array", "minItems": 1, "items": { "$ref": "#/$defs/step" } },
    });
    match name {
        "one_of" => properties["weights"] = json!({ "type": "array", "items": { "type": "number", "minimum": 0 } }),
        "some_of" => properties["count"] = control(&Control::IntRange { min: 0, max: 200 }),
        _ => {}
    }
    json!({ "type": "object", "required": ["op", "steps"], "additionalProperties": false, "properties": properties })
}

/// A level, or three to so many of them.
fn levels(most: u32) -> Value {
    let level = json!({ "type": "integer", "minimum": 0, "maximum": 255 });
    json!({ "oneOf": [level, { "type": "array", "items": level, "minItems": 3, "maxItems": most }] })
}

fn probability() -> Value {
    json!({ "type": "number", "minimum": 0, "maximum": 1, "default": 1 })
}

fn control(control: &Control) -> Value {
    let interval =
        |end: Value| json!({ "oneOf": [end, { "type": "array", "items": end, "minItems": 2, "maxItems": 2 }] });
    match control {
        Control::Number { min, max } => json!({ "type": "number", "minimum": min, "maximum": max }),
        Control::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Control::Range { min, max } => interval(json!({ "type": "number", "minimum": min, "maximum": max })),
        Control::IntRange { min, max } => interval(json!({ "type": "integer", "minimum": min, "maximum": max })),
        Control::Choice(words) => json!({ "enum": words }),
        Control::Color => levels(3),
        Control::Fill => levels(4),
        Control::Flag => json!({ "type": "boolean" }),
    }
}
