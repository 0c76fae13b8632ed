//! `delta push`, `list` and `pull` against a running server.

use std::time::{Duration, Instant};

use augment_api_tests::pictures::jpeg;
use augment_core::digest::Digest;
use serde_json::Value;

use crate::support::{PATIENCE, Server, delta};

#[test]
fn push_list_and_pull_work_together_and_again() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(&home.path().join("data"), &[]);
    let photos = home.path().join("photos");
    std::fs::create_dir(&photos).unwrap();
    for number in 0..5 {
        std::fs::write(photos.join(format!("p{number}.jpg")), jpeg(number)).unwrap();
    }
    std::fs::write(photos.join("script.jpg"), "<script>").unwrap();
    let run = |arguments: &[&str]| {
        let output = delta().current_dir(home.path()).args(arguments).args(["--api", &server.origin]).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let push = ["push", "photos", "--tags", "pushed", "--count", "2", "--json"];
    let (code, out, err) = run(&push);
    assert_eq!(code, Some(1), "one of them is no image: {out} {err}");
    assert!(err.contains("script.jpg: this is no image"), "{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["sent"].as_array().unwrap().len(), 5, "{report}");
    let (_, out, _) = run(&push);
    let again: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((again["sent"].as_array().unwrap().len(), again["there"].as_array().unwrap().len()), (0, 5), "{again}");
    let (code, listed, _) = run(&["list", "--tag", "pushed", "--json"]);
    assert_eq!((code, listed.lines().count()), (Some(0), 5), "{listed}");
    let id = report["sent"][0]["id"].as_str().unwrap();
    let until = Instant::now() + PATIENCE;
    let said = loop {
        let said = run(&["pull", id, "-o", "out.zip"]);
        if said.0 == Some(0) {
            break said;
        }
        assert!(said.2.contains("no results yet") && Instant::now() < until, "{said:?}");
        std::thread::sleep(Duration::from_millis(100));
    };
    let zip = std::fs::read(home.path().join("out.zip")).unwrap();
    assert!(said.1.contains(&Digest::of(&zip).to_hex()), "the zip is what was announced: {said:?}");
}
