//! Counters that never exceed their limits, by conditional updates.

use augment_stores_port::{Spend, StoreError, StoreResult};
use aws_sdk_dynamodb::Client;

use crate::errors::of_dynamodb;
use crate::row::{ALONE, number, row_key};

pub(crate) async fn spend(client: &Client, table: &str, spend: &Spend) -> StoreResult<()> {
    let room = spend.limit.checked_sub(spend.amount).ok_or(StoreError::Precondition)?;
    let update = client.update_item().table_name(table).set_key(Some(row_key(&spend.key, ALONE).into_iter().collect()));
    let update = update
        .update_expression("ADD spent :amount SET expires = :expires")
        .condition_expression("attribute_not_exists(spent) OR spent <= :room")
        .expression_attribute_values(":amount", number(spend.amount))
        .expression_attribute_values(":room", number(room))
        .expression_attribute_values(":expires", number(spend.expires));
    update.send().await.map(drop).map_err(|error| of_dynamodb(&error))
}
