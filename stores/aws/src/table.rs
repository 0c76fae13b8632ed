//! Creates the table, for tests and deployments without the template.

use augment_stores_port::StoreResult;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, TimeToLiveSpecification,
};

use crate::errors::of_dynamodb;
use crate::records::{DynamoRecords, EXPIRY};

fn build<T>(built: Result<T, aws_sdk_dynamodb::error::BuildError>) -> StoreResult<T> {
    built.map_err(augment_stores_port::StoreError::other)
}

fn attribute(name: &str, kind: ScalarAttributeType) -> StoreResult<AttributeDefinition> {
    build(AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build())
}

fn schema(hash: &str, range: &str) -> StoreResult<Vec<KeySchemaElement>> {
    let element = |name, kind| build(KeySchemaElement::builder().attribute_name(name).key_type(kind).build());
    Ok(vec![element(hash, KeyType::Hash)?, element(range, KeyType::Range)?])
}

impl DynamoRecords {
    /// Creates the table with its index and time to live.
    ///
    /// # Errors
    /// If the table exists or cannot be created.
    pub async fn make_table(&self) -> StoreResult<()> {
        let index = GlobalSecondaryIndex::builder()
            .index_name(EXPIRY)
            .set_key_schema(Some(schema("kind", "expires")?))
            .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
            .build();
        let attributes = vec![
            attribute("pk", ScalarAttributeType::S)?,
            attribute("sk", ScalarAttributeType::S)?,
            attribute("kind", ScalarAttributeType::S)?,
            attribute("expires", ScalarAttributeType::N)?,
        ];
        let create = self.client.create_table().table_name(&self.table).billing_mode(BillingMode::PayPerRequest);
        let create = create.set_attribute_definitions(Some(attributes)).set_key_schema(Some(schema("pk", "sk")?));
        create.global_secondary_indexes(build(index)?).send().await.map_err(|error| of_dynamodb(&error))?;
        let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name("expires").build();
        let ttl = self.client.update_time_to_live().table_name(&self.table).time_to_live_specification(build(ttl)?);
        ttl.send().await.map(drop).map_err(|error| of_dynamodb(&error))
    }
}
