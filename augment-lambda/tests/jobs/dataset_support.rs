//! Test support for jobs over datasets: objects and record as the API writes them, and the expected zip.

use augment_api::{Content, JobState, Limits as ApiLimits, NewJob};
use augment_core::archive::ZipSink;
use augment_core::digest::Digest;
use augment_core::error::Error;
use augment_core::files::InMemory;
use augment_core::formats::{LabelChoice, LabelFormat};
use augment_core::limits::Limits;
use augment_core::output::Assembler;
use augment_core::pipeline::RunSpec;
use augment_core::plan::Recipe;
use augment_core::run::{CopyFailures, InputDataset, Partners, Workload, cause, copy_cause};
use augment_records::Document;
use augment_records::dataset::{DatasetImage, DatasetItem, JobRecord};
use augment_stores_port::{Area, Key};
use serde_json::{Value, json};

use crate::support::Bench;

pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// Whether a file is uploaded as an image.
fn is_image(name: &str) -> bool {
    (name.ends_with(".jpg") || name.ends_with(".png")) && !name.contains("_mask")
}

/// The zip that `delta augment` makes of these files.
pub(crate) fn wanted(files: &Files, recipe: &Value, format: Option<LabelFormat>) -> Vec<u8> {
    let limits = Limits::default();
    let found = InputDataset::open(InMemory::from_iter(files.clone()), false, LabelChoice::Auto, limits).unwrap();
    let recipe = Recipe::from_value(recipe.clone()).unwrap();
    let (seed, mixes) = (recipe.seed.unwrap(), recipe.mixes());
    let job = RunSpec::new(recipe, seed, &found.dataset, found.dataset.written_format(format), limits);
    let mut assembler = Assembler::new(ZipSink::new(Vec::new()));
    for problem in &found.dataset.problems {
        assembler.fail(&problem.file, &told(&problem.file, &problem.error));
    }
    let items = 0..found.dataset.items.len();
    let mut digests = Vec::new();
    if mixes {
        let usable = |item: &usize| found.read(*item).and_then(|(raw, _)| found.prepare(&job, *item, raw)).ok();
        digests.extend(items.clone().filter_map(|item| Some((usable(&item)?.digest, item))));
    }
    let job = job.with_partners(digests.iter().map(|(digest, _)| *digest).collect());
    let (partners, work) = (Partners::new(digests), Workload::new(&found, &job, false));
    let mut failures = CopyFailures::default();
    for item in items {
        let name = &found.dataset.items[item].name;
        let prepared = match found.read(item).and_then(|(raw, _)| found.prepare(&job, item, raw)) {
            Ok(prepared) => prepared,
            Err(error) => {
                assembler.fail(name, &told(name, &error));
                continue;
            }
        };
        for copy in 0..work.copies() {
            match work.render(&found, &job, &partners, (item, &prepared), copy) {
                Ok((output, _)) => assembler.push(output).unwrap(),
                Err(error) if failures.is_new(item, &error.to_string()) => {
                    let words = copy_cause(name, copy, &error.to_string());
                    assembler.fail(name, &Error::new(error.kind(), words));
                }
                Err(_) => {}
            }
        }
    }
    let recipe = job.recipe_json();
    assembler.finish(job.label_writer(), Some(&recipe)).unwrap().0.finish().unwrap()
}

fn told(name: &str, error: &Error) -> Error {
    Error::new(error.kind(), cause(name, &error.to_string()))
}

impl Bench {
    fn put_object(&self, key: &Key, bytes: Vec<u8>) {
        self.objects.put_with(key, "application/octet-stream", Default::default(), bytes.into());
    }

    /// A running job over files, as the API writes it.
    pub(crate) async fn job(
        &self,
        id: &str,
        files: &Files,
        recipe: &Value,
        per_item: u32,
        format: Option<LabelFormat>,
    ) -> JobRecord {
        let mut images = Vec::new();
        let mut labels = ZipSink::new(Vec::new());
        for (number, (path, bytes)) in files.iter().enumerate() {
            if !is_image(path) {
                labels.add(path, bytes).unwrap();
                continue;
            }
            let (upload, file) = (format!("u{number}"), path.rsplit('/').next().unwrap());
            let key = Key::new(Area::Originals, &["originals", &upload, file]).unwrap();
            self.put_object(&key, bytes.clone());
            images.push(DatasetImage {
                id: upload,
                path: path.clone(),
                key: key.name().to_owned(),
                size: bytes.len() as u64,
                sha256: Digest::of(bytes).to_hex(),
            });
        }
        images.sort_by(|a, b| a.path.cmp(&b.path));
        let labels = labels.finish().unwrap();
        let listed: Vec<Value> = images.iter().map(|image| json!({ "id": image.id, "path": image.path })).collect();
        let body = json!({ "id": id, "images": listed, "recipe": recipe });
        let new = NewJob::check(&body, &ApiLimits::default()).unwrap();
        let mut job = JobRecord::new(id.to_owned(), "ann", new, 1, 1_000_000).unwrap();
        job.format = format;
        job.labels = Some(Content { size: labels.len() as u64, sha256: Digest::of(&labels).to_hex() });
        (job.per_item, job.items) = (per_item, job.images.div_ceil(per_item));
        job.run(1_000_000);
        self.put_object(&job.labels_key().unwrap(), labels);
        let stores = &self.service.stores;
        stores.put_json(&job, &job.images_key().unwrap(), &images).await.unwrap();
        stores.put_json(&job, &job.items_key().unwrap(), &job.items_to_run()).await.unwrap();
        stores.records.create(job.to_record(1).unwrap()).await.unwrap();
        job
    }

    pub(crate) async fn job_now(&self, id: &str) -> JobRecord {
        self.service.stores.load(id).await.unwrap().0
    }

    /// Runs an item like the engine.
    pub(crate) async fn item(&self, id: &str, item: u32) -> Value {
        self.handle(&json!({ "job": id, "item": item })).await.unwrap()
    }

    pub(crate) async fn assemble(&self, id: &str) -> Value {
        self.handle(&json!({ "job": id, "assemble": true })).await.unwrap()
    }

    /// Runs a whole job like the engine, with its items in another order.
    pub(crate) async fn run_all(&self, job: &JobRecord) {
        loop {
            let key = job.items_key().unwrap();
            let items: Vec<DatasetItem> = self.service.stores.get_json(&key).await.unwrap();
            for item in items.iter().rev() {
                let answer = self.item(&job.id, item.item).await;
                assert_eq!(answer["item"], item.item, "{answer}");
            }
            if self.assemble(&job.id).await["again"] == false {
                return;
            }
        }
    }

    /// The zip of a ready job.
    pub(crate) async fn zip(&self, id: &str) -> Vec<u8> {
        let job = self.job_now(id).await;
        assert_eq!(job.state, JobState::Ready, "{:?}", job.error);
        let zip = self.result(&format!("jobs/{id}/results.zip")).await.unwrap();
        assert_eq!(job.facts.results.unwrap().size, zip.len() as u64, "the recorded size");
        zip
    }
}
