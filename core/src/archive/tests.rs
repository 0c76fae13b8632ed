//! Hostile archives: each offending entry is refused by name, and the good ones stay readable.

use std::io::{Cursor, Write};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::ZipFiles;
use crate::error::ErrorKind;
use crate::files::Files;
use crate::limits::Limits;

type Writer = ZipWriter<Cursor<Vec<u8>>>;

const STORED: SimpleFileOptions = SimpleFileOptions::DEFAULT.compression_method(CompressionMethod::Stored);
const DEFLATED: SimpleFileOptions = SimpleFileOptions::DEFAULT.compression_method(CompressionMethod::Deflated);

/// An archive with one good file before and one after the entries of `fill`.
fn archive(fill: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    add(&mut zip, "good/a.txt", STORED, b"first");
    fill(&mut zip);
    add(&mut zip, "good/z.txt", DEFLATED, b"last");
    zip.finish().unwrap().into_inner()
}

fn add(zip: &mut Writer, name: &str, options: SimpleFileOptions, bytes: &[u8]) {
    zip.start_file(name, options).unwrap();
    zip.write_all(bytes).unwrap();
}

fn open(bytes: Vec<u8>) -> ZipFiles<Cursor<Vec<u8>>> {
    ZipFiles::open(Cursor::new(bytes), Limits::default()).unwrap()
}

/// The refused entries of an archive, after checking that the good ones are there.
fn problems(bytes: Vec<u8>) -> Vec<(String, ErrorKind)> {
    let files = open(bytes);
    assert_eq!(files.read("good/a.txt").unwrap(), b"first");
    assert_eq!(files.read("good/z.txt").unwrap(), b"last");
    assert_eq!(files.names(), ["good/a.txt", "good/z.txt"]);
    files.problems().iter().map(|(name, error)| (name.clone(), error.kind())).collect()
}

