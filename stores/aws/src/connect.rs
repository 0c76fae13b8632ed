//! Connections to S3 and DynamoDB: region, credentials, TLS, and custom endpoints.

use std::sync::Arc;

use augment_stores_port::sigv4::{Credentials, UrlSigner};
use augment_stores_port::system_clock;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

/// Region, credentials and endpoints of the services.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The region.
    pub region: String,
    /// The caller's credentials.
    pub credentials: Credentials,
    /// The endpoint of S3; Amazon's by default.
    pub s3_endpoint: Option<String>,
    /// The endpoint of DynamoDB; Amazon's by default.
    pub dynamodb_endpoint: Option<String>,
}

fn for_sdk(credentials: &Credentials) -> aws_credential_types::Credentials {
    let Credentials { id, secret, session } = credentials.clone();
    aws_credential_types::Credentials::new(id, secret, session, None, "given")
}

/// Attempts per request, with exponential backoff, if a service is busy or unreachable.
const MAX_ATTEMPTS: u32 = 6;

/// HTTP with the same TLS implementation as the rest of the project.
fn http_client() -> aws_sdk_s3::config::SharedHttpClient {
    aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}

impl Connection {
    /// An S3 client.
    #[must_use]
    pub fn s3(&self) -> aws_sdk_s3::Client {
        use aws_sdk_s3::config::{BehaviorVersion, Region, RequestChecksumCalculation, ResponseChecksumValidation};
        let mut config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .credentials_provider(for_sdk(&self.credentials))
            .http_client(http_client())
            .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
            // Checksums are set explicitly where they are needed.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        if let Some(endpoint) = &self.s3_endpoint {
            config = config.endpoint_url(endpoint).force_path_style(true);
        }
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// A DynamoDB client.
    #[must_use]
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .credentials_provider(for_sdk(&self.credentials))
            .http_client(http_client())
            .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS));
        if let Some(endpoint) = &self.dynamodb_endpoint {
            config = config.endpoint_url(endpoint);
        }
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    /// A URL signer for the two buckets.
    #[must_use]
    pub fn signer(&self, originals: &str, results: &str) -> UrlSigner {
        let credentials = self.credentials.clone();
        let amazon = || format!("https://s3.{}.amazonaws.com", self.region);
        UrlSigner {
            endpoint: self.s3_endpoint.clone().unwrap_or_else(amazon),
            region: self.region.clone(),
            originals: originals.to_owned(),
            results: results.to_owned(),
            path_style: self.s3_endpoint.is_some(),
            credentials: Arc::new(move || Ok(credentials.clone())),
            clock: system_clock(),
        }
    }
}
