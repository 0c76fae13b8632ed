//! The promises of record stores.

use std::sync::Arc;

use crate::error::StoreError;
use crate::record::{Record, RecordStore, Spend};

fn record(key: &str, sort: &str, lists: &[&str]) -> Record {
    Record {
        key: key.to_owned(),
        version: 1,
        sort: sort.to_owned(),
        lists: lists.iter().map(|list| (*list).to_owned()).collect(),
        expires: None,
        body: format!("{{\"key\":\"{key}\"}}"),
    }
}

async fn keys(store: &dyn RecordStore, list: &str, before: Option<&str>, limit: usize) -> (Vec<String>, bool) {
    let listed = store.list(list, before, limit).await.unwrap();
    (listed.records.into_iter().map(|record| record.key).collect(), listed.more)
}

/// Runs the suite over an empty store.
///
/// # Panics
/// If the store breaks a promise.
pub async fn record_store(store: &dyn RecordStore) {
    writes_are_conditional(store).await;
    lists_follow_their_records(store).await;
    expired_records_are_found(store).await;
    counters_keep_their_limits(store).await;
}

async fn writes_are_conditional(store: &dyn RecordStore) {
    store.check().await.unwrap();
    let first = record("c/a", "1", &["c"]);
    assert!(matches!(store.get("c/a").await, Err(StoreError::NotFound)), "missing at first");
    assert!(matches!(store.replace(first.clone()).await, Err(StoreError::NotFound)), "nothing to replace");
    assert!(matches!(store.remove("c/a", 1).await, Err(StoreError::NotFound)), "nothing to remove");
    store.create(first.clone()).await.unwrap();
    assert_eq!(store.get("c/a").await.unwrap(), first, "created");
    assert!(matches!(store.create(first.clone()).await, Err(StoreError::AlreadyExists)), "a key is unique");
    let second = Record { version: 2, body: "{\"n\":2}".to_owned(), ..first.clone() };
    store.replace(second.clone()).await.unwrap();
    assert!(matches!(store.replace(second.clone()).await, Err(StoreError::Precondition)), "an old version loses");
    assert!(matches!(store.remove("c/a", 1).await, Err(StoreError::Precondition)), "also for removal");
    assert_eq!(store.get("c/a").await.unwrap(), second, "the loser changed nothing");
    store.remove("c/a", 2).await.unwrap();
    assert!(matches!(store.get("c/a").await, Err(StoreError::NotFound)), "removed");
    assert_eq!(keys(store, "c", None, 10).await.0, Vec::<String>::new(), "also from its list");
    store.create(first).await.unwrap();
    store.remove("c/a", 1).await.unwrap();
}

async fn lists_follow_their_records(store: &dyn RecordStore) {
    for (key, sort, lists) in [
        ("l/1", "1001", &["all", "all#tag#cat", "all#tag#dog"][..]),
        ("l/3", "1003", &["all", "all#tag#cat"]),
        ("l/2", "1002", &["all", "all#group#g"]),
        ("l/4", "1004", &["alle"]),
    ] {
        store.create(record(key, sort, lists)).await.unwrap();
    }
    assert_eq!(
        keys(store, "all", None, 10).await,
        (vec!["l/3".into(), "l/2".into(), "l/1".into()], false),
        "newest first"
    );
    assert_eq!(keys(store, "all", None, 2).await, (vec!["l/3".into(), "l/2".into()], true), "a page, and more");
    assert_eq!(keys(store, "all", Some("1002"), 2).await, (vec!["l/1".into()], false), "the rest");
    let oldest = store.oldest("all", 2).await.unwrap();
    assert_eq!(oldest.iter().map(|record| record.key.as_str()).collect::<Vec<_>>(), ["l/1", "l/2"], "oldest first");
    assert_eq!(keys(store, "all#tag#cat", None, 10).await.0, ["l/3", "l/1"], "a narrower list");
    assert_eq!(store.lists("all#tag#", 10).await.unwrap(), ["all#tag#cat", "all#tag#dog"], "names of lists");
    assert_eq!(store.lists("all#tag#", 1).await.unwrap(), ["all#tag#cat"], "at most the limit");
    let moved = Record { version: 2, ..record("l/1", "1001", &["all", "all#tag#fox"]) };
    store.replace(moved).await.unwrap();
    assert_eq!(keys(store, "all#tag#cat", None, 10).await.0, ["l/3"], "an update leaves lists");
    assert_eq!(keys(store, "all#tag#fox", None, 10).await.0, ["l/1"], "and joins others");
    assert_eq!(store.lists("all#tag#", 10).await.unwrap(), ["all#tag#cat", "all#tag#fox"], "no empty list");
    let listed = store.list("all#tag#fox", None, 10).await.unwrap();
    assert_eq!(listed.records[0].version, 2, "a list returns the current record");
}