/// Replaces bytes of equal length everywhere: what a writer would refuse to write.
fn patch(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "a patch keeps the length");
    let found: Vec<usize> = (0..bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    assert!(!found.is_empty(), "nothing to patch");
    for at in found {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

#[test]
fn names_that_leave_the_folder_are_refused() {
    let names = ["../up.txt", "/abs.txt", "C:/drive.txt", "a\\b.txt", "in/../../out.txt", "nul\0.txt"];
    let bytes = archive(|zip| names.iter().for_each(|name| add(zip, name, STORED, b"evil")));
    let found = problems(bytes);
    assert_eq!(found.len(), names.len(), "{found:?}");
    assert!(found.iter().all(|(_, kind)| *kind == ErrorKind::Archive), "{found:?}");
    assert!(found.iter().all(|(name, _)| !name.contains('\0')), "names are safe to print: {found:?}");
}

#[test]
fn folders_are_no_files_and_no_problem() {
    assert_eq!(problems(archive(|zip| zip.add_directory("folder/", STORED).unwrap())), []);
}

#[test]
fn names_are_normalized_and_sorted() {
    let files = open(archive(|zip| add(zip, "./b//./c.txt", STORED, b"x")));
    assert_eq!(files.names(), ["b/c.txt", "good/a.txt", "good/z.txt"]);
    assert_eq!((files.size("b/c.txt"), files.size("./b/c.txt")), (Some(1), None));
    assert_eq!(files.read("nowhere").unwrap_err().kind(), ErrorKind::Io);
}

#[test]
fn links_are_refused() {
    let bytes = archive(|zip| zip.add_symlink("link", "/etc/passwd", STORED).unwrap());
    assert_eq!(problems(bytes), [("link".into(), ErrorKind::Archive)]);
}

#[test]
fn of_two_equal_names_the_first_is_read() {
    let bytes = archive(|zip| {
        add(zip, "twice", STORED, b"1");
        add(zip, "twicE", STORED, b"2");
    });
    let files = open(patch(bytes, b"twicE", b"twice"));
    assert_eq!(files.read("twice").unwrap(), b"1");
    assert_eq!(files.problems().len(), 1);
    assert_eq!(files.problems()[0].0, "twice");
}

#[test]
fn encrypted_entries_and_unknown_methods_are_refused() {
    let bytes = archive(|zip| add(zip, "locked", STORED, b"x"));
    // General purpose flag and method lie before the name: 24 and 22 bytes in a local header, 40 and 38 in the other.
    let at: Vec<usize> = (0..bytes.len() - 6).filter(|at| bytes[*at..].starts_with(b"locked")).collect();
    let with = |local: usize, central: usize, value: u8| {
        let mut bytes = bytes.clone();
        bytes[at[0] - local] = value;
        bytes[at[1] - central] = value;
        bytes
    };
    assert_eq!(problems(with(24, 38, 1)), [("locked".into(), ErrorKind::Archive)]);
    assert_eq!(problems(with(22, 36, 12)), [("locked".into(), ErrorKind::Unsupported)]);
}

#[test]
fn entries_that_share_bytes_are_refused() {
    let bytes = archive(|zip| {
        add(zip, "kernel", STORED, &[7; 5000]);
        zip.shallow_copy_file("kernel", "copy").unwrap();
    });
    let files = open(bytes);
    assert_eq!(files.names(), ["good/a.txt", "good/z.txt", "kernel"]);
    assert_eq!(files.problems()[0].0, "copy");
}

#[test]
fn bombs_are_refused_whatever_their_header_says() {
    let bytes = archive(|zip| add(zip, "bomb", DEFLATED, &vec![0; 8 << 20]));
    assert_eq!(problems(bytes.clone()), [("bomb".into(), ErrorKind::Limit)]);
    // The same with a header that claims a modest size: refused while it is unpacked.
    let files = open(patch(bytes, &(8u32 << 20).to_le_bytes(), &1000u32.to_le_bytes()));
    assert_eq!(files.names(), ["bomb", "good/a.txt", "good/z.txt"]);
    assert!(files.read("bomb").is_err());
}

#[test]
fn a_wrong_checksum_is_an_error_of_that_file_alone() {
    let mut bytes = archive(|zip| add(zip, "data", STORED, b"0123456789"));
    let at = bytes.windows(10).position(|w| w == b"0123456789").unwrap();
    bytes[at] = b'X';
    let files = open(bytes);
    assert!(files.read("data").is_err());
    assert_eq!(files.read("good/z.txt").unwrap(), b"last");
}

#[test]
fn a_claimed_size_past_the_end_takes_no_memory() {
    let bytes = archive(|zip| add(zip, "huge", STORED, &[1; 4321]));
    let bytes = patch(bytes, &4321u32.to_le_bytes(), &0x3000_0000u32.to_le_bytes());
    assert_eq!(problems(bytes), [("huge".into(), ErrorKind::Archive)]);
}

#[test]
fn a_truncated_archive_and_too_many_entries_are_errors() {
    let bytes = archive(|_| ());
    assert!(ZipFiles::open(Cursor::new(&bytes[..bytes.len() / 2]), Limits::default()).is_err());
    assert!(ZipFiles::open(Cursor::new(&[][..]), Limits::default()).is_err());
    let limits = Limits { max_archive_entries: 1, ..Limits::default() };
    assert_eq!(ZipFiles::open(Cursor::new(&bytes), limits).unwrap_err().kind(), ErrorKind::Limit);
}

#[test]
fn several_threads_read_at_once() {
    let bytes = archive(|zip| {
        (0..50).for_each(|i| add(zip, &format!("n/{i}"), DEFLATED, format!("{i}").repeat(1000).as_bytes()));
    });
    let files = open(bytes);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for i in 0..50 {
                    assert_eq!(files.read(&format!("n/{i}")).unwrap(), format!("{i}").repeat(1000).as_bytes());
                }
            });
        }
    });
}
