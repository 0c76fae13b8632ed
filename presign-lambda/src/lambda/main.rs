//! The API as a Lambda function: settings from the environment, stores on AWS.

mod environment;

use std::io::Write;
use std::sync::Arc;

use augment_stores_aws::{DynamoRecords, S3Objects, StoreEnvironment};
use augment_stores_port::system_clock;
use axum::extract::Request;
use axum::middleware;
use lambda_http::request::RequestContext;
use presign_lambda::{App, ClientAddress, Settings, client_address, issuer, router};

use crate::environment::Environment;

fn main() -> Result<(), lambda_http::Error> {
    // JSON lines of our own crates only: messages of libraries may contain signatures.
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    let ours = tracing_subscriber::filter::Targets::new().with_target("presign_lambda", tracing::Level::INFO);
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true);
    tracing_subscriber::registry().with(lines).with(ours).init();

    let environment = Environment::read(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))?;
    let edge: Option<Arc<str>> = environment.edge_secret.as_deref().map(Arc::from);
    let with_address = move |request: Request| {
        let edge = edge.clone();
        async move { with_address(request, edge.as_deref()) }
    };
    let service = router(Arc::new(app(environment)?)).layer(middleware::map_request(with_address));
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(lambda_http::run(service))
}

/// The service over the configured stores.
fn app(environment: Environment) -> Result<App, lambda_http::Error> {
    let Environment { stores, limits, budgets, issuer, .. } = environment;
    let StoreEnvironment { connection, table, originals, results } = stores;
    let (auth, verifier) = match issuer.map(issuer::Issuer::open).transpose()? {
        Some((auth, verifier)) => (Some(auth), Some(verifier)),
        None => (None, None),
    };
    Ok(App {
        objects: Arc::new(S3Objects::new(connection.s3(), &originals, &results)),
        signer: Arc::new(connection.signer(&originals, &results)),
        records: Arc::new(DynamoRecords::new(connection.dynamodb(), &table)),
        verifier,
        settings: Settings { limits, auth, budgets: Some(budgets) },
        clock: system_clock(),
        metrics: Arc::new(|line| {
            // A lost line only loses a metric.
            let _ = writeln!(std::io::stdout().lock(), "{line}");
        }),
        // Workers find jobs by the table's stream.
        wake: Arc::new(|| {}),
    })
}

/// Adds the client's IP address to a request.
fn with_address(mut request: Request, edge: Option<&str>) -> Request {
    let context = request.extensions().get::<RequestContext>();
    let peer = match context {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone(),
        _ => None,
    };
    if let Some(address) = client_address(request.headers(), peer.as_deref(), edge) {
        request.extensions_mut().insert(ClientAddress(address));
    }
    request
}
