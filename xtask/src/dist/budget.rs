//! What a visitor downloads, and the most it may be.

use anyhow::bail;

use super::site::Packed;
use super::site::{PAGE, Site, ending};

const KIB: usize = 1024;

/// What is downloaded together.
struct Part {
    name: &'static str,
    files: &'static [&'static str],
    /// The most bytes that it may have in brotli.
    most: usize,
}

const PARTS: &[Part] = &[
    Part {
        name: "first load",
        files: &[PAGE, "styles.css", "app.js", "app_bg.wasm", "icon.svg", "manifest.webmanifest"],
        most: 200 * KIB,
    },
    // With the readers and writers of all formats of labels, and every kind of TIFF.
    Part { name: "worker", files: &["worker.js", "worker_bg.wasm"], most: 992 * KIB },
];

/// The gallery alone: downloaded only where there is a gallery, or when a person asks for it. Its client of the API is
/// the cloud's too, and so among the later parts.
const GALLERY: &str = "gallery";
const GALLERY_FILE: &str = "app_split_gallery.wasm";
const GALLERY_MOST: usize = 105 * KIB;

/// What is downloaded after the first sight, or when it is first asked for: all modules that no part names, those among
/// them that the gallery shares with other rooms. Only the service worker downloads all of it at once.
const LATER: &str = "later parts";
const LATER_MOST: usize = 608 * KIB;

/// Prints the sizes; fails where a part is larger than it may be.
pub(super) fn check(site: &Site, packed: &[Packed]) -> anyhow::Result<()> {
    println!("{:42} {:>10} {:>10} {:>10}", "bytes", "raw", "gzip", "brotli");
    let named = |name: &str| name == GALLERY_FILE || PARTS.iter().any(|part| part.files.contains(&name));
    let later: Vec<&str> = site.sources().filter(|name| ending(name) == "wasm" && !named(name)).collect();
    let parts = PARTS.iter().map(|part| (part.name, part.files, part.most));
    let mut over = Vec::new();
    for (part, files, most) in
        parts.chain([(GALLERY, [GALLERY_FILE].as_slice(), GALLERY_MOST), (LATER, later.as_slice(), LATER_MOST)])
    {
        let mut sum = [0; 3];
        for name in files {
            let name = site.name_of(name);
            let Some(sizes) = sizes(site, packed, name) else { bail!("the site has no {name}") };
            row(&format!("  {name}"), sizes, "");
            sum = std::array::from_fn(|at| sum[at] + sizes[at]);
        }
        row(part, sum, &format!("  of {most}"));
        if sum[2] > most {
            over.push(format!("{part}: {} bytes in brotli, and may have {most}", sum[2]));
        }
    }
    if !over.is_empty() {
        bail!("the site is too large: {}", over.join("; "));
    }
    Ok(())
}

/// Bytes of a file raw, in gzip and in brotli.
fn sizes(site: &Site, packed: &[Packed], name: &str) -> Option<[usize; 3]> {
    let (_, raw) = site.files().find(|(file, _)| *file == name)?;
    let packed = packed.iter().find(|file| file.name == name);
    Some([
        raw.len(),
        packed.map_or(raw.len(), |file| file.gzip.len()),
        packed.map_or(raw.len(), |file| file.brotli.len()),
    ])
}

fn row(name: &str, [raw, gzip, brotli]: [usize; 3], note: &str) {
    println!("{name:42} {raw:>10} {gzip:>10} {brotli:>10}{note}");
}
