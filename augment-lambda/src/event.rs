//! Parsing of invocation events: S3 notifications, SQS batches, rows of the table's stream, and direct requests.

use augment_api::is_id;
use augment_stores_port::{Area, Key};
use serde_json::Value;

/// One task of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventTask {
    /// The waiting job of an image, if any.
    Image(String),
    /// A new object in the originals, perhaps to ingest.
    Object(Key),
    /// The batch service's zip of a large file, by the file's key, with the zip's SHA-256.
    Large(Key, String),
}

/// A step of a job over a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobStep {
    /// One item.
    Item(u32),
    /// The assembly of all items, which ends the job.
    Assemble,
    /// The failure of a job that could not be assembled, with the reason.
    Stopped(String),
}

/// A parsed event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A step of the job with this id.
    Dataset(String, JobStep),
    /// Tasks that succeed or fail together.
    Direct(Vec<EventTask>),
    /// Messages of a queue; each succeeds or is redelivered on its own.
    Queue(Vec<Message>),
}

/// A message of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The message id, which identifies failures.
    pub id: String,
    /// Its tasks, or why it cannot be parsed.
    pub tasks: Result<Vec<EventTask>, String>,
}

impl Event {
    /// Parses an event. Objects of buckets other than `bucket` are ignored.
    ///
    /// # Errors
    /// The parse error, for the log.
    pub fn parse(event: &Value, bucket: &str) -> Result<Self, String> {
        if let Some(id) = text(event, "job") {
            let order = of_dataset(event).ok_or("the event names no step of a job")?;
            let id = Some(id).filter(|id| is_id(id)).ok_or("the job's id is invalid: 1 to 20 letters and digits")?;
            return Ok(Self::Dataset(id.to_owned(), order));
        }
        let records = event["Records"].as_array().filter(|records| {
            // Empty batches and other sources are handled below.
            records.first().is_some_and(|record| text(record, "eventSource") == Some("aws:sqs"))
        });
        let Some(records) = records else { return tasks(event, bucket).map(Self::Direct) };
        let message = |record: &Value| {
            let id = text(record, "messageId").ok_or("a message of the queue has no id")?.to_owned();
            let body = text(record, "body").unwrap_or_default();
            let body = serde_json::from_str(body).map_err(|error| format!("the message is not JSON: {error}"));
            Ok(Message { id, tasks: body.and_then(|body| tasks(&body, bucket)) })
        };
        records.iter().map(message).collect::<Result<_, String>>().map(Self::Queue)
    }
}

/// The job step in an event.
fn of_dataset(event: &Value) -> Option<JobStep> {
    match (event["item"].as_u64(), &event["assemble"], text(event, "stopped")) {
        (Some(item), Value::Null, None) => u32::try_from(item).ok().map(JobStep::Item),
        (None, Value::Bool(true), None) => Some(JobStep::Assemble),
        (None, Value::Null, Some(why)) => Some(JobStep::Stopped(why.to_owned())),
        _ => None,
    }
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value[name].as_str()
}

/// The tasks of an event of any form.
fn tasks(event: &Value, bucket: &str) -> Result<Vec<EventTask>, String> {
    if let Some(list) = event.as_array().or_else(|| event["Records"].as_array()) {
        let mut all = Vec::new();
        for record in list {
            all.extend(tasks(record, bucket)?);
        }
        return Ok(all);
    }
    // S3 sends this once when notifications are enabled.
    if text(event, "Event") == Some("s3:TestEvent") {
        return Ok(Vec::new());
    }
    if event["s3"].is_object() {
        return of_object(event, bucket);
    }
    if event["dynamodb"].is_object() {
        return Ok(of_row(&event["dynamodb"]["NewImage"]).into_iter().collect());
    }
    if let (Some(key), Some(sha256)) = (text(event, "large"), text(event, "sha256")) {
        let key = Key::parse(Area::Originals, key).map_err(|error| error.to_string())?;
        let is_hash = sha256.len() == 64 && sha256.bytes().all(|digit| digit.is_ascii_hexdigit());
        return if is_hash {
            Ok(vec![EventTask::Large(key, sha256.to_owned())])
        } else {
            Err("the hash is invalid".to_owned())
        };
    }
    match text(event, "id") {
        Some(id) if is_id(id) => Ok(vec![EventTask::Image(id.to_owned())]),
        Some(_) => Err("the id is invalid: 1 to 20 letters and digits".to_owned()),
        None => Err("the event has an unknown form".to_owned()),
    }
}

/// The task of an S3 notification.
fn of_object(event: &Value, bucket: &str) -> Result<Vec<EventTask>, String> {
    let created =
        text(event, "eventName").is_some_and(|name| name.trim_start_matches("s3:").starts_with("ObjectCreated:"));
    let object = &event["s3"];
    if !created || text(&object["bucket"], "name") != Some(bucket) {
        return Ok(Vec::new());
    }
    let key = text(&object["object"], "key").and_then(form_decoded).ok_or("the key in the event cannot be decoded")?;
    let key = Key::parse(Area::Originals, &key).map_err(|error| error.to_string())?;
    Ok(vec![EventTask::Object(key)])
}

