//! Metric lines in the embedded metric format of CloudWatch.

use std::sync::Arc;

use serde_json::{Value, json};

/// Receives metric lines.
pub type MetricSink = Arc<dyn Fn(&Value) + Send + Sync>;

/// A figure's name, unit and value.
pub type Figure = (&'static str, &'static str, Value);

/// The metrics' namespace.
const NAMESPACE: &str = "DeltaAugment";

/// One metric line. Each set of figures has the name and value of its dimension.
#[must_use]
pub fn metric_line(at_ms: u64, sets: Vec<(&str, &str, Vec<Figure>)>) -> Value {
    let (mut line, mut described) = (json!({}), Vec::new());
    for (dimension, value, figures) in sets {
        line[dimension] = value.into();
        let metrics: Vec<Value> = figures.iter().map(|(name, unit, _)| json!({ "Name": name, "Unit": unit })).collect();
        described.push(json!({ "Namespace": NAMESPACE, "Dimensions": [[dimension]], "Metrics": metrics }));
        for (name, _, value) in figures {
            line[name] = value;
        }
    }
    line["_aws"] = json!({ "Timestamp": at_ms, "CloudWatchMetrics": described });
    line
}
