//! The process: one a folder, stopped in good order, closed to pages of other sites; the built page beside the API.

use augment_api_tests::http_client;

use crate::support::{Server, delta};

#[test]
fn a_second_server_on_the_same_folder_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let _server = Server::start(home.path(), &[]);
    let second = delta().args(["serve", "--port", "0", "--data"]).arg(home.path()).output().unwrap();
    assert_eq!(second.status.code(), Some(2), "{second:?}");
    assert!(String::from_utf8_lossy(&second.stderr).contains("another process is using this folder"), "{second:?}");
}

#[cfg(unix)]
#[test]
fn it_stops_when_it_is_asked_to() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), &[]);
    assert_eq!(server.stop(), Some(0), "in good order");
    assert_eq!(Server::start(home.path(), &[]).stop(), Some(0), "and the folder is free again");
}

#[tokio::test]
async fn pages_of_other_sites_do_not_get_in() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), &[]);
    let client = http_client();
    let ask = |path: &str, host: &str| client.get(format!("{}{path}", server.origin)).header("host", host).send();
    let port = server.origin.rsplit(':').next().unwrap().to_owned();
    assert_eq!(ask("/v1/images", "evil.example").await.unwrap().status(), 421, "a name that points here");
    let moved = ask("/", &format!("localhost:{port}")).await.unwrap();
    assert_eq!(moved.headers()["location"], format!("{}/", server.origin), "the page has one address");
    let own = ask("/", server.origin.strip_prefix("http://").unwrap()).await.unwrap();
    assert_eq!(own.status(), 200, "which answers");
    let page = client.get(format!("{}/v1/images", server.origin)).header("origin", "http://evil.example").send();
    let allowed = page.await.unwrap().headers().get("access-control-allow-origin").cloned();
    assert_eq!(allowed, None, "no other page reads answers");
}

#[tokio::test]
async fn pages_of_other_sites_neither_change_nor_show_anything() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), &[]);
    let client = http_client();
    let group = async |name: &str, origin: Option<&str>| {
        let body = format!("{{\"name\":\"{name}\"}}");
        let mut request = client.post(format!("{}/v1/groups", server.origin)).body(body);
        request = request.header("content-type", "application/json");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        request.send().await.unwrap().status().as_u16()
    };
    for foreign in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        assert_eq!(group("foreign", Some(foreign)).await, 403, "{foreign}");
    }
    assert_eq!(group("own", Some(&server.origin)).await, 201, "the page itself");
    assert_eq!(group("program", None).await, 201, "a program");
    for path in ["/", "/v1/config", "/delta-originals/a", "/healthz"] {
        let answer = client.get(format!("{}{path}", server.origin)).send().await.unwrap();
        assert_eq!(answer.headers()["cross-origin-resource-policy"], "same-origin", "{path}");
        assert_eq!(answer.headers()["x-frame-options"], "DENY", "{path}");
        let policies = answer.headers().get_all("content-security-policy").iter();
        assert!(
            policies.map(|policy| policy.to_str().unwrap()).any(|policy| policy.contains("frame-ancestors")),
            "{path}"
        );
    }
}

#[cfg(unix)]
#[test]
fn only_its_owner_reads_the_data() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
    let server = Server::start(&data, &[]);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700, "also a folder that was there");
    for name in ["records.redb", "access-key.json", "lock"] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&data.join("objects/originals")), 0o700, "folders of objects");
    drop(server);
}

#[tokio::test]
async fn who_sends_far_too_much_is_told_so() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), &[]);
    // More than the buffers on the way hold, so the sender is still at it when the size is known.
    for (content_type, status) in [("application/json", 413), ("text/plain", 415)] {
        let body = vec![b' '; 32 << 20];
        let request = http_client().post(format!("{}/v1/jobs", server.origin)).header("content-type", content_type);
        let answer = request.body(body).send().await.expect("an answer and no broken pipe");
        assert_eq!(answer.status(), status, "{content_type}");
    }
}

#[tokio::test]
async fn the_built_page_is_served_beside_the_api() {
    let home = tempfile::tempdir().unwrap();
    let site = home.path().join("site");
    std::fs::create_dir(&site).unwrap();
    std::fs::write(site.join("index.html"), "<!doctype html><title>page</title>").unwrap();
    std::fs::write(site.join("app-0123abcd.js"), "1;").unwrap();
    std::fs::write(home.path().join("secret.txt"), "secret").unwrap();
    let server = Server::start(&home.path().join("data"), &["--site", site.to_str().unwrap()]);
    let get = async |path: &str| http_client().get(format!("{}{path}", server.origin)).send().await.unwrap();
    let page = get("/").await;
    assert_eq!(page.headers()["cache-control"], "no-cache", "a new version is found at once");
    assert!(page.text().await.unwrap().contains("<title>page</title>"), "the page");
    let script = get("/app-0123abcd.js").await;
    assert!(script.headers()["cache-control"].to_str().unwrap().contains("immutable"), "a hashed name never changes");
    assert_eq!(get("/..%2fsecret.txt").await.status(), 404, "nothing outside the folder");
    assert_eq!(get("/healthz").await.status(), 200, "the API is beside it");
    let wrong = delta().args(["serve", "--site"]).arg(home.path()).arg("--data").arg(home.path()).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2), "a folder without a page is refused: {wrong:?}");
}
