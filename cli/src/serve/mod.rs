//! `delta serve`: page, API, object store, records and workers in one local process.

mod connections;
mod data_folder;
mod dispatch;
mod job_workers;
mod open_stores;
mod page;
mod site;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Error};
use augment_api::{AuthConfig, Limits};
use augment_lambda::{Datasets, Service, Stopping};
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
use crate::args::ServeArgs;
use crate::console::Console;
use crate::outcome::Outcome;

/// Interval of retention sweeps.
const SWEEP_EVERY: Duration = Duration::from_secs(600);
/// Grace period for open requests on shutdown.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

pub(crate) fn run(console: &Console, args: &ServeArgs) -> anyhow::Result<Outcome> {
    let data = match &args.data {
        Some(data) => data.clone(),
        None => data_folder::data_folder()?,
    };
    data_folder::keep_private(&data)?;
    let _lock = DataLock::take(&data)?;
    log(args.verbose);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let stopping = stop_on_signal()?;
    runtime.block_on(serve(console, args, &data, stopping))?;
    // What still runs ends with the process; the next process takes its job over.
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
        .with_context(|| format!("port {} is not available; choose another with --port", args.port))?;
    let origin = format!("http://{}", listener.local_addr()?);

    let (records, folder) = open_stores::open(console, data, args.start_anew)?;
    let access = AccessKey::load_or_create(&data.join("access-key.json"))?;
    let woken = Arc::new(Notify::new());
    let woken_for_datasets = Arc::new(Notify::new());
    let wakers = [Arc::clone(&woken), Arc::clone(&woken_for_datasets)];
    let (auth, verifier) = sign_in()?;
    let issuer_origins = sign_in_origins(auth.as_ref());
    let items_at_once = u32::try_from(job_workers::at_once()).unwrap_or(1);
    let limits = Limits { max_count: args.max_count, items_at_once, ..Limits::default() };
    let stores = Stores { objects: Arc::new(folder.clone()), records: Arc::new(records), clock: system_clock() };
    let service = Service {
        stores: stores.clone(),
        limits,
        memory_bytes: None,
        originals: ORIGINALS_BUCKET.to_owned(),
        sign_in: auth.is_some(),
        datasets: Datasets::default(),
        metrics: Arc::new(|_| {}),
        stopping: Stopping::default(),
    };
    let on_put = job_workers::ingest_hook(service.clone(), Arc::clone(&woken));
    let orphans = folder.orphans();
    let store = s3_server(folder, &access, std::slice::from_ref(&origin), Some(on_put))?;
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

    // The folder is locked, so earlier workers are gone.
    jobs::release_all(&stores).await?;
    dataset::release_datasets(&stores).await?;
    let mut workers = job_workers::start(&service, &woken, &woken_for_datasets);
    let service_stopping = service.stopping.clone();
    let maintenance = tokio::spawn(maintain(console.clone(), service, woken, orphans, Arc::clone(&app)));
    let api_body_bytes = usize::try_from(limits.max_job_body_bytes.max(limits.max_body_bytes))?;
    let dispatch = Dispatch { origin, api: router(app), api_body_bytes, store, site };
    let mut serving = std::pin::pin!(connections::serve(listener, dispatch, stopping.clone()));
    tokio::select! {
        () = &mut serving => {}
        // An error means that no stop signal can arrive.
        _ = stopping.wait_for(|stop| *stop) => {
            console.error("stopping after open requests end");
            service_stopping.stop();
            let given_back = async { while workers.join_next().await.is_some() {} };
            let ended = async { tokio::join!(serving, given_back) };
            // What takes longer ends with the process.
            let _ = tokio::time::timeout(SHUTDOWN_GRACE, ended).await;
        }
    }
    maintenance.abort();
    Ok(())
}

/// Prints the address and the data folder; output errors are ignored.
fn announce(console: &Console, origin: &str, data: &std::path::Path, site: &site::Site) {
    let _ = console.result(format_args!("Delta Augment is at {origin}"));
    let _ = console.result(format_args!("its data is in {}", data.display()));
    if !site.is_built() {
        let _ = console.result("the page is not built: run `cargo xtask dist`, or name its folder with --site");
    }
}

/// The sign-in configuration from the environment.
fn sign_in() -> anyhow::Result<(Option<AuthConfig>, Option<Verifier>)> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let Some(issuer) = Issuer::read(variable).map_err(Error::msg)? else { return Ok((None, None)) };
    let (config, verifier) = issuer.open().map_err(Error::msg)?;
    Ok((Some(config), Some(verifier)))
}

/// Origins that the page may contact for sign-in: the issuer's, and those in `DELTA_OIDC_ORIGINS` for token endpoints
/// elsewhere.
fn sign_in_origins(auth: Option<&AuthConfig>) -> Vec<String> {
    let Some(auth) = auth else { return Vec::new() };
    let more = std::env::var("DELTA_OIDC_ORIGINS").unwrap_or_default();
    let all = std::iter::once(auth.issuer.as_str()).chain(more.split_whitespace());
    all.filter_map(page::origin).collect()
}

/// Ingests files without records once, then sweeps expired data forever.
async fn maintain(console: Console, service: Service, woken: Arc<Notify>, mut orphans: Orphans, app: Arc<App>) {
    job_workers::ingest_all(&service, &woken, &mut orphans).await;
    if orphans.count() > 0 {
        console.error(format_args!(
            "files without a record: {}; they were moved to {}, and nothing expires for a day. If records.redb is an \
             older copy, stop the server, restore the newer one, and move the files back into the same folders",
            orphans.count(),
            orphans.folder().display()
        ));
        if let Err(error) = retention::postpone_expiry(&app).await {
            tracing::error!(%error, "the records cannot be written, so nothing expires");
            return;
        }
    }
    let mut warned = false;
    loop {
        match retention::sweep(&app).await {
            Ok(SweepReport { leap_days: Some(days), .. }) if !warned => {
                warned = true;
                console.error(format_args!(
                    "the clock is {days} days ahead of its last check; correct it if it is wrong: nothing expires before \
                     it has run for a day"
                ));
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "expired images cannot be removed"),
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

/// Reports the first stop signal; the second one exits at once.
fn stop_on_signal() -> anyhow::Result<watch::Receiver<bool>> {
    let (sender, receiver) = watch::channel(false);
    ctrlc::set_handler(move || {
        if sender.send_replace(true) {
            std::process::exit(130);
        }
    })?;
    Ok(receiver)
}

/// JSON log lines on standard error: failures, and with `verbose` every request. Only our own crates, since messages of
/// libraries contain signatures.
fn log(verbose: bool) {
    use tracing_subscriber::filter::{LevelFilter, Targets};
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;

    let level = if verbose { LevelFilter::INFO } else { LevelFilter::WARN };
    let ours = Targets::new().with_target("presign_lambda", level).with_target("delta", level);
    let ours = ours.with_target("augment_lambda", level).with_target("augment_stores_local", level);
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr);
    // Fails only if a logger is already installed.
    let _ = tracing_subscriber::registry().with(lines).with(ours).try_init();
}
