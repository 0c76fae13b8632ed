//! Whether a text names an image as labels do, or only speaks of it as a note does.

use std::collections::BTreeMap;

use super::words::has_picture_ending;

/// What ends a word or cell of a line.
pub(super) const CELL_ENDS: [char; 4] = [' ', '\t', ',', ';'];

/// Lines that are looked at to tell whether a text is a table of pictures.
const LOOKED_AT: usize = 50;

/// Whether a text names a file as data: in JSON or XML, at the beginning of a line, or in a column of pictures. A sentence that mentions the file does not.
pub(in crate::formats) fn names(text: &str, file: &str) -> bool {
    text.contains(file)
        && (text.trim_start().starts_with(['{', '[', '<'])
            || text.lines().any(|line| begins_with(line, file))
            || is_table(text))
}

/// Whether a line begins with a path that ends in a file's name.
fn begins_with(line: &str, file: &str) -> bool {
    let line = line.trim_start().trim_start_matches(['"', '\'']);
    let Some((folders, rest)) = line.split_once(file) else { return false };
    let whole = rest.trim_end().is_empty() && folders.ends_with('/');
    if is_prose(rest) {
        return false;
    }
    let ended = rest.chars().next().is_none_or(|next| !next.is_alphanumeric());
    ended && (whole || !folders.contains(CELL_ENDS)) && (folders.is_empty() || folders.ends_with(['/', '\\']))
}

/// Whether what follows a name goes on as a sentence does: with words, and spaces between them.
fn is_prose(rest: &str) -> bool {
    let is_word = |word: &str| word.chars().all(|c| c.is_alphabetic() || ".!?'’".contains(c));
    !rest.contains(['\t', ',', ';'])
        && rest.starts_with(' ')
        && rest.split_whitespace().count() > 1
        && rest.split_whitespace().all(is_word)
}

/// Whether a word is the hash of a file.
fn is_hash(word: &str) -> bool {
    word.len() >= 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether at least half of the first lines name a picture in one column. One line of words is no table yet, one of cells
/// is.
fn is_table(text: &str) -> bool {
    let lines = text.lines().filter(|line| !line.trim().is_empty()).take(LOOKED_AT);
    let mut columns: BTreeMap<usize, usize> = BTreeMap::new();
    let (mut all, mut cells) = (0, false);
    for line in lines {
        let mut words = line.split(CELL_ENDS).map(|word| word.trim_matches(['"', '\'']));
        all += 1;
        if line.split_whitespace().any(is_hash) {
            continue;
        }
        if let Some(column) = words.position(has_picture_ending) {
            *columns.entry(column).or_default() += 1;
            cells |= line.contains([',', '\t', ';']);
        }
    }
    columns.into_values().any(|naming| naming * 2 >= all && (naming > 1 || cells))
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn labels_name_images_and_notes_speak_of_them() {
        for data in [
            "{\"file_name\": \"a.jpg\"}",
            "<image name=\"x/a.jpg\"/>",
            "a.jpg 1 2 3 4 cat\nb.jpg 1 2 3 4 cat\n",
            "0--Parade/a.jpg\n1\n449 330 122 149 0 0\n",
            "1 birds/a.jpg\n2 birds/b.jpg\n",
            "my photos/a.jpg\n3\n",
            "\"a.jpg\",5,\"{}\"\n",
            "TRAIN,gs://bucket/a.jpg,cat,0.1,0.1\n",
            "set,path,label\nTRAIN,x/a.jpg,cat\n",
            "a.jpg: 3\n",
        ] {
            assert!(names(data, "a.jpg"), "{data}");
        }
        for note in [
            "Seen with: delta augment a.jpg -o o.zip\nIt is dark.\nTake b.jpg instead?\n",
            "we took the picture a.jpg on Monday,\nand it rained\n(with an old camera)\n",
            "This is a.jpg\n",
            "b.jpg 1 2 3 4\n",
            "photos/a.jpg is blurry\n",
            "d41d8cd98f00b204e9800998ecf8427e  a.jpg\nd41d8cd98f00b204e9800998ecf8427f  b.jpg\n",
            "aa.jpg 1\nx\ny\nz\n",
        ] {
            assert!(!names(note, "a.jpg"), "{note}");
        }
    }
}
