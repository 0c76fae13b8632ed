//! The listing of images, newest first, merged from the public list and the caller's own.

use std::collections::BTreeMap;

use augment_api::{Cursor, ImageFilter, ImagePage, State};
use augment_records::{Document, ImageRecord, PUBLIC_LIST, group_list, own_list, tag_list};
use augment_stores_port::Record;

use crate::app::App;
use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};

/// Reads per page at most: a filter with few matches ends with a cursor instead of a long wait.
const MAX_ROUNDS: usize = 20;

/// A page for a caller.
pub(crate) async fn page(app: &App, caller: &Caller, filter: &ImageFilter) -> ApiResult<ImagePage> {
    let mut scopes = Vec::new();
    if filter.mine {
        scopes.push(own_list(caller.signed_in()?));
    } else {
        scopes.push(PUBLIC_LIST.to_owned());
        scopes.extend(caller.owner().map(own_list));
    }
    let lists: Vec<String> = scopes
        .into_iter()
        .map(|scope| match (&filter.tag, &filter.group) {
            (Some(tag), _) => tag_list(&scope, tag),
            (None, Some(group)) => group_list(&scope, group),
            (None, None) => scope,
        })
        .collect();
    let limit = filter.limit as usize;
    let mut before = filter.cursor.as_ref().map(|cursor| format!("{:013}{}", cursor.created_ms, cursor.id));
    let mut page = ImagePage::default();
    for _ in 0..MAX_ROUNDS {
        // By sort key, so that an image in both lists appears once.
        let mut found: BTreeMap<String, Record> = BTreeMap::new();
        // Below this key, some list has not been read yet.
        let mut horizon: Option<String> = None;
        for list in &lists {
            let listed = app.records.list(list, before.as_deref(), limit + 1).await.map_err(ApiError::store)?;
            if let (true, Some(last)) = (listed.more, listed.records.last()) {
                horizon = horizon.max(Some(last.sort.clone()));
            }
            found.extend(listed.records.into_iter().map(|record| (record.sort.clone(), record)));
        }
        for (sort, record) in found.into_iter().rev() {
            if horizon.as_ref().is_some_and(|horizon| sort < *horizon) {
                break;
            }
            let image = ImageRecord::from_record(&record).map_err(ApiError::store)?;
            if !matches(&image, filter, caller) {
                continue;
            }
            if page.images.len() == limit {
                page.next_cursor = before.as_deref().and_then(cursor);
                return Ok(page);
            }
            before = Some(sort);
            page.images.push(image.shown_to(caller.owner()));
        }
        let Some(horizon) = horizon else { return Ok(page) };
        before = Some(horizon);
    }
    page.next_cursor = before.as_deref().and_then(cursor);
    Ok(page)
}

/// The cursor of a sort key.
fn cursor(sort: &str) -> Option<String> {
    Cursor::parse(&format!("c{sort}")).ok().map(|cursor| cursor.to_string())
}

fn matches(image: &ImageRecord, filter: &ImageFilter, caller: &Caller) -> bool {
    let state = match filter.state {
        Some(state) => image.state == state,
        // Pending reservations are listed only on request.
        None => image.state != State::Pending,
    };
    let group = filter.group.is_none() || image.group == filter.group;
    // Checked again in case a list is stale.
    state && group && image.visible_to(caller.owner())
}
