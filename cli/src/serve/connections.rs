//! Accepts connections: bounds their number, and the time that a head and each piece of a body may take.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower_http::timeout::TimeoutBody;

use super::dispatch::Dispatch;

/// Time for the head of a request; an idle connection is closed after it.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// Time for each piece of a body.
const PIECE_TIME: Duration = Duration::from_secs(30);
/// Connections at once at most.
const MAX_CONNECTIONS: usize = 512;
/// Open files that a connection may need: itself, and a file that it reads or writes.
const FILES_PER_CONNECTION: usize = 2;
/// Open files left for everything else.
const OTHER_FILES: usize = 64;
/// Pause after a failure to accept, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stopping`, then until open requests end.
pub(crate) async fn serve(listener: TcpListener, dispatch: Dispatch, mut stopping: watch::Receiver<bool>) {
    let permits = Arc::new(Semaphore::new(most_connections()));
    let open = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
    loop {
        let next = async {
            // Others wait in the system's queue. The semaphore is never closed.
            let permit = Arc::clone(&permits).acquire_owned().await.ok();
            (listener.accept().await, permit)
        };
        let (accepted, permit) = tokio::select! {
            next = next => next,
            _ = stopping.wait_for(|stop| *stop) => break,
        };
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let dispatch = dispatch.clone();
        let answer = service_fn(move |request| {
            let dispatch = dispatch.clone();
            async move { Ok::<_, Infallible>(dispatch.answer(timed(request, peer)).await) }
        });
        let connection = open.watch(http.serve_connection(TokioIo::new(stream), answer));
        tokio::spawn(async move {
            // An error is the client's: it broke off or was too slow.
            let _ = connection.await;
            drop(permit);
        });
    }
    open.shutdown().await;
}

/// The request with a body whose pieces must come in time.
fn timed(request: hyper::Request<Incoming>, peer: SocketAddr) -> Request {
    let mut request = request.map(|body| Body::new(TimeoutBody::new(PIECE_TIME, Body::new(body))));
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

/// As many connections as the limit of open files allows.
fn most_connections() -> usize {
    MAX_CONNECTIONS.min(open_files().saturating_sub(OTHER_FILES) / FILES_PER_CONNECTION).max(1)
}

#[cfg(unix)]
fn open_files() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX)
}

#[cfg(not(unix))]
fn open_files() -> usize {
    usize::MAX
}
