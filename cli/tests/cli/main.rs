//! The command as a person meets it: what it writes, what it says, how it ends.
#![allow(missing_docs, clippy::unwrap_used, clippy::missing_assert_message, reason = "tests")]

mod augment;
mod beside;
mod drawn;
mod hostile;
mod images;
mod inputs;
mod interrupt;
mod replay;
mod reports;
mod support;
mod tools;
