//! `delta serve`: page, API, object store, records and the worker of jobs, in one process on this machine.

mod dispatch;
mod open_stores;
mod page;
mod data_folder;
mod site;
mod job_workers;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Error};
use augment_api::{AuthConfig, Limits};
use augment_lambda::{Datasets, Service};
use augment_records::{Stores, dataset, jobs};
use augment_stores_local::{AccessKey, DataLock, ORIGINALS_BUCKET, Orphans, s3_server};
use augment_stores_port::system_clock;
use presign_lambda::auth::Verifier;
use presign_lambda::issuer::Issuer;
use presign_lambda::retention::{self, SweepReport};
use presign_lambda::{App, Settings, router};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

use self::dispatch::Dispatch;
use crate::Outcome;
use crate::args::ServeArgs;
use crate::console::Console;

/// How often what has lived its time is looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(600);
/// How long requests under way may take to end when the server stops.
const STOP_WITHIN: Duration = Duration::from_secs(10);

pub(crate) fn run(console: &Console, args: &ServeArgs) -> anyhow::Result<Outcome> {
    let data = match &args.data {
        Some(data) => data.clone(),
        None => data_folder::data_folder()?,
    };
    let _lock = DataLock::take(&data)?;
    log(args.verbose);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let stopping = stop_on_signal()?;
    runtime.block_on(serve(console, args, &data, stopping))?;
    // A job under way ends with the process; its lease lets the next process take it over.
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(Outcome::Done)
}

async fn serve(
    console: &Console,
    args: &ServeArgs,
    data: &std::path::Path,
    mut stopping: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("port {} cannot be had; give another with --port", args.port))?;
    let origin = format!("http://{}", listener.local_addr()?);

    let (records, folder) = open_stores::open(console, data, args.start_anew)?;
    let access = AccessKey::kept(&data.join("access-key.json"))?;
    let woken = Arc::new(Notify::new());
    let woken_for_datasets = Arc::new(Notify::new());
    let wakers = [Arc::clone(&woken), Arc::clone(&woken_for_datasets)];
    let (auth, verifier) = sign_in()?;
    let issuer_origins = page_asks(auth.as_ref());
    let limits = Limits { max_count: args.max_count, ..Limits::default() };
    let stores = Stores { objects: Arc::new(folder.clone()), records: Arc::new(records), clock: system_clock() };
    let service = Service {
        stores: stores.clone(),
        limits,
        memory_bytes: None,
        originals: ORIGINALS_BUCKET.to_owned(),
        datasets: Datasets::default(),
        metrics: Arc::new(|_| {}),
    };
    let arrived = job_workers::arrivals(service.clone(), Arc::clone(&woken));
    let orphans = folder.orphans();
    let store = s3_server(folder, &access, std::slice::from_ref(&origin), Some(arrived))?;
    let app = Arc::new(App {
        objects: stores.objects.clone(),
        signer: Arc::new(access.signer(origin.clone(), system_clock())),
        records: stores.records.clone(),
        verifier,
        settings: Settings { limits, auth, budgets: None },
        clock: system_clock(),
        metrics: Arc::new(|_| {}),
        wake: Arc::new(move || wakers.iter().for_each(|waker| waker.notify_one())),
    });
    let site = site::Site::find(args.site.as_deref(), issuer_origins)?;
    announce(console, &origin, data, &site);

    // The folder is locked, so whoever held a job is gone.
    jobs::release_all(&stores).await?;
    dataset::release_datasets(&stores).await?;
    job_workers::start(&service, &woken);
    tokio::spawn(job_workers::datasets(service.clone(), woken_for_datasets));
    let keeping = tokio::spawn(keep(console.clone(), service, woken, orphans, Arc::clone(&app)));
    let api_body_bytes = usize::try_from(limits.max_job_body_bytes.max(limits.max_body_bytes))?;
    let dispatch = Dispatch { origin, api: router(app), api_body_bytes, store, site };
    let mut until = stopping.clone();
    let stopped = async move {
        // An error means that nobody can ask us to stop any more.
        let _ = until.wait_for(|stop| *stop).await;
    };
    let serving = axum::serve(listener, dispatch.into_make_service()).with_graceful_shutdown(stopped);
    let mut serving = std::pin::pin!(serving.into_future());
    tokio::select! {
        served = &mut serving => served?,
        _ = stopping.wait_for(|stop| *stop) => {
            console.error("stopping; what is under way ends first");
            if let Ok(served) = tokio::time::timeout(STOP_WITHIN, serving).await {
                served?;
            }
        }
    }
    keeping.abort();
    Ok(())
}

