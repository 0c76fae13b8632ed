//! The data folder: where it is by default, and that only its owner may read it.

use std::path::{Path, PathBuf};

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

/// Creates a folder that only its owner may read, or makes it so. What this process creates later is private too.
pub(crate) fn keep_private(folder: &Path) -> anyhow::Result<()> {
    let named = || folder.display().to_string();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
        std::fs::create_dir_all(folder).with_context(named)?;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).with_context(named)?;
    }
    #[cfg(not(unix))]
    std::fs::create_dir_all(folder).with_context(named)?;
    Ok(())
}
