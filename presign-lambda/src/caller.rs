//! The caller of a request: the local user, a signed-in user, or an anonymous one.

use std::sync::Arc;

use augment_api::ProblemKind;
use augment_records::oidc_owner;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use crate::app::App;
use crate::error::{ApiError, ApiResult};

/// The client's IP address, stored in the request's extensions by the server or gateway.
#[derive(Clone, Debug)]
pub struct ClientAddress(pub String);

/// The caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The user name, which owns images; `None` for an anonymous caller.
    owner: Option<String>,
    /// The IP address, if known.
    pub(crate) address: Option<String>,
}

impl Caller {
    /// The user name, or a refusal for an anonymous caller.
    pub(crate) fn signed_in(&self) -> ApiResult<&str> {
        let refusal = || ApiError::new(ProblemKind::Unauthenticated, "sign in: this request needs a bearer token");
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
            return Err(ApiError::new(ProblemKind::Unauthenticated, "the authorization header needs a bearer token"));
        };
        let subject = verifier.verify(token.trim(), (app.clock)()).await?;
        Ok(Self { owner: Some(oidc_owner(&subject)), address })
    }
}
