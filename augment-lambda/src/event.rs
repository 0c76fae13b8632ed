//! What an invocation asks for: S3 notifications, queues of them, rows of the table's stream, and direct requests.

use augment_api::is_id;
use augment_stores_port::{Area, Key};
use serde_json::Value;

/// One thing to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// The job of an image, if one waits.
    Image(String),
    /// A file that came into the originals: perhaps a drop.
    Object(Key),
    /// The zip that the batch service made of a large drop, by the drop's key, with the zip's SHA-256.
    Large(Key, String),
}

/// A step of a job over a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobStep {
    /// One item.
    Item(u32),
    /// The zip of all items, and the end of the job.
    Assemble,
    /// The end of a job that could not be assembled, and why.
    Stopped(String),
}

/// An invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A step of the job of an id.
    Dataset(String, JobStep),
    /// All of it succeeds or fails together.
    Direct(Vec<Task>),
    /// Messages of a queue, each of which succeeds or comes again by itself.
    Queue(Vec<Message>),
}

/// A message of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// By which the queue is told of failures.
    pub id: String,
    /// What it asks for, or why it cannot be understood.
    pub orders: Result<Vec<Task>, String>,
}

impl Event {
    /// Reads an invocation. Events of buckets other than `bucket` ask for nothing.
    ///
    /// # Errors
    /// What is wrong with it, for the log.
    pub fn parse(event: &Value, bucket: &str) -> Result<Self, String> {
        if let Some(id) = text(event, "job") {
            let order = of_dataset(event).ok_or("the event asks for no step of a job")?;
            let id = Some(id).filter(|id| is_id(id)).ok_or("the job's id is none: 1 to 20 letters and digits")?;
            return Ok(Self::Dataset(id.to_owned(), order));
        }
        let records = event["Records"].as_array().filter(|records| {
            // An empty batch and one of another source are read below.
            records.first().is_some_and(|record| text(record, "eventSource") == Some("aws:sqs"))
        });
        let Some(records) = records else { return orders(event, bucket).map(Self::Direct) };
        let message = |record: &Value| {
            let id = text(record, "messageId").ok_or("a message of the queue has no id")?.to_owned();
            let body = text(record, "body").unwrap_or_default();
            let body = serde_json::from_str(body).map_err(|error| format!("the message is no JSON: {error}"));
            Ok(Message { id, orders: body.and_then(|body| orders(&body, bucket)) })
        };
        records.iter().map(message).collect::<Result<_, String>>().map(Self::Queue)
    }
}

/// Which step of a job an event asks for.
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

/// What an event of any of the forms asks for.
fn orders(event: &Value, bucket: &str) -> Result<Vec<Task>, String> {
    if let Some(list) = event.as_array().or_else(|| event["Records"].as_array()) {
        let mut all = Vec::new();
        for record in list {
            all.extend(orders(record, bucket)?);
        }
        return Ok(all);
    }
    // Sent once when notifications are switched on.
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
            Ok(vec![Task::Large(key, sha256.to_owned())])
        } else {
            Err("the hash is none".to_owned())
        };
    }
    match text(event, "id") {
        Some(id) if is_id(id) => Ok(vec![Task::Image(id.to_owned())]),
        Some(_) => Err("the id is none: 1 to 20 letters and digits".to_owned()),
        None => Err("the event has none of the forms that are understood".to_owned()),
    }
}

/// A notification of S3 about one object.
fn of_object(event: &Value, bucket: &str) -> Result<Vec<Task>, String> {
    let created =
        text(event, "eventName").is_some_and(|name| name.trim_start_matches("s3:").starts_with("ObjectCreated:"));
    let object = &event["s3"];
    if !created || text(&object["bucket"], "name") != Some(bucket) {
        return Ok(Vec::new());
    }
    let key = text(&object["object"], "key").and_then(form_decoded).ok_or("the key in the event cannot be decoded")?;
    let key = Key::parse(Area::Originals, &key).map_err(|error| error.to_string())?;
    Ok(vec![Task::Object(key)])
}

