//! The rows of the table: records, list entries, list names and counters.
//!
//! | `pk` | `sk` | content |
//! | --- | --- | --- |
//! | the record's key | `#` | the record as JSON, its `version`, `kind` and `expires` |
//! | `list#` and a list's name | the record's `sort`, U+0001, its key | the record's `key`: an entry of the list |
//! | `lists` | a list's name | marks a list that has had a record |
//! | a counter's key | `#` | the amount `spent` |
//!
//! `expires` (seconds since 1970) is the table's time to live; `kind` and `expires` form the index `expiry`.

use std::collections::BTreeMap;

use augment_stores_port::{Record, StoreError, StoreResult};
use aws_sdk_dynamodb::types::AttributeValue;

/// A row of the table.
pub(crate) type Row = BTreeMap<String, AttributeValue>;

/// The sort key of rows without one of their own.
pub(crate) const ALONE: &str = "#";
/// The partition of list names.
pub(crate) const NAMES: &str = "lists";
/// The `kind` of records.
pub(crate) const RECORD: &str = "record";

pub(crate) fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(crate) fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// The primary key of a row.
pub(crate) fn row_key(pk: impl Into<String>, sk: impl Into<String>) -> Row {
    BTreeMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

/// The row of a record.
pub(crate) fn of_record(record: &Record) -> StoreResult<Row> {
    let mut item = row_key(&record.key, ALONE);
    item.insert("record".to_owned(), text(serde_json::to_string(record).map_err(StoreError::other)?));
    item.insert("version".to_owned(), number(record.version));
    item.insert("kind".to_owned(), text(RECORD));
    item.extend(record.expires.map(|expires| ("expires".to_owned(), number(expires))));
    Ok(item)
}

/// The record in a row's attribute `record`.
pub(crate) fn to_record(attribute: Option<&AttributeValue>) -> StoreResult<Record> {
    let json = attribute.and_then(|value| value.as_s().ok());
    let json = json.ok_or_else(|| StoreError::other("a table row has no record"))?;
    serde_json::from_str(json).map_err(StoreError::other)
}

/// The partition of a list.
pub(crate) fn list_of(list: &str) -> String {
    format!("list#{list}")
}

/// A record's entry in a list. U+0001 separates sort and key, since it sorts before their characters.
pub(crate) fn in_list(record: &Record, list: &str) -> Row {
    let mut item = row_key(list_of(list), format!("{}\u{1}{}", record.sort, record.key));
    item.insert("key".to_owned(), text(&record.key));
    item.extend(record.expires.map(|expires| ("expires".to_owned(), number(expires))));
    item
}

/// Only the primary key of a row.
pub(crate) fn key_of(mut item: Row) -> Row {
    item.retain(|name, _| name == "pk" || name == "sk");
    item
}
