//! Color profiles: which ones are carried from an input to its outputs.

use crate::image::Channels;

/// Profiles of screens and cameras have kilobytes; the largest table-based ones some megabytes.
pub(super) const MAX_BYTES: usize = 8 << 20;

/// The color space of the device in a profile's head (ICC.1:2022, 7.2.6), or nothing where it is not a profile.
fn color_space(profile: &[u8]) -> Option<&[u8]> {
    let head = profile.get(..128)?;
    (&head[36..40] == b"acsp").then_some(&head[16..20])
}

/// Whether a profile describes an image of these channels.
pub(super) fn fits(profile: &[u8], channels: Channels) -> bool {
    profile.len() <= MAX_BYTES
        && match color_space(profile) {
            Some(b"GRAY") => channels == Channels::Gray,
            Some(b"RGB ") => channels != Channels::Gray,
            _ => false,
        }
}

/// The profile where it fits the image, or nothing and a warning that says why.
pub(super) fn fitting(profile: Option<Vec<u8>>, channels: Channels, warnings: &mut Vec<String>) -> Option<Vec<u8>> {
    let profile = profile?;
    if fits(&profile, channels) {
        return Some(profile);
    }
    warnings.push(match color_space(&profile) {
        _ if profile.len() > MAX_BYTES => {
            format!("the color profile of {} bytes is left out: it is too large", profile.len())
        }
        None => "the color profile is left out: it is damaged".to_owned(),
        Some(space) => format!(
            "the color profile is left out: it describes {} pixels",
            String::from_utf8_lossy(space).trim_end().escape_default()
        ),
    });
    None
}
