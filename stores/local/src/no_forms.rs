//! Refuses uploads by form before their bodies are read: they are held in memory until they are verified.

use std::task::{Context, Poll};

use futures_util::future::{Either, Ready, ready};
use http::{Request, Response, StatusCode, header};
use s3s::service::S3Service;
use tower::Service;

/// The S3 service without uploads by form, which no client here needs.
#[derive(Clone, Debug)]
pub struct NoForms(pub(crate) S3Service);

impl<B, E, F> Service<Request<B>> for NoForms
where
    S3Service: Service<Request<B>, Response = Response<s3s::Body>, Error = E, Future = F>,
    F: Future<Output = Result<Response<s3s::Body>, E>>,
{
    type Response = Response<s3s::Body>;
    type Error = E;
    type Future = Either<Ready<Result<Self::Response, E>>, F>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), E>> {
        Service::poll_ready(&mut self.0, context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let media_type = request.headers().get(header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
        if media_type.trim_ascii_start().to_ascii_lowercase().starts_with(b"multipart/") {
            let mut refusal = Response::new(s3s::Body::from("uploads by form are not allowed".to_owned()));
            *refusal.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            // The rest of the body is not read.
            refusal.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
            return Either::Left(ready(Ok(refusal)));
        }
        Either::Right(Service::call(&mut self.0, request))
    }
}
