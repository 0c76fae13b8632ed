//! The walk-through of docs/api.md works as it is printed.

use std::process::Command;
use std::time::{Duration, Instant};

use augment_api_tests::http_client;
use augment_api_tests::images::jpeg;
use augment_core::archive::ZipFiles;
use augment_core::files::Files;
use augment_core::limits::Limits;

use crate::support::Server;

/// Photographs in the folder of the scripts.
const PHOTOGRAPHS: u32 = 6;

/// Runs a script of the document beside a server and photographs; gives the folder that it ran in, the server, which
/// still runs, and what the script said.
fn run(number: usize) -> (tempfile::TempDir, Server, String) {
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
    std::fs::create_dir(home.path().join("photos")).unwrap();
    for number in 0..PHOTOGRAPHS {
        std::fs::write(home.path().join(format!("photos/{number}.jpg")), jpeg(number)).unwrap();
    }
    let output = Command::new("sh")
        .args(["-eu", "-c", script])
        .current_dir(home.path())
        .env("API", &server.origin)
        .env("DATA", &data)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    (home, server, String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_printed_commands_work() {
    let (home, _server, output) = run(1);
    assert!(output.contains("\"uploaded\""), "{output}");
    let zip = std::fs::read(home.path().join("results.zip")).unwrap();
    assert!(zip.starts_with(b"PK"), "the results are a zip");
}

#[test]
fn a_file_that_is_dropped_into_the_bucket_as_printed_is_augmented() {
    let (home, _server, output) = run(2);
    assert!(output.is_empty(), "nothing went wrong: {output}");
    let zip = std::fs::read(home.path().join("dropped.zip")).unwrap();
    let files = ZipFiles::open(std::io::Cursor::new(zip), Limits::default()).unwrap();
    let copies = files.names().iter().filter(|name| name.starts_with("images/photo_")).count();
    assert_eq!(copies, 3, "as many as were asked for: {:?}", files.names());
}

#[tokio::test]
#[ignore = "needs the command line of AWS: cargo xtask aws"]
async fn a_folder_that_is_copied_into_the_bucket_as_printed_is_augmented() {
    let (_home, server, output) = run(3);
    assert_eq!(output.matches("upload: ").count(), PHOTOGRAPHS as usize, "{output}");
    let listed = format!("{}/v1/images?tag=example&state=ready", server.origin);
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let page: serde_json::Value = http_client().get(&listed).send().await.unwrap().json().await.unwrap();
        let ready = page["images"].as_array().unwrap();
        if ready.len() == PHOTOGRAPHS as usize {
            assert!(ready.iter().all(|image| image["made"]["outputs"] == 3), "as many as were asked for: {page}");
            return;
        }
        assert!(Instant::now() < until, "not all are ready: {page}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