/// A row of the table as its stream shows it: a record, or its place in a list. Other rows ask for nothing.
fn of_row(row: &Value) -> Option<Task> {
    let named = |attribute: &str| row[attribute]["S"].as_str().and_then(|key| key.strip_prefix("image/"));
    let id = named("key").or_else(|| named("pk"))?;
    is_id(id).then(|| Task::Image(id.to_owned()))
}

/// A text as forms encode it, which is how S3 writes keys: `+` for a blank, the rest by percent signs.
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

    fn object(name: &str) -> Task {
        Task::Object(Key::parse(Area::Originals, name).unwrap())
    }

    fn s3(event: &str, bucket: &str, key: &str) -> Value {
        json!({ "eventSource": "aws:s3", "eventName": event,
                "s3": { "bucket": { "name": bucket }, "object": { "key": key, "eTag": "x" } } })
    }

    fn direct(event: &Value) -> Result<Vec<Task>, String> {
        match Event::parse(event, "originals-bucket")? {
            Event::Direct(orders) => Ok(orders),
            other => panic!("this is no queue and no dataset: {other:?}"),
        }
    }

    #[test]
    fn a_step_of_a_job_is_named_by_its_id() {
        let step = |event: Value| Event::parse(&event, "originals-bucket");
        let dataset = |order| Ok(Event::Dataset("j1".to_owned(), order));
        assert_eq!(step(json!({ "job": "j1", "item": 7 })), dataset(JobStep::Item(7)));
        assert_eq!(step(json!({ "job": "j1", "assemble": true })), dataset(JobStep::Assemble));
        assert_eq!(
            step(json!({ "job": "j1", "stopped": "no time" })),
            dataset(JobStep::Stopped("no time".into()))
        );
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
    fn keys_are_decoded_as_forms_are() {
        let event = json!({ "Records": [
            s3("ObjectCreated:Put", "originals-bucket", "originals/a1/two+words+%26+%C3%A9%2B.jpg"),
            s3("ObjectCreated:CompleteMultipartUpload", "originals-bucket", "originals/b.jpg"),
        ]});
        let expected = vec![object("originals/a1/two words & é+.jpg"), object("originals/b.jpg")];
        assert_eq!(direct(&event), Ok(expected), "blanks, percent signs, a real plus");
        for bad in ["a%2", "a%zz", "a%+1", "a%ff", "a%2F..%2Fb", "a//b"] {
            let event = json!({ "Records": [s3("ObjectCreated:Put", "originals-bucket", bad)] });
            assert!(direct(&event).is_err(), "{bad} is no key");
        }
    }

    #[test]
    fn what_is_no_arrival_in_the_originals_asks_for_nothing() {
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
        let both = vec![Task::Image("a1".into()), Task::Image("b2".into())];
        assert_eq!(direct(&json!([place, record, counter, removed])), Ok(both), "rows of images alone");
        assert_eq!(direct(&json!({ "Records": [place] })), Ok(vec![Task::Image("a1".into())]), "the stream itself");
    }

    #[test]
    fn messages_are_understood_one_by_one() {
        let message = |id: &str, body: String| json!({ "messageId": id, "eventSource": "aws:sqs", "body": body });
        let arrival = json!({ "Records": [s3("ObjectCreated:Put", "originals-bucket", "originals/b.jpg")] });
        let event = json!({ "Records": [
            message("1", arrival.to_string()), message("2", "no JSON".into()), message("3", r#"{"id":"a1"}"#.into()),
            message("4", r#"{"id":"../x"}"#.into()),
        ]});
        let Ok(Event::Queue(messages)) = Event::parse(&event, "originals-bucket") else { panic!("a queue") };
        let understood: Vec<_> = messages.iter().map(|message| message.orders.clone().ok()).collect();
        let expected = [Some(vec![object("originals/b.jpg")]), None, Some(vec![Task::Image("a1".into())]), None];
        assert_eq!(understood, expected, "a bad one harms no other");
    }
}
