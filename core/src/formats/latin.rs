//! XML in one of the Latin encodings of eight bits, where its first line declares it.

/// What Windows-1252 has from 0x80 to 0x9F; the five that it leaves free stay control characters.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];
/// Bytes that a declaration is looked for in.
const LOOKED_AT: usize = 200;

/// The text of bytes whose XML declaration names ISO-8859-1 or Windows-1252; `None` for any other.
pub(super) fn declared(bytes: &[u8]) -> Option<String> {
    let head = bytes.strip_prefix(b"<?xml")?;
    let head = &head[..head.len().min(LOOKED_AT)];
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(&head[..end]).ok()?;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let name = value[1..].split(quote).next()?.to_ascii_lowercase();
    let windows = match name.as_str() {
        "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "latin-1" => false,
        "windows-1252" | "cp1252" | "cp-1252" => true,
        _ => return None,
    };
    let letter = |byte: &u8| match byte {
        0x80..=0x9f if windows => WINDOWS[usize::from(byte - 0x80)],
        byte => char::from(*byte),
    };
    Some(bytes.iter().map(letter).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_declared_is_read() {
        let text = |bytes: &[u8]| declared(bytes);
        assert_eq!(text(b"<?xml version='1.0' encoding='ISO-8859-1'?>\xe9").unwrap().chars().last(), Some('é'));
        assert_eq!(text(b"<?xml version=\"1.0\" encoding = \"Windows-1252\"?>\x80").unwrap().chars().last(), Some('€'));
        assert_eq!(text(b"<?xml version=\"1.0\" encoding=\"GBK\"?>\xe9"), None, "another one");
        assert_eq!(text(b"<?xml version=\"1.0\"?>\xe9"), None, "none is declared");
        assert_eq!(text(b"\xe9"), None);
    }
}
