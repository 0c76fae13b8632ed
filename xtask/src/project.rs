//! Where the project's folders are.

use std::path::{Path, PathBuf};

use anyhow::Context;
use cargo_metadata::{Metadata, MetadataCommand};

/// The project's root folder. Read when run, not when built: a build folder may serve several checkouts.
pub(crate) fn root() -> PathBuf {
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let root = xtask.as_deref().and_then(Path::parent).map(Path::to_path_buf);
    root.unwrap_or_else(|| PathBuf::from("."))
}

/// What cargo knows of the workspace; with `dependencies`, of everything it is built from too.
pub(crate) fn metadata(dependencies: bool) -> anyhow::Result<Metadata> {
    let mut command = MetadataCommand::new();
    command.current_dir(root());
    if !dependencies {
        command.no_deps();
    }
    command.exec().context("cargo metadata failed")
}

/// The build folder, as `CARGO_TARGET_DIR` or cargo's settings name it.
pub(crate) fn target_dir() -> anyhow::Result<PathBuf> {
    Ok(metadata(false)?.target_directory.into_std_path_buf())
}

/// The user's cache folder for this project.
pub(crate) fn cache() -> anyhow::Result<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let base = base.or_else(|| std::env::home_dir().map(|home| home.join(".cache")));
    Ok(base.context("there is no home folder: set XDG_CACHE_HOME")?.join("delta-augment"))
}
