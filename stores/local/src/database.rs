//! The open database of records, which is opened again after a failure of the disk.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use augment_stores_port::{StoreError, StoreResult};
use redb::Database;

/// Opens the database.
pub(crate) type Open = Box<dyn Fn() -> Result<Database, redb::Error> + Send + Sync>;

/// A database. After one failed write redb refuses everything until the file is opened again.
pub(crate) struct OpenDatabase {
    open: Open,
    /// `None` while it cannot be opened.
    current: RwLock<Option<Database>>,
}

impl OpenDatabase {
    pub(crate) fn new(open: Open) -> Result<Self, redb::Error> {
        let current = RwLock::new(Some(open()?));
        Ok(Self { open, current })
    }

    /// Works with the database. If the disk fails, it is opened again for the next call.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&Database) -> Result<T, redb::Error>) -> StoreResult<T> {
        let done = {
            let current = self.opened().map_err(StoreError::other)?;
            let database = current.as_ref().ok_or_else(|| StoreError::other("the database cannot be opened"))?;
            work(database)
        };
        if matches!(done, Err(redb::Error::Io(_) | redb::Error::PreviousIo)) {
            // The old one is closed first, since it holds the file's lock.
            self.current.write().unwrap_or_else(PoisonError::into_inner).take();
        }
        done.map_err(StoreError::other)
    }

    fn opened(&self) -> Result<RwLockReadGuard<'_, Option<Database>>, redb::Error> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        if current.is_some() {
            return Ok(current);
        }
        drop(current);
        let mut closed = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if closed.is_none() {
            *closed = Some((self.open)()?);
        }
        drop(closed);
        Ok(self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex};

    use augment_stores_port::{Record, RecordStore, Spend};
    use redb::StorageBackend;

    use super::*;
    use crate::records::LocalRecords;

    /// A disk in memory that may be full.
    #[derive(Debug, Default)]
    struct Disk {
        bytes: Mutex<Vec<u8>>,
        full: AtomicBool,
    }

    #[derive(Clone, Debug)]
    struct DiskFile(Arc<Disk>);

    impl DiskFile {
        fn room(&self) -> io::Result<()> {
            if self.0.full.load(Ordering::SeqCst) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        }
    }

    impl StorageBackend for DiskFile {
        fn len(&self) -> io::Result<u64> {
            Ok(self.0.bytes.lock().unwrap().len() as u64)
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            let at = offset as usize;
            out.copy_from_slice(&self.0.bytes.lock().unwrap()[at..at + out.len()]);
            Ok(())
        }

        fn set_len(&self, length: u64) -> io::Result<()> {
            self.room()?;
            self.0.bytes.lock().unwrap().resize(length as usize, 0);
            Ok(())
        }

        fn sync_data(&self) -> io::Result<()> {
            self.room()
        }

        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            self.room()?;
            self.0.bytes.lock().unwrap()[offset as usize..][..data.len()].copy_from_slice(data);
            Ok(())
        }
    }

    fn record(number: u32) -> Record {
        Record {
            key: format!("image/{number}"),
            version: 1,
            sort: number.to_string(),
            lists: vec!["all".to_owned()],
            expires: None,
            body: "{}".to_owned(),
        }
    }

    #[tokio::test]
    async fn writes_work_again_once_a_full_disk_has_room() {
        let disk = Arc::new(Disk::default());
        let file = DiskFile(Arc::clone(&disk));
        let open = move || Ok(Database::builder().create_with_backend(file.clone())?);
        let records = LocalRecords::over(Box::new(open)).unwrap();
        records.create(record(0)).await.unwrap();
        assert!(records.check().await.is_ok(), "healthy");
        for round in 1..4 {
            disk.full.store(true, Ordering::SeqCst);
            for _ in 0..3 {
                assert!(records.create(record(round)).await.is_err(), "no room");
                assert!(records.check().await.is_err(), "and it says so");
            }
            disk.full.store(false, Ordering::SeqCst);
            assert!(records.check().await.is_ok(), "there is room again");
            // A write that failed may be on disk or not, as after a power cut.
            if records.get(&record(round).key).await.is_err() {
                records.create(record(round)).await.unwrap();
            }
            let spend = Spend { key: "c".to_owned(), amount: 1, limit: 9, expires: 9 };
            records.spend(&spend).await.unwrap();
        }
        let listed = records.list("all", None, 9).await.unwrap().records;
        assert_eq!(listed.iter().map(|record| record.sort.as_str()).collect::<Vec<_>>(), ["3", "2", "1", "0"]);
    }
}
