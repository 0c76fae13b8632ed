//! `/v1/groups` and `/v1/tags`.

use std::collections::BTreeMap;
use std::sync::Arc;

use augment_api::{Group, Groups, NewGroup, ProblemKind, Tag, Tags};
use augment_records::{PUBLIC_LIST, group_list, own_list, tag_list};
use augment_stores_port::{Record, StoreError};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Body, Json};

/// Groups or tags listed at most.
const MOST: usize = 1000;
/// Groups that one user creates at most.
const MAX_OWN: usize = 200;
/// The list of created groups.
const GROUP_LIST: &str = "groups";

pub(crate) async fn make(State(app): State<Arc<App>>, caller: Caller, Body(body): Body) -> ApiResult<Response> {
    let own = format!("{GROUP_LIST}#{}", own_list(caller.signed_in()?));
    let NewGroup { name, title } = NewGroup::check(&body)?;
    if app.records.list(&own, None, MAX_OWN).await.map_err(ApiError::store)?.records.len() >= MAX_OWN {
        let detail = format!("you have created {MAX_OWN} groups, which is the most");
        return Err(ApiError::new(ProblemKind::WrongState, detail));
    }
    let group = Group { name, title };
    let record = Record {
        key: format!("group/{}", group.name),
        version: 1,
        sort: group.name.clone(),
        lists: vec![GROUP_LIST.to_owned(), own],
        expires: None,
        body: serde_json::to_string(&group).map_err(|error| ApiError::store(StoreError::other(error)))?,
    };
    match app.records.create(record).await {
        Ok(()) => Ok((StatusCode::CREATED, Json(group)).into_response()),
        Err(StoreError::AlreadyExists) => {
            Err(ApiError::new(ProblemKind::IdTaken, format!("the group {} already exists", group.name)))
        }
        Err(error) => Err(ApiError::store(error)),
    }
}

/// Created groups, and groups of images that the caller may see.
pub(crate) async fn list(State(app): State<Arc<App>>, caller: Caller) -> ApiResult<Response> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for name in names(&app, &caller, |scope| group_list(scope, "")).await? {
        groups.insert(name.clone(), Group { name, title: None });
    }
    let made = app.records.list(GROUP_LIST, None, MOST).await.map_err(ApiError::store)?;
    for record in made.records {
        let group: Group = serde_json::from_str(&record.body).map_err(|e| ApiError::store(StoreError::other(e)))?;
        groups.insert(group.name.clone(), group);
    }
    Ok(Json(Groups { groups: groups.into_values().collect() }).into_response())
}

pub(crate) async fn tags(State(app): State<Arc<App>>, caller: Caller) -> ApiResult<Response> {
    let names = names(&app, &caller, |scope| tag_list(scope, "")).await?;
    Ok(Json(Tags { tags: names.into_iter().map(|name| Tag { name }).collect() }).into_response())
}

/// The suffixes of the names of visible lists after a prefix, sorted and unique.
async fn names(app: &App, caller: &Caller, prefix: impl Fn(&str) -> String) -> ApiResult<Vec<String>> {
    let mut names = std::collections::BTreeSet::new();
    for scope in std::iter::once(PUBLIC_LIST.to_owned()).chain(caller.owner().map(own_list)) {
        let prefix = prefix(&scope);
        let lists = app.records.lists(&prefix, MOST).await.map_err(ApiError::store)?;
        names.extend(lists.iter().filter_map(|list| list.strip_prefix(&prefix).map(str::to_owned)));
    }
    Ok(names.into_iter().collect())
}
