//! Maps errors of S3 and DynamoDB to those of the port.

use augment_stores_port::StoreError;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

/// Maps an S3 error. The message contains no URL and no key.
pub(crate) fn of_s3<E: ProvideErrorMetadata + std::error::Error>(error: &SdkError<E>) -> StoreError {
    let status = error.raw_response().map(|response| response.status().as_u16());
    match error.code() {
        Some("NoSuchKey" | "NotFound" | "NoSuchUpload") => StoreError::NotFound,
        Some("InvalidPart" | "InvalidPartOrder") => StoreError::Precondition,
        // Answers to HEAD have no body with an error code.
        _ if status == Some(404) => StoreError::NotFound,
        code => StoreError::other(format!("S3: {}, status {status:?}", code.unwrap_or("no answer"))),
    }
}

/// Maps a DynamoDB error.
pub(crate) fn of_dynamodb<E: ProvideErrorMetadata + std::error::Error>(error: &SdkError<E>) -> StoreError {
    match error.code() {
        Some("ConditionalCheckFailedException") => StoreError::Precondition,
        Some("ResourceInUseException") => StoreError::AlreadyExists,
        code => {
            let status = error.raw_response().map(|response| response.status().as_u16());
            StoreError::other(format!("DynamoDB: {}, status {status:?}", code.unwrap_or("no answer")))
        }
    }
}
