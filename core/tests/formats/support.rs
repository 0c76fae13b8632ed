//! Files in memory, and datasets written from what was read.

use augment_core::files::Files;
use augment_core::formats::{Dataset, Frame, LabelChoice, LabelFormat, LabelWriter, open};
use augment_core::geometry::Size;
use augment_core::limits::Limits;
use augment_core::{Error, ErrorKind, Result};

/// Files by name, in memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    names: Vec<String>,
    contents: Vec<Vec<u8>>,
}

impl Memory {
    pub(crate) fn from_bytes(files: &[(&str, &[u8])]) -> Self {
        let mut files: Vec<(String, Vec<u8>)> = files.iter().map(|(n, c)| ((*n).to_owned(), c.to_vec())).collect();
        files.sort();
        let (names, contents) = files.into_iter().unzip();
        Self { names, contents }
    }

    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        Self::from_bytes(&files.iter().map(|(name, content)| (*name, content.as_bytes())).collect::<Vec<_>>())
    }

    pub(crate) fn from_entries(entries: &[(String, Vec<u8>)]) -> Self {
        Self::from_bytes(&entries.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect::<Vec<_>>())
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        let at =
            self.names.iter().position(|known| known == name).unwrap_or_else(|| panic!("no {name}: {:?}", self.names));
        std::str::from_utf8(&self.contents[at]).unwrap()
    }

    pub(crate) fn with_image(&self, name: &str) -> Self {
        let mut entries: Vec<(String, Vec<u8>)> = self.names.iter().cloned().zip(self.contents.clone()).collect();
        entries.push((name.to_owned(), Vec::new()));
        Self::from_entries(&entries)
    }
}

impl Files for Memory {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        let at = self.names.binary_search_by(|known| known.as_str().cmp(name));
        at.map(|at| self.contents[at].clone()).map_err(|_| Error::new(ErrorKind::Io, "no such file"))
    }

    fn size(&self, name: &str) -> Option<u64> {
        let at = self.names.binary_search_by(|known| known.as_str().cmp(name)).ok()?;
        Some(self.contents[at].len() as u64)
    }
}

pub(crate) fn opened(files: &dyn Files) -> Dataset {
    open(files, LabelChoice::Auto, &Limits::default()).unwrap()
}

/// Writes every image's labels once, as a run without a step does, and the files about all.
pub(crate) fn written(dataset: &Dataset, format: LabelFormat, size_of: impl Fn(&str) -> Size) -> Memory {
    let writer = LabelWriter::new(format, dataset);
    let (mut entries, mut fragments) = (Vec::new(), Vec::new());
    for item in &dataset.items {
        let size = size_of(&item.name);
        let placed = item.place(&Frame::plain(size), None).unwrap();
        let base = item.name.rsplit('/').next().unwrap();
        let (stem, extension) = base.rsplit_once('.').unwrap();
        let folder = item.split.as_ref().map(|split| format!("{split}/")).unwrap_or_default();
        let name = format!("images/{folder}{stem}_0.{extension}");
        let output = writer.render(&name, item.split.as_ref(), size, &placed.labels).unwrap();
        entries.extend(output.entries);
        entries.push((name, Vec::new()));
        fragments.extend(output.fragment);
    }
    entries.extend(writer.finish(&fragments).unwrap());
    Memory::from_entries(&entries)
}

pub(crate) fn round_trip(files: &dyn Files, format: LabelFormat, size: Size) -> Memory {
    written(&opened(files), format, |_| size)
}

/// Classes and VOC's four numbers.
type Boxes<'a> = &'a [(&'a str, [i32; 4])];

/// Images with one VOC file each: names, sizes, and boxes by class.
pub(crate) fn voc_files(folder: &str, images: &[(&str, Size, Boxes<'_>)]) -> Memory {
    let mut files = Vec::new();
    for (name, size, objects) in images {
        let mut xml = format!("<annotation><size><width>{}</width><height>{}</height></size>", size.width, size.height);
        for (class, [a, b, c, d]) in *objects {
            xml += &format!(
                "<object><name>{class}</name><bndbox><xmin>{a}</xmin><ymin>{b}</ymin><xmax>{c}</xmax><ymax>{d}</ymax>\
                 </bndbox></object>"
            );
        }
        let stem = name.rsplit_once('.').unwrap().0;
        files.push((format!("{folder}{stem}.xml"), (xml + "</annotation>").into_bytes()));
        files.push(((*name).to_owned(), Vec::new()));
    }
    Memory::from_entries(&files)
}

/// The same value with every number as a float, so that 28 equals 28.0.
pub(crate) fn numbers_as_floats(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Number(number) => Value::from(number.as_f64().unwrap()),
        Value::Array(list) => Value::Array(list.into_iter().map(numbers_as_floats).collect()),
        Value::Object(map) => Value::Object(map.into_iter().map(|(k, v)| (k, numbers_as_floats(v))).collect()),
        other => other,
    }
}
