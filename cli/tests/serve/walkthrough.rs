//! The walk-through of docs/api.md works as it is printed.

use std::process::Command;

use augment_api_tests::pictures::jpeg;
use augment_core::archive::ZipFiles;
use augment_core::files::Files;
use augment_core::limits::Limits;

use crate::support::Server;

/// Runs a script of the document beside a server and a photograph; gives the folder that it ran in.
fn run(number: usize) -> (tempfile::TempDir, String) {
    let document = include_str!("../../../docs/api.md");
    let script = document.split("```sh\n").nth(number).and_then(|rest| rest.split("```").next()).unwrap();
    for tool in ["curl", "jq", "sha256sum"] {
        let there = Command::new("sh").args(["-c", &format!("command -v {tool}")]).output().unwrap().status.success();
        assert!(there, "the walk-through needs {tool}: install it");
    }
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let server = Server::start(&data, &[]);
    std::fs::write(home.path().join("photo.jpg"), jpeg(1)).unwrap();
    let output = Command::new("sh")
        .args(["-eu", "-c", script])
        .current_dir(home.path())
        .env("API", &server.origin)
        .env("DATA", &data)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    (home, String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_printed_commands_work() {
    let (home, output) = run(1);
    assert!(output.contains("\"uploaded\""), "{output}");
    let zip = std::fs::read(home.path().join("results.zip")).unwrap();
    assert!(zip.starts_with(b"PK"), "the results are a zip");
}

#[test]
fn a_file_that_is_dropped_into_the_bucket_as_printed_is_augmented() {
    let (home, output) = run(2);
    assert!(output.is_empty(), "nothing went wrong: {output}");
    let zip = std::fs::read(home.path().join("dropped.zip")).unwrap();
    let files = ZipFiles::open(std::io::Cursor::new(zip), Limits::default()).unwrap();
    let copies = files.names().iter().filter(|name| name.starts_with("images/photo_")).count();
    assert_eq!(copies, 3, "as many as were asked for: {:?}", files.names());
}
