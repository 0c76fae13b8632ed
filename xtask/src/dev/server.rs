//! A static host on loopback: the files of one folder, with the types and compressed forms that a real host sends.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::anyhow;
use tiny_http::{Header, Method, Request, Response};

use super::reload::{Reload, SCRIPT};

/// Requests answered at once: a browser keeps six connections open, and a reload question waits on one.
const THREADS: usize = 12;

/// A running server; dropping it stops it.
pub(crate) struct Server {
    http: Arc<tiny_http::Server>,
    threads: Vec<JoinHandle<()>>,
    mount: &'static str,
}

type Answer = Response<Cursor<Vec<u8>>>;

impl Server {
    /// Serves `folder` on loopback at `port`, 0 for any free one, below the path `mount`, which begins and ends with `/`.
    pub(crate) fn start(
        folder: &Path,
        mount: &'static str,
        port: u16,
        reload: Option<Arc<Reload>>,
    ) -> anyhow::Result<Self> {
        let http = tiny_http::Server::http(("127.0.0.1", port));
        let http =
            Arc::new(http.map_err(|error| anyhow!("port {port} cannot be listened on ({error}): try --port 0"))?);
        let threads = (0..THREADS).map(|_| {
            let (http, folder, reload) = (Arc::clone(&http), folder.to_path_buf(), reload.clone());
            std::thread::spawn(move || {
                while let Ok(request) = http.recv() {
                    let answer = answer(&folder, mount, &request, reload.as_deref());
                    // Who went away before the answer needs none.
                    let _ = request.respond(answer);
                }
            })
        });
        Ok(Self { threads: threads.collect(), http, mount })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> String {
        let port = self.http.server_addr().to_ip().map_or(0, |address| address.port());
        format!("http://localhost:{port}{}", self.mount)
    }

    /// Serves until the program ends.
    pub(crate) fn wait(mut self) {
        for thread in std::mem::take(&mut self.threads) {
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for _ in &self.threads {
            self.http.unblock();
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn answer(folder: &Path, mount: &str, request: &Request, reload: Option<&Reload>) -> Answer {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return plain(405, "only GET and HEAD");
    }
    let path = request.url().split(['?', '#']).next().unwrap_or_default();
    let Some(path) = path.strip_prefix(mount) else { return plain(404, "no such file") };
    match (path, reload) {
        ("__reload", Some(reload)) => return plain(200, if reload.wait() { "new" } else { "nothing" }),
        ("__reload.js", Some(_)) => return plain(200, SCRIPT).with_header(header("Content-Type", "text/javascript")),
        _ => {}
    }
    let Some(name) = file_name(path) else { return plain(404, "no such file") };
    let accepted = request.headers().iter().find(|header| header.field.equiv("Accept-Encoding"));
    let accepted = accepted.map_or("", |header| header.value.as_str());
    let Some((encoding, bytes)) = read(folder, name, accepted) else { return plain(404, "no such file") };
    let bytes = match reload {
        Some(_) if name == "index.html" => Reload::page(&String::from_utf8_lossy(&bytes)).into_bytes(),
        _ => bytes,
    };
    let mut answer = Response::from_data(bytes).with_header(header("Content-Type", media_type(name)));
    answer.add_header(header("Vary", "Accept-Encoding"));
    answer.add_header(header("X-Content-Type-Options", "nosniff"));
    let lasting = name != "index.html" && name != "service-worker.js";
    answer
        .add_header(header("Cache-Control", if lasting { "public, max-age=31536000, immutable" } else { "no-cache" }));
    if let Some(encoding) = encoding {
        answer.add_header(header("Content-Encoding", encoding));
    }
    answer
}

/// The file that a path below the mount names. The site is one flat folder, so anything with a separator in it is nothing of it.
fn file_name(name: &str) -> Option<&str> {
    let plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter));
    match name {
        "" => Some("index.html"),
        _ if plain && !name.starts_with('.') => Some(name),
        _ => None,
    }
}

/// The file in the best form that the browser takes.
fn read(folder: &Path, name: &str, accepted: &str) -> Option<(Option<&'static str>, Vec<u8>)> {
    let file = |ending: &str| -> PathBuf { folder.join(format!("{name}{ending}")) };
    let takes =
        |coding: &str| accepted.split(',').any(|part| part.split(';').next().unwrap_or_default().trim() == coding);
    for (coding, ending) in [("br", ".br"), ("gzip", ".gz")] {
        if takes(coding)
            && let Ok(bytes) = std::fs::read(file(ending))
        {
            return Some((Some(coding), bytes));
        }
    }
    Some((None, std::fs::read(file("")).ok()?))
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" => "image/jpeg",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn plain(status: u16, text: &str) -> Answer {
    Response::from_string(text).with_status_code(status)
}

fn header(name: &'static str, value: &str) -> Header {
    Header::from_bytes(name, value).unwrap_or_else(|()| unreachable!("{name}: {value} is a valid header"))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::{Server, file_name};

    #[test]
    fn no_path_leaves_the_folder() {
        assert_eq!(file_name(""), Some("index.html"), "the folder is its page");
        assert_eq!(file_name("app-01.js"), Some("app-01.js"), "a file");
        for path in ["../Cargo.toml", "%2e%2e/Cargo.toml", "/etc/passwd", "a/b", "..", ".git", "a\\b"] {
            assert_eq!(file_name(path), None, "{path}");
        }
    }

    /// What the server answers to a request written by hand.
    fn ask(server: &Server, request: &str) -> String {
        let address = server.address().replace("http://", "").replace("/here/", "");
        let mut stream = TcpStream::connect(address.replace("localhost", "127.0.0.1")).unwrap();
        stream.write_all(format!("{request}\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[test]
    fn files_come_with_their_type_and_compressed_where_the_browser_takes_it() {
        let folder = std::env::temp_dir().join(format!("delta-server-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("app.wasm"), "raw").unwrap();
        std::fs::write(folder.join("app.wasm.br"), "brotli").unwrap();
        let server = Server::start(&folder, "/here/", 0, None).unwrap();
        let raw = ask(&server, "GET /here/app.wasm HTTP/1.1");
        assert!(raw.starts_with("HTTP/1.1 200") && raw.contains("application/wasm") && raw.ends_with("raw"), "{raw}");
        let packed = ask(&server, "GET /here/app.wasm HTTP/1.1\r\nAccept-Encoding: gzip, br;q=1");
        assert!(packed.contains("Content-Encoding: br") && packed.ends_with("brotli"), "{packed}");
        assert!(ask(&server, "GET /here/../secret HTTP/1.1").starts_with("HTTP/1.1 404"), "a path out of the folder");
        assert!(ask(&server, "GET /app.wasm HTTP/1.1").starts_with("HTTP/1.1 404"), "a path beside the site");
        assert!(ask(&server, "POST /here/app.wasm HTTP/1.1").starts_with("HTTP/1.1 405"), "nothing can be sent to it");
        drop(server);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