async fn expired_records_are_found(store: &dyn RecordStore) {
    let mut short = record("e/short", "1", &[]);
    short.expires = Some(100);
    let mut long = record("e/long", "1", &[]);
    long.expires = Some(200);
    store.create(short).await.unwrap();
    store.create(long).await.unwrap();
    assert_eq!(store.expired(150, 10).await.unwrap(), ["e/short"], "only expired records");
    let mut longer = record("e/short", "1", &[]);
    (longer.version, longer.expires) = (2, Some(300));
    store.replace(longer).await.unwrap();
    assert_eq!(store.expired(250, 10).await.unwrap(), ["e/long"], "an extended record does not expire");
    store.remove("e/long", 1).await.unwrap();
    assert_eq!(store.expired(250, 10).await.unwrap(), Vec::<String>::new(), "removed records do not expire");
}

async fn counters_keep_their_limits(store: &dyn RecordStore) {
    let spend = |amount| Spend { key: "day/me".to_owned(), amount, limit: 10, expires: 4_000_000_000 };
    store.spend(&spend(6)).await.unwrap();
    assert!(matches!(store.spend(&spend(5)).await, Err(StoreError::Precondition)), "11 of 10");
    store.spend(&spend(4)).await.unwrap();
    assert!(matches!(store.spend(&spend(1)).await, Err(StoreError::Precondition)), "the counter is full");
    assert!(
        matches!(store.spend(&Spend { key: "day/new".into(), ..spend(11) }).await, Err(StoreError::Precondition)),
        "also for a new counter"
    );
    assert!(store.spend(&Spend { key: "day/other".into(), ..spend(10) }).await.is_ok(), "counters are independent");
}

/// Races for keys, versions and counters: one of many writers wins in every round.
///
/// # Panics
/// If two writers win, or none.
pub async fn record_store_races(store: Arc<dyn RecordStore>, rounds: usize, writers: usize) {
    for round in 0..rounds {
        let key = format!("race/{round}");
        let wins = race(&store, writers, |store, n| {
            let record = record(&key, &n.to_string(), &["race"]);
            async move { store.create(record).await }
        })
        .await;
        assert_eq!(wins, 1, "round {round}: one creates the record");
        let sort = store.get(&key).await.unwrap().sort;
        let wins = race(&store, writers, |store, n| {
            let record = Record { version: 2, body: n.to_string(), ..record(&key, &sort, &["race"]) };
            async move { store.replace(record).await }
        })
        .await;
        assert_eq!(wins, 1, "round {round}: one changes it");
        let wins = race(&store, writers, |store, _| {
            let spend = Spend { key: format!("spend/{round}"), amount: 1, limit: 3, expires: 4_000_000_000 };
            async move { store.spend(&spend).await }
        })
        .await;
        assert_eq!(wins, 3.min(writers), "round {round}: a counter stops at its limit");
    }
}

async fn race<F: Future<Output = Result<(), StoreError>> + Send + 'static>(
    store: &Arc<dyn RecordStore>,
    writers: usize,
    write: impl Fn(Arc<dyn RecordStore>, usize) -> F,
) -> usize {
    let tasks: Vec<_> = (0..writers).map(|n| tokio::spawn(write(Arc::clone(store), n))).collect();
    let mut wins = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => wins += 1,
            Err(StoreError::AlreadyExists | StoreError::Precondition) => {}
            Err(error) => panic!("the loser of a race got {error}"),
        }
    }
    wins
}
