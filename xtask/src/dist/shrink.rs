//! Brotli and gzip beside every file that shrinks: a host sends them as they are.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, GzBuilder};

use super::site::{Packed, Site, digest, ending};

/// Endings of files that shrink; the others are compressed already.
const SHRINKS: &[&str] = &["css", "html", "js", "json", "svg", "txt", "wasm", "webmanifest"];

/// Compresses what shrinks, on two threads' worth of files; `cache` holds what was compressed before.
pub(super) fn pack(site: &Site, cache: &Path) -> anyhow::Result<Vec<Packed>> {
    std::fs::create_dir_all(cache).with_context(|| format!("{} cannot be made", cache.display()))?;
    let files: Vec<_> = site.files().filter(|(name, _)| SHRINKS.contains(&ending(name))).collect();
    let packed = std::thread::scope(|scope| {
        let jobs: Vec<_> = files.iter().map(|(name, bytes)| scope.spawn(|| pack_one(name, bytes, cache))).collect();
        jobs.into_iter().map(|job| job.join().map_err(|_| anyhow::anyhow!("a file could not be compressed"))?).collect()
    });
    forget_old(cache)?;
    packed
}

fn pack_one(name: &str, bytes: &[u8], cache: &Path) -> anyhow::Result<Packed> {
    let key = digest(bytes);
    let brotli = cached(&cache.join(format!("{key}.br")), || brotli(bytes))?;
    let gzip = cached(&cache.join(format!("{key}.gz")), || gzip(bytes))?;
    Ok(Packed { name: name.to_owned(), brotli, gzip })
}

fn cached(at: &Path, make: impl FnOnce() -> std::io::Result<Vec<u8>>) -> anyhow::Result<Vec<u8>> {
    if let Ok(bytes) = std::fs::read(at) {
        return Ok(bytes);
    }
    let bytes = make()?;
    // Under another name first: half a file must never be found.
    let draft = at.with_extension(format!("{}-draft", std::process::id()));
    std::fs::write(&draft, &bytes)?;
    std::fs::rename(draft, at)?;
    Ok(bytes)
}

fn brotli(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    // The slowest setting: it is done once and sent often.
    let settings = BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: bytes.len(), ..Default::default() };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &settings)?;
    Ok(out)
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    // No name and no time: the same content gives the same bytes.
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Removes what was not asked for in a week.
fn forget_old(cache: &Path) -> anyhow::Result<()> {
    let week = std::time::Duration::from_secs(7 * 24 * 3600);
    for entry in cache.read_dir()? {
        let entry = entry?;
        if entry.metadata()?.modified()?.elapsed().is_ok_and(|age| age > week) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
