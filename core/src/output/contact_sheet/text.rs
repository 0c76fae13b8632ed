//! Letters on the sheet.

use super::pen::Pen;

/// Pixels between pictures, and between names.
pub(super) const GAP: u32 = 8;
/// Pixels of a letter.
pub(super) const WIDTH: u32 = 8;
/// Pixels of a line.
pub(super) const HEIGHT: u32 = 8;

/// Writes a line; what the small font lacks becomes a question mark.
pub(super) fn write(pen: &mut Pen<'_>, text: &str, left: u32, top: u32, color: [u8; 3]) {
    for (at, letter) in text.chars().enumerate() {
        let glyph =
            font8x8::legacy::BASIC_LEGACY.get(letter as usize).unwrap_or(&font8x8::legacy::BASIC_LEGACY[b'?' as usize]);
        for (y, row) in glyph.iter().enumerate() {
            for x in (0..8).filter(|x| row >> x & 1 == 1) {
                let x = i64::from(left) + (at as i64) * i64::from(WIDTH) + x;
                pen.dot(x, i64::from(top) + y as i64, color, 1.0);
            }
        }
    }
}

/// The pixels of a legend's entry: a patch of color, a name, a gap.
pub(super) fn entry_width(name: &str) -> u32 {
    HEIGHT + 4 + name.chars().count() as u32 * WIDTH + 2 * GAP
}

/// The entries of a legend in lines of a width.
pub(super) fn lines(entries: &[(usize, String)], width: u32) -> Vec<Vec<(usize, String)>> {
    let mut lines: Vec<Vec<(usize, String)>> = Vec::new();
    let mut used = width;
    for entry in entries {
        let wide = entry_width(&entry.1);
        match lines.last_mut() {
            Some(line) if used + wide <= width => line.push(entry.clone()),
            _ => {
                lines.push(vec![entry.clone()]);
                used = 0;
            }
        }
        used += wide;
    }
    lines
}
