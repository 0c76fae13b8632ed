//! A static host on loopback: the files of one folder, with the types and compressed forms that a real host sends.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::reload::{Reload, SCRIPT};

/// A running server; dropping it stops it.
pub(crate) struct Server {
    /// Answers until it goes.
    _runtime: Runtime,
    port: u16,
    mount: &'static str,
}

/// What is served, and where.
struct Site {
    folder: PathBuf,
    mount: &'static str,
    reload: Option<Arc<Reload>>,
}

impl Server {
    /// Serves `folder` on loopback at `port`, 0 for any free one, below the path `mount`, which begins and ends with `/`.
    pub(crate) fn start(
        folder: &Path,
        mount: &'static str,
        port: u16,
        reload: Option<Arc<Reload>>,
    ) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let listener = runtime
            .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, port)))
            .with_context(|| format!("port {port} cannot be listened on: try --port 0"))?;
        let port = listener.local_addr()?.port();
        // An answer goes at once, however small it is.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let site = Arc::new(Site { folder: folder.to_path_buf(), mount, reload });
        let router = Router::new().fallback(move |request: Request| {
            let site = Arc::clone(&site);
            async move {
                let (parts, _) = request.into_parts();
                // It reads files, and a question for a new build waits.
                let answered =
                    tokio::task::spawn_blocking(move || site.answer(&parts.method, parts.uri.path(), &parts.headers));
                answered.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
            }
        });
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(Self { _runtime: runtime, port, mount })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> String {
        format!("http://localhost:{}{}", self.port, self.mount)
    }

    /// Serves until the program ends.
    pub(crate) fn wait(self) {
        loop {
            std::thread::park();
        }
    }
}

impl Site {
    fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return (StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD").into_response();
        }
        let missing = || (StatusCode::NOT_FOUND, "no such file").into_response();
        let Some(path) = path.strip_prefix(self.mount) else { return missing() };
        match (path, &self.reload) {
            ("__reload", Some(reload)) => return if reload.wait() { "new" } else { "nothing" }.into_response(),
            ("__reload.js", Some(_)) => return ([(header::CONTENT_TYPE, "text/javascript")], SCRIPT).into_response(),
            _ => {}
        }
        let Some(name) = file_name(path) else { return missing() };
        let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let Some((encoding, bytes)) = read(&self.folder, name, accepted) else { return missing() };
        let bytes = match self.reload {
            Some(_) if name == "index.html" => Reload::page(&String::from_utf8_lossy(&bytes)).into_bytes(),
            _ => bytes,
        };
        let lasting = name != "index.html" && name != "service-worker.js";
        let mut answer = bytes.into_response();
        let mut tell = |name: HeaderName, value| answer.headers_mut().insert(name, HeaderValue::from_static(value));
        tell(header::CONTENT_TYPE, media_type(name));
        tell(header::VARY, "accept-encoding");
        tell(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        tell(header::CACHE_CONTROL, if lasting { "public, max-age=31536000, immutable" } else { "no-cache" });
        if let Some(encoding) = encoding {
            tell(header::CONTENT_ENCODING, encoding);
        }
        answer
    }
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
        assert!(packed.contains("content-encoding: br") && packed.ends_with("brotli"), "{packed}");
        assert!(ask(&server, "GET /here/../secret HTTP/1.1").starts_with("HTTP/1.1 404"), "a path out of the folder");
        assert!(ask(&server, "GET /app.wasm HTTP/1.1").starts_with("HTTP/1.1 404"), "a path beside the site");
        assert!(ask(&server, "POST /here/app.wasm HTTP/1.1").starts_with("HTTP/1.1 405"), "nothing can be sent to it");
        // A browser opens several connections at once and keeps them: none may wait for another to end.
        let address = server.address().replace("http://localhost", "127.0.0.1").replace("/here/", "");
        let mut kept: Vec<_> = (0..40).map(|_| TcpStream::connect(&address).unwrap()).collect();
        for stream in &mut kept {
            stream.write_all(b"GET /here/app.wasm HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        }
        for stream in &mut kept {
            stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
            let mut first = [0; 12];
            stream.read_exact(&mut first).unwrap();
            assert_eq!(&first, b"HTTP/1.1 200", "every connection is answered");
        }
        drop(server);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
