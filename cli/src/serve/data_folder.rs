//! The default data folder.

use std::path::PathBuf;

use anyhow::Context;

/// The folder for this program in the user's data directory.
pub(crate) fn data_folder() -> anyhow::Result<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = if cfg!(target_os = "windows") {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")))
    };
    Ok(base.context("there is no user data directory; name a folder with --data")?.join("delta-augment"))
}
