//! `delta catalog`: the transforms, for people and for programs.

use augment_core::transforms::{CATALOG, Control, Descriptor, Kind, Parameter};
use serde_json::{Value, json};

use crate::args::CatalogArgs;
use crate::console::Console;
use crate::outcome::Outcome;

pub(crate) fn run(console: &Console, args: &CatalogArgs) -> anyhow::Result<Outcome> {
    if args.json {
        let all: Vec<Value> = CATALOG.iter().map(|descriptor| describe(descriptor)).collect();
        console.result(serde_json::to_string_pretty(&all)?)?;
        return Ok(Outcome::Done);
    }
    let kinds = [
        (Kind::Geometric, "Geometric: move pixels and labels by one map"),
        (Kind::Pixel, "Pixel: change every pixel by itself"),
        (Kind::Neighborhood, "Neighborhood: change every pixel by its surroundings"),
        (Kind::Occlusion, "Occlusion: cover parts"),
        (Kind::Mixing, "Mixing: join several images"),
    ];
    for (kind, title) in kinds {
        let of_kind: Vec<_> = CATALOG.iter().filter(|descriptor| descriptor.kind == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        console.result(title)?;
        for descriptor in of_kind {
            console.result(format_args!("\n  {}: {}", descriptor.op, descriptor.summary.trim()))?;
            for parameter in descriptor.parameters {
                console.result(format_args!("    {}", line(parameter)))?;
            }
        }
        console.result("")?;
    }
    console
        .result("Every step also takes \"p\", its probability (default 1). A range is [low, high] or one number.")?;
    console.result("Groups: one_of (with weights), some_of (with count), sequence; each holds \"steps\".")?;
    Ok(Outcome::Done)
}

fn line(parameter: &Parameter) -> String {
    let unit = if parameter.unit.is_empty() { String::new() } else { format!(" {}", parameter.unit) };
    let takes = match parameter.control {
        Control::Number { min, max } => format!("number {min} to {max}{unit}"),
        Control::Integer { min, max } => format!("whole number {min} to {max}{unit}"),
        Control::Range { min, max } => format!("range in {min} to {max}{unit}"),
        Control::IntRange { min, max } => format!("whole range in {min} to {max}{unit}"),
        Control::Choice(words) => words.join(" | "),
        Control::Color => "[red, green, blue] or a gray".to_owned(),
        Control::Fill => "[red, green, blue], with alpha if wanted, or a gray".to_owned(),
        Control::Flag => "true or false".to_owned(),
    };
    format!("{} ({takes}; default {}): {}", parameter.name, (parameter.default)(), parameter.doc.trim())
}

fn describe(descriptor: &Descriptor) -> Value {
    let parameters: Vec<Value> = descriptor
        .parameters
        .iter()
        .map(|parameter| {
            let mut json = json!({
                "name": parameter.name,
                "doc": parameter.doc.trim(),
                "unit": parameter.unit,
                "default": (parameter.default)(),
            });
            let (control, min, max) = match parameter.control {
                Control::Number { min, max } => ("number", json!(min), json!(max)),
                Control::Integer { min, max } => ("integer", json!(min), json!(max)),
                Control::Range { min, max } => ("range", json!(min), json!(max)),
                Control::IntRange { min, max } => ("integer_range", json!(min), json!(max)),
                Control::Choice(words) => {
                    json["choices"] = json!(words);
                    ("choice", Value::Null, Value::Null)
                }
                Control::Color => ("color", Value::Null, Value::Null),
                Control::Fill => ("fill", Value::Null, Value::Null),
                Control::Flag => ("flag", Value::Null, Value::Null),
            };
            json["control"] = control.into();
            if !min.is_null() {
                json["min"] = min;
                json["max"] = max;
            }
            json
        })
        .collect();
    // Examples are written as JSON in the catalog; its tests see to that.
    let examples: Vec<Value> =
        descriptor.examples.iter().filter_map(|example| serde_json::from_str(example).ok()).collect();
    json!({
        "op": descriptor.op,
        "kind": descriptor.kind,
        "summary": descriptor.summary.trim(),
        "parameters": parameters,
        "examples": examples,
    })
}
