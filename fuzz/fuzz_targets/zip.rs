//! Any bytes as an archive, or as the end of one: no panic, no name that leaves the folder, no file over its limits.

#![no_main]

use std::io::Cursor;

use augment_core::archive::{JoinedDirectory, ZipFiles};
use augment_core::files::{Files, safe_name};
use augment_core::limits::Limits;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { max_file_bytes: 4 << 20, max_archive_entries: 1000, ..Limits::default() };
    let mut directory = JoinedDirectory::default();
    if let Ok(front) = directory.add(bytes, bytes.len() as u64) {
        assert!(front <= bytes.len() as u64 && directory.bytes() == front, "no more than there is");
        assert!(!directory.finish().is_empty(), "an end is always written");
    }
    let Ok(files) = ZipFiles::open(Cursor::new(bytes), limits) else { return };
    assert!(files.names().windows(2).all(|pair| pair[0] < pair[1]), "names are sorted, each once");
    for name in files.names() {
        assert_eq!(safe_name(name).as_deref(), Ok(name.as_str()), "names are safe");
        if let Ok(content) = files.read(name) {
            assert!(content.len() as u64 <= limits.max_file_bytes, "{name} is over the limit");
        }
    }
});
