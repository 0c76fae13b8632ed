//! Debian's own toolchain for WebAssembly, for machines whose rustup cannot fetch the target.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::{project, shell, wasm};

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";

/// The oldest compiler the workspace builds with: `rust-version` in `Cargo.toml`.
const OLDEST_RUST: &str = env!("CARGO_PKG_RUST_VERSION");

/// Whether packages can be installed without asking anybody.
pub(crate) fn can_install() -> bool {
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    root && Path::new("/usr/bin/apt-get").exists()
}

/// Installs packages by apt.
pub(crate) fn install(packages: &[&str]) -> anyhow::Result<()> {
    if !can_install() {
        bail!("install {} by hand: this needs Debian and root", packages.join(", "));
    }
    shell::run(&mut shell::command("apt-get", &["update", "--quiet=2"]))?;
    let mut apt = shell::command("apt-get", &["install", "--quiet=2", "--yes", "--no-install-recommends"]);
    shell::run(apt.args(packages).env("DEBIAN_FRONTEND", "noninteractive"))
}

/// Installs rustc with its library's source, builds the library for WebAssembly and links the toolchain to rustup.
pub(crate) fn install_toolchain() -> anyhow::Result<()> {
    install(&["rustc-web", "cargo-web", "rust-web-src"])?;
    let version = shell::output(&mut shell::command(RUSTC, &["-vV"]))?;
    let field = |name: &str| version.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("").trim().to_owned();
    if numbers(&field("release:")) < numbers(OLDEST_RUST) {
        bail!("Debian's rustc is {}, older than {OLDEST_RUST}: fetch {} by rustup", field("release:"), wasm::TARGET);
    }
    // The linker must be of the compiler's own LLVM.
    let llvm = field("LLVM version:");
    install(&[&format!("lld-{}", llvm.split('.').next().unwrap_or_default())])?;
    let sysroot = PathBuf::from(shell::output(&mut shell::command(RUSTC, &["--print", "sysroot"]))?.trim());
    let library = sysroot.join("lib/rustlib").join(wasm::TARGET).join("lib");
    build_library(&library)?;
    let mut link = shell::command("rustup", &["toolchain", "link", wasm::FALLBACK_TOOLCHAIN]);
    shell::run(link.arg(&sysroot))?;
    if !wasm::has_target(Some(wasm::FALLBACK_TOOLCHAIN)) {
        bail!("the library for {} was built, but rustc does not find it in {}", wasm::TARGET, library.display());
    }
    Ok(())
}

/// Builds the standard library by building an empty crate on it, and copies it to where rustc looks.
fn build_library(to: &Path) -> anyhow::Result<()> {
    let scratch = project::target_dir()?.join("wasm-std");
    std::fs::create_dir_all(scratch.join("src"))?;
    std::fs::write(scratch.join("src/lib.rs"), "")?;
    // A workspace of its own, or cargo would look for it in ours.
    let manifest =
        "[workspace]\n[package]\nname = \"nothing\"\nedition = \"2024\"\n[profile.release]\npanic = \"abort\"\n";
    std::fs::write(scratch.join("Cargo.toml"), manifest)?;
    let mut build = shell::command(CARGO, &["build", "--release", "-Zbuild-std=std,panic_abort"]);
    build.args(["--target", wasm::TARGET, "--target-dir", "target"]).current_dir(&scratch);
    let path = std::env::var("PATH").unwrap_or_default();
    build.env("PATH", format!("/usr/bin:{path}")).env("RUSTC", RUSTC).env("RUSTC_BOOTSTRAP", "1");
    // Without bitcode, a build with link-time optimization would fail later.
    shell::run(build.env("RUSTFLAGS", "-Cembed-bitcode=yes").env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO"))?;
    std::fs::create_dir_all(to)?;
    let built = scratch.join("target").join(wasm::TARGET).join("release/deps");
    for entry in std::fs::read_dir(&built).with_context(|| format!("{} cannot be read", built.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libnothing") {
            std::fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}

/// `1.96.0` as numbers to compare.
fn numbers(version: &str) -> Vec<u32> {
    version.split(['.', '-', ' ']).map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn versions_compare_by_number_not_by_letter() {
        assert!(numbers("1.100.0") > numbers("1.95"), "100 is later than 95");
        assert!(numbers("1.85.0+dfsg3") < numbers("1.95"), "85 is earlier than 95");
    }
}