/// The task of a stream row, which is a record or its entry in a list. Other rows are ignored.
fn of_row(row: &Value) -> Option<EventTask> {
    let named = |attribute: &str| row[attribute]["S"].as_str().and_then(|key| key.strip_prefix("image/"));
    let id = named("key").or_else(|| named("pk"))?;
    is_id(id).then(|| EventTask::Image(id.to_owned()))
}

/// Decodes form encoding, which S3 uses for keys: `+` for a space, percent escapes for the rest.
fn form_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok())?;
                bytes.push(u8::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with(['+', '-']))?);
                rest = &rest[2..];
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(name: &str) -> EventTask {
        EventTask::Object(Key::parse(Area::Originals, name).unwrap())
    }

    fn s3(event: &str, bucket: &str, key: &str) -> Value {
        json!({ "eventSource": "aws:s3", "eventName": event,
                "s3": { "bucket": { "name": bucket }, "object": { "key": key, "eTag": "x" } } })
    }

    fn direct(event: &Value) -> Result<Vec<EventTask>, String> {
        match Event::parse(event, "originals-bucket")? {
            Event::Direct(tasks) => Ok(tasks),
            other => panic!("not a direct event: {other:?}"),
        }
    }

    #[test]
    fn a_step_of_a_job_is_named_by_its_id() {
        let step = |event: Value| Event::parse(&event, "originals-bucket");
        let dataset = |order| Ok(Event::Dataset("j1".to_owned(), order));
        assert_eq!(step(json!({ "job": "j1", "item": 7 })), dataset(JobStep::Item(7)));
        assert_eq!(step(json!({ "job": "j1", "assemble": true })), dataset(JobStep::Assemble));
        assert_eq!(step(json!({ "job": "j1", "stopped": "no time" })), dataset(JobStep::Stopped("no time".into())));
        for bad in [
            json!({ "job": "j1" }),
            json!({ "job": "../x", "item": 1 }),
            json!({ "job": "j1", "item": -1 }),
            json!({ "job": "j1", "item": 1, "assemble": true }),
            json!({ "job": "j1", "assemble": false }),
        ] {
            assert!(step(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn keys_are_form_decoded() {
        let event = json!({ "Records": [
            s3("ObjectCreated:Put", "originals-bucket", "originals/a1/two+words+%26+%C3%A9%2B.jpg"),
            s3("ObjectCreated:CompleteMultipartUpload", "originals-bucket", "originals/b.jpg"),
        ]});
        let expected = vec![object("originals/a1/two words & é+.jpg"), object("originals/b.jpg")];
        assert_eq!(direct(&event), Ok(expected), "spaces, escapes, a literal plus");
        for bad in ["a%2", "a%zz", "a%+1", "a%ff", "a%2F..%2Fb", "a//b"] {
            let event = json!({ "Records": [s3("ObjectCreated:Put", "originals-bucket", bad)] });
            assert!(direct(&event).is_err(), "{bad} is not a key");
        }
    }

    #[test]
    fn other_events_are_ignored() {
        let test = json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "originals-bucket" });
        let others = json!({ "Records": [
            s3("ObjectCreated:Put", "another-bucket", "results/a.zip"),
            s3("ObjectRemoved:Delete", "originals-bucket", "originals/a/b.jpg"),
        ]});
        for event in [test, others, json!({ "Records": [] }), json!([])] {
            assert_eq!(direct(&event), Ok(vec![]), "{event}");
        }
    }

    #[test]
    fn a_row_of_the_stream_names_its_image() {
        let place = json!({ "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": {
            "Keys": { "pk": { "S": "list#jobs" }, "sk": { "S": "0001a1\u{1}image/a1" } },
            "NewImage": { "pk": { "S": "list#jobs" }, "key": { "S": "image/a1" } } } });
        let record = json!({ "eventName": "MODIFY", "dynamodb": { "NewImage": { "pk": { "S": "image/b2" } } } });
        let counter = json!({ "dynamodb": { "NewImage": { "pk": { "S": "budget/1/bytes" } } } });
        let removed = json!({ "eventName": "REMOVE", "dynamodb": { "Keys": { "pk": { "S": "image/c3" } } } });
        let both = vec![EventTask::Image("a1".into()), EventTask::Image("b2".into())];
        assert_eq!(direct(&json!([place, record, counter, removed])), Ok(both), "rows of images alone");
        assert_eq!(
            direct(&json!({ "Records": [place] })),
            Ok(vec![EventTask::Image("a1".into())]),
            "the stream itself"
        );
    }

    #[test]
    fn messages_are_parsed_one_by_one() {
        let message = |id: &str, body: String| json!({ "messageId": id, "eventSource": "aws:sqs", "body": body });
        let arrival = json!({ "Records": [s3("ObjectCreated:Put", "originals-bucket", "originals/b.jpg")] });
        let event = json!({ "Records": [
            message("1", arrival.to_string()), message("2", "no JSON".into()), message("3", r#"{"id":"a1"}"#.into()),
            message("4", r#"{"id":"../x"}"#.into()),
        ]});
        let Ok(Event::Queue(messages)) = Event::parse(&event, "originals-bucket") else { panic!("a queue") };
        let parsed: Vec<_> = messages.iter().map(|message| message.tasks.clone().ok()).collect();
        let expected = [Some(vec![object("originals/b.jpg")]), None, Some(vec![EventTask::Image("a1".into())]), None];
        assert_eq!(parsed, expected, "a bad message does not affect others");
    }
}
