//! Who calls: the local user, somebody with a token, or nobody in particular.

use std::sync::Arc;

use augment_api::ProblemKind;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use crate::error::{ApiError, ApiResult};
use crate::app::App;

/// Where a request came from, put into its extensions by whoever knows: a socket, a gateway.
#[derive(Clone, Debug)]
pub struct ClientAddress(pub String);

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The name that images are owned by; `None` for somebody without a token.
    owner: Option<String>,
    /// The address, where it is known.
    pub(crate) address: Option<String>,
}

impl Caller {
    /// The owner, or a refusal for somebody without a token.
    pub(crate) fn signed_in(&self) -> ApiResult<&str> {
        let refusal = || ApiError::new(ProblemKind::Unauthenticated, "sign in: this needs a bearer token");
        self.owner.as_deref().ok_or_else(refusal)
    }

    pub(crate) fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }

    pub(crate) fn owns(&self, owner: &str) -> bool {
        self.owner() == Some(owner)
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> ApiResult<Self> {
        let address = parts.extensions.get::<ClientAddress>().map(|address| address.0.clone());
        let Some(verifier) = &app.verifier else {
            return Ok(Self { owner: Some("local".to_owned()), address });
        };
        let Some(value) = parts.headers.get(header::AUTHORIZATION) else {
            return Ok(Self { owner: None, address });
        };
        let text = value.to_str().unwrap_or_default();
        let token = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let Some((_, token)) = token else {
            return Err(ApiError::new(ProblemKind::Unauthenticated, "the authorization header is no bearer token"));
        };
        let subject = verifier.verify(token.trim(), (app.clock)()).await?;
        // A prefix keeps subjects apart from the local user.
        Ok(Self { owner: Some(format!("oidc:{subject}")), address })
    }
}
