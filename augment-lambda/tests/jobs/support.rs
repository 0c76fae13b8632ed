//! Test support: a service over stores in memory, files to ingest, and events.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use augment_api::Limits;
use augment_core::codec::{Encoding, PngCompression, Subsampling, encode};
use augment_core::geometry::Size;
use augment_core::image::{Channels, Fill, Image};
use augment_lambda::{Datasets, Service, Stopping, handle};
use augment_records::{ImageRecord, Stores};
use augment_stores_port::memory::{MemoryObjects, MemoryRecords};
use augment_stores_port::{Area, Key, ObjectStore, system_clock};
use serde_json::{Value, json};

use crate::faulty_store::FaultyStore;

/// The bucket of originals in events.
pub(crate) const BUCKET: &str = "originals";

/// A service with access to its parts.
pub(crate) struct Bench {
    pub(crate) service: Service,
    pub(crate) objects: Arc<MemoryObjects>,
    pub(crate) faults: Arc<FaultyStore>,
    pub(crate) metrics: Arc<Mutex<Vec<Value>>>,
}

pub(crate) fn bench() -> Bench {
    let objects = Arc::new(MemoryObjects::new(system_clock()));
    let faults = Arc::new(FaultyStore::new(Arc::clone(&objects)));
    let metrics = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&metrics);
    let service = Service {
        stores: Stores {
            objects: Arc::<FaultyStore>::clone(&faults),
            records: Arc::new(MemoryRecords::default()),
            clock: system_clock(),
        },
        limits: Limits::default(),
        memory_bytes: None,
        originals: BUCKET.to_owned(),
        sign_in: false,
        datasets: Datasets::default(),
        metrics: Arc::new(move |line| sink.lock().unwrap().push(line.clone())),
        stopping: Stopping::default(),
    };
    Bench { service, objects, faults, metrics }
}

impl Bench {
    /// Puts a file like an S3 client and returns its event.
    pub(crate) fn put(&self, name: &str, metadata: &[(&str, &str)], bytes: &[u8]) -> Value {
        let metadata: BTreeMap<_, _> = metadata.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let key = Key::parse(Area::Originals, name).unwrap();
        self.objects.put_with(&key, "image/jpeg", metadata, bytes.to_vec().into());
        json!({ "Records": [{ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
            "s3": { "bucket": { "name": BUCKET }, "object": { "key": name.replace(' ', "+") } } }] })
    }

    pub(crate) async fn handle(&self, event: &Value) -> Result<Value, String> {
        handle(&self.service, event, None).await
    }

    pub(crate) async fn image(&self, id: &str) -> ImageRecord {
        self.service.stores.load(id).await.unwrap().0
    }

    /// An object of the results by its key without the generation, if it exists.
    pub(crate) async fn result(&self, name: &str) -> Option<Vec<u8>> {
        let (folder, rest) = name.split_once('/').unwrap();
        let (id, end) = rest.split_once('/').map_or_else(
            || (rest.strip_suffix(".zip").unwrap(), ".zip".to_owned()),
            |(id, end)| (id, format!("/{end}")),
        );
        let keys = self.objects.list(Area::Results, &format!("{folder}/{id}/"), usize::MAX).await.unwrap();
        let key = keys.iter().find(|key| key.name().ends_with(&end))?;
        self.objects.read(key, 0, u64::MAX).await.ok().map(|bytes| bytes.to_vec())
    }
}

/// Noise, which does not compress.
pub(crate) fn noise(width: u32, height: u32) -> Image {
    let mut state = 1u32;
    let samples = (0..width * height * 3)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    Image::from_samples(Size::new(width, height), Channels::Rgb, samples).unwrap()
}

pub(crate) fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let encoding = Encoding::Jpeg { quality: 90, subsampling: Subsampling::Quarter };
    encode(&noise(width, height), &encoding, None, Fill::BLACK).unwrap()
}

pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    encode(&noise(width, height), &Encoding::Png { compression: PngCompression::Fast }, None, Fill::BLACK).unwrap()
}