/// Says where everything is. Nobody has to read it for the server to serve.
fn announce(console: &Console, origin: &str, data: &std::path::Path, site: &site::Site) {
    let _ = console.result(format_args!("Delta Augment is at {origin}"));
    let _ = console.result(format_args!("its data is in {}", data.display()));
    if !site.is_built() {
        let _ = console.result("the page is not built: `cargo xtask dist` builds it, --site names its folder");
    }
}

/// Tokens, where an issuer is configured by the environment.
fn sign_in() -> anyhow::Result<(Option<AuthConfig>, Option<Verifier>)> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let Some(issuer) = Issuer::read(variable).map_err(Error::msg)? else { return Ok((None, None)) };
    let (config, verifier) = issuer.open().map_err(Error::msg)?;
    Ok((Some(config), Some(verifier)))
}

/// Whom the page may ask to sign people in: the issuer, and what its operator names beside it where codes become tokens
/// at another origin.
fn page_asks(auth: Option<&AuthConfig>) -> Vec<String> {
    let Some(auth) = auth else { return Vec::new() };
    let more = std::env::var("DELTA_OIDC_ORIGINS").unwrap_or_default();
    let all = std::iter::once(auth.issuer.as_str()).chain(more.split_whitespace());
    all.filter_map(page::origin).collect()
}

/// Looks for files that no record knows, then for what has lived its time, again and again.
async fn keep(console: Console, service: Service, woken: Arc<Notify>, mut orphans: Orphans, app: Arc<App>) {
    job_workers::ingest_all(&service, &woken, &mut orphans).await;
    if orphans.count() > 0 {
        console.error(format_args!(
            "files that no record knows: {}; they were moved to {}, and nothing is removed for its age for a day. If \
             records.redb is an older copy, stop, put the newer one back, and move the files back into the same folders",
            orphans.count(),
            orphans.place().display()
        ));
        if let Err(error) = retention::postpone_expiry(&app).await {
            tracing::error!(%error, "the records cannot be written, so nothing is removed for its age");
            return;
        }
    }
    let mut told = false;
    loop {
        match retention::sweep(&app).await {
            Ok(SweepReport { leap_days: Some(days), .. }) if !told => {
                told = true;
                console.error(format_args!(
                    "the clock is {days} days later than when it was last looked at; set it if it is wrong: nothing is \
                     removed for its age before it has gone on for a day"
                ));
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "old images cannot be removed"),
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

/// Tells when the process is asked to stop; asked again, it stops at once.
fn stop_on_signal() -> anyhow::Result<watch::Receiver<bool>> {
    let (sender, receiver) = watch::channel(false);
    ctrlc::set_handler(move || {
        if sender.send_replace(true) {
            std::process::exit(130);
        }
    })?;
    Ok(receiver)
}

/// Lines of JSON on standard error: failures, and every request if it is wished. Only our own words: what libraries
/// say of requests holds signatures.
fn log(verbose: bool) {
    use tracing_subscriber::filter::{LevelFilter, Targets};
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;

    let level = if verbose { LevelFilter::INFO } else { LevelFilter::WARN };
    let ours = Targets::new().with_target("presign_lambda", level).with_target("delta", level);
    let ours = ours.with_target("augment_lambda", level);
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr);
    // Fails only where a log is there already, which is as good.
    let _ = tracing_subscriber::registry().with(lines).with(ours).try_init();
}
