//! The environment of the function under test: store, table, queue, processes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use augment_api_tests::moto::Moto;
use augment_api_tests::queue::Queue;
use augment_api_tests::s3::{self, Faults};
use augment_api_tests::workers::{Setup, Worker};
use augment_records::{ImageRecord, Stores};
use augment_stores_aws::{Connection, Credentials, DynamoRecords, S3Objects};
use augment_stores_local::{AccessKey, ORIGINALS_BUCKET, PutHook, REGION, RESULTS_BUCKET};
use augment_stores_port::{Area, Key, system_clock};

/// A deployment without the API.
pub(crate) struct Harness {
    _home: tempfile::TempDir,
    moto: Moto,
    access: AccessKey,
    endpoint: String,
    pub(crate) stores: Stores,
    pub(crate) queue: Arc<Queue>,
    pub(crate) faults: Arc<Faults>,
}

impl Harness {
    /// A harness whose queue delivers a message at most 4 times, as in the template.
    pub(crate) async fn new(hidden: Duration) -> Self {
        let home = tempfile::tempdir().unwrap();
        let moto = Moto::start().await;
        let access = AccessKey::fresh().unwrap();
        let queue = Arc::new(Queue::new(4, hidden));
        let faults = Arc::new(Faults::default());
        let sent = Arc::clone(&queue);
        let arrived: PutHook = Arc::new(move |key: &Key| {
            if key.area() == Area::Originals {
                sent.arrived(ORIGINALS_BUCKET, key.name());
            }
        });
        let endpoint = s3::start(home.path(), &access, Some(arrived), Arc::clone(&faults)).await;
        let connection = connection(&access, &endpoint, &moto);
        let records = DynamoRecords::new(connection.dynamodb(), "images");
        records.make_table().await.unwrap();
        let objects = S3Objects::new(connection.s3(), ORIGINALS_BUCKET, RESULTS_BUCKET);
        let stores = Stores { objects: Arc::new(objects), records: Arc::new(records), clock: system_clock() };
        Self { _home: home, moto, access, endpoint, stores, queue, faults }
    }

    /// An instance of the function with limits.
    pub(crate) async fn worker(&self, memory_mb: u64, time: Duration) -> Arc<Worker> {
        let program = std::env::var_os("AUGMENT_LAMBDA").expect("the function is built by `cargo xtask aws`");
        let environment = vec![
            ("AWS_ACCESS_KEY_ID", self.access.id.clone()),
            ("AWS_SECRET_ACCESS_KEY", self.access.secret.clone()),
            ("AWS_REGION", REGION.to_owned()),
            ("DELTA_TABLE", "images".to_owned()),
            ("DELTA_ORIGINALS_BUCKET", ORIGINALS_BUCKET.to_owned()),
            ("DELTA_RESULTS_BUCKET", RESULTS_BUCKET.to_owned()),
            ("DELTA_S3_ENDPOINT", self.endpoint.clone()),
            ("DELTA_DYNAMODB_ENDPOINT", self.moto.endpoint.clone()),
        ];
        Arc::new(Worker::start(Setup { program: PathBuf::from(program), environment, memory_mb, time }).await)
    }

    /// Puts a file like an S3 client.
    pub(crate) async fn put(&self, key: &str, metadata: &[(&str, &str)], bytes: Vec<u8>) {
        let client = connection(&self.access, &self.endpoint, &self.moto).s3();
        let mut put = client.put_object().bucket(ORIGINALS_BUCKET).key(key).body(bytes.into());
        for (name, value) in metadata {
            put = put.metadata(*name, *value);
        }
        put.send().await.unwrap();
    }

    pub(crate) async fn image(&self, id: &str) -> ImageRecord {
        self.stores.load(id).await.unwrap().0
    }

    /// The zip of an image.
    pub(crate) async fn zip(&self, id: &str) -> Vec<u8> {
        let key = Key::new(Area::Results, &["results", &format!("{id}.zip")]).unwrap();
        let size = self.stores.objects.head(&key).await.unwrap().size;
        self.stores.objects.read(&key, 0, size).await.unwrap().to_vec()
    }
}

fn connection(access: &AccessKey, endpoint: &str, moto: &Moto) -> Connection {
    Connection {
        region: REGION.to_owned(),
        credentials: Credentials { id: access.id.clone(), secret: access.secret.clone(), session: None },
        s3_endpoint: Some(endpoint.to_owned()),
        dynamodb_endpoint: Some(moto.endpoint.clone()),
    }
}
