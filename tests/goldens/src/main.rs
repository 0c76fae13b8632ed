//! Prints all goldens, a line each.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(augment_goldens::text().as_bytes())
}
