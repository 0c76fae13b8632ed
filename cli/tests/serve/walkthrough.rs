//! The walk-through of docs/api.md works as it is printed.

use std::process::Command;

use crate::support::Server;
use augment_api_tests::pictures::jpeg;

#[test]
fn the_printed_commands_work() {
    let document = include_str!("../../../docs/api.md");
    let script = document.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    for tool in ["curl", "jq", "sha256sum"] {
        let there = Command::new("sh").args(["-c", &format!("command -v {tool}")]).output().unwrap().status.success();
        assert!(there, "the walk-through needs {tool}: install it");
    }
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(&home.path().join("data"), &[]);
    std::fs::write(home.path().join("photo.jpg"), jpeg(1)).unwrap();
    let output = Command::new("sh")
        .args(["-eu", "-c", script])
        .current_dir(home.path())
        .env("API", &server.origin)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"uploaded\""), "{output:?}");
    let zip = std::fs::read(home.path().join("results.zip")).unwrap();
    assert!(zip.starts_with(b"PK"), "the results are a zip");
}
