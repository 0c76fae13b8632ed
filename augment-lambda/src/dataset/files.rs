//! The files of a dataset: label files from the job's zip, images from the store.

use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use augment_core::archive::ZipFiles;
use augment_core::digest::Digest;
use augment_core::error::{Error, ErrorKind, Result};
use augment_core::files::{Files, is_hidden};
use augment_records::dataset::DatasetImage;
use augment_stores_port::{ObjectStore, StoreError};
use bytes::Bytes;
use tokio::runtime::Handle;

/// The source of a file.
#[derive(Clone, Copy, Debug)]
enum FileSource {
    /// An image, by index.
    Image(usize),
    /// An entry of the label zip.
    Zip,
}

/// The files. Reading an image blocks the thread until the store answers.
#[derive(Debug)]
pub(crate) struct DatasetFiles {
    names: Vec<String>,
    /// In the order of `names`.
    sources: Vec<FileSource>,
    pub(crate) images: Vec<DatasetImage>,
    pub(crate) labels: Option<ZipFiles<Cursor<Bytes>>>,
    objects: Arc<dyn ObjectStore>,
    handle: Handle,
    faults: AtomicU64,
}

impl DatasetFiles {
    /// The images, sorted by path, and the entries of the label zip. An image wins over an entry of the same name.
    pub(crate) fn new(
        images: Vec<DatasetImage>,
        labels: Option<ZipFiles<Cursor<Bytes>>>,
        objects: Arc<dyn ObjectStore>,
        handle: Handle,
    ) -> Self {
        let mut listed: Vec<(String, FileSource)> =
            images.iter().enumerate().map(|(at, image)| (image.path.clone(), FileSource::Image(at))).collect();
        let entries = labels.iter().flat_map(|zip| zip.names());
        let seen = entries.filter(|name| !name.split('/').any(is_hidden));
        listed.extend(seen.map(|name| (name.clone(), FileSource::Zip)));
        // The sort is stable: the image comes before an entry of the same name.
        listed.sort_by(|a, b| a.0.cmp(&b.0));
        listed.dedup_by(|later, first| later.0 == first.0);
        let (names, sources) = listed.into_iter().unzip();
        Self { names, sources, images, labels, objects, handle, faults: AtomicU64::new(0) }
    }

    /// Store failures so far: an error that raises this is not the image's fault.
    pub(crate) fn faults(&self) -> u64 {
        self.faults.load(Ordering::Relaxed)
    }

    fn source(&self, name: &str) -> Option<FileSource> {
        self.names.binary_search_by(|other| other.as_str().cmp(name)).ok().map(|at| self.sources[at])
    }

    fn fetch(&self, image: &DatasetImage) -> Result<Vec<u8>> {
        let missing = |why: &str| Error::new(ErrorKind::Io, why);
        let key = image.object_key().map_err(|error| missing(&error.to_string()))?;
        let bytes = match self.handle.block_on(self.objects.read(&key, 0, image.size.max(1))) {
            Ok(bytes) => bytes,
            Err(StoreError::NotFound) => return Err(missing("the image is no longer in the store")),
            Err(error) => {
                self.faults.fetch_add(1, Ordering::Relaxed);
                return Err(missing(&error.to_string()));
            }
        };
        if Digest::of(&bytes).to_hex() != image.sha256 {
            return Err(missing("the image in the store has changed; upload it again"));
        }
        Ok(bytes.into())
    }
}

impl Files for DatasetFiles {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        match (self.source(name), &self.labels) {
            (Some(FileSource::Image(image)), _) => self.fetch(&self.images[image]).map_err(|error| error.within(name)),
            (Some(FileSource::Zip), Some(zip)) => zip.read(name),
            _ => Err(Error::new(ErrorKind::Io, "no such file").within(name)),
        }
    }

    /// An image's recorded digest; other files are read and hashed.
    fn digest(&self, name: &str) -> Result<Digest> {
        if let Some(FileSource::Image(image)) = self.source(name) {
            let mut bytes = [0; 32];
            if hex::decode_to_slice(&self.images[image].sha256, &mut bytes).is_ok() {
                return Ok(Digest(bytes));
            }
        }
        self.read(name).map(|bytes| Digest::of(&bytes))
    }

    fn size(&self, name: &str) -> Option<u64> {
        match self.source(name)? {
            FileSource::Image(image) => Some(self.images[image].size),
            FileSource::Zip => self.labels.as_ref()?.size(name),
        }
    }
}
