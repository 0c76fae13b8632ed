//! Being offline: the service worker, the offer of a new version, installing.

use leptos::prelude::*;

/// Says whether the page works without a network.
#[component]
pub fn OfflineBadge() -> impl IntoView {}
