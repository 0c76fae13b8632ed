//! Parses CSV text: detects the delimiter and yields each record with its byte range.

use std::ops::Range;

use csv::{Reader, ReaderBuilder, StringRecord, Trim};

/// How the cells of a table are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats) struct Delimiter(u8);

impl Delimiter {
    /// The one that the first line of a text has most of.
    pub(in crate::formats) fn of(text: &str) -> Self {
        let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let count = |delimiter: &u8| line.bytes().filter(|byte| byte == delimiter).count();
        // Of equally many the last is taken, so that a line without any has commas.
        Self([b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b','))
    }
}

/// The records of a text or of a part of it, without empty lines.
pub(in crate::formats) struct Records<'a> {
    reader: Reader<&'a [u8]>,
    record: StringRecord,
    start: usize,
}

impl<'a> Records<'a> {
    /// The records of a part of a text.
    pub(in crate::formats) fn within(text: &'a str, part: Range<usize>, delimiter: Delimiter) -> Self {
        let bytes = text.as_bytes().get(part.clone()).unwrap_or_default();
        let mut builder = ReaderBuilder::new();
        builder.has_headers(false).flexible(true).trim(Trim::All).delimiter(delimiter.0);
        Self { reader: builder.from_reader(bytes), record: StringRecord::new(), start: part.start }
    }

    /// The records of a whole text.
    pub(in crate::formats) fn new(text: &'a str) -> Self {
        Self::within(text, 0..text.len(), Delimiter::of(text))
    }

    /// The next record and its place in the text; `None` at the end.
    pub(in crate::formats) fn next(&mut self) -> Option<(&StringRecord, Range<usize>)> {
        let at = |position: &csv::Position| usize::try_from(position.byte()).unwrap_or(usize::MAX);
        let start = at(self.reader.position());
        // Text that is UTF-8 with records of any length cannot fail to be read.
        let more = self.reader.read_record(&mut self.record).unwrap_or(false);
        let end = at(self.reader.position());
        more.then(|| (&self.record, self.start + start..self.start + end))
    }
}

/// The cells of a record, as text.
pub(in crate::formats) fn cells(record: &StringRecord) -> Vec<String> {
    record.iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(Vec<String>, &str)> {
        let mut records = Records::new(text);
        let mut found = Vec::new();
        while let Some((record, place)) = records.next() {
            found.push((cells(record), &text[place]));
        }
        found
    }

    #[test]
    fn every_record_is_found_again_at_its_place() {
        let text = "a;b\r\n\r\n\"x; \"\"y\"\"\nz\"; 2 \nlast;";
        let found = all(text);
        let texts: Vec<&[String]> = found.iter().map(|(cells, _)| &cells[..]).collect();
        assert_eq!(texts, [&["a", "b"][..], &["x; \"y\"\nz", "2"], &["last", ""]]);
        for (cells_found, part) in &found {
            let mut again = Records::within(part, 0..part.len(), Delimiter::of(text));
            assert_eq!(again.next().map(|(record, _)| cells(record)).as_ref(), Some(cells_found), "{part:?}");
            assert!(again.next().is_none(), "{part:?} is one record");
        }
    }

    #[test]
    fn the_delimiter_is_the_one_of_the_first_line() {
        for (text, delimiter) in
            [("a,b;c,d", b','), ("a\tb\n1,2,3\t4", b'\t'), ("\n a;b", b';'), ("a", b','), ("", b',')]
        {
            assert_eq!(Delimiter::of(text), Delimiter(delimiter), "{text:?}");
        }
    }
}
