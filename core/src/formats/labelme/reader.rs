//! Reading LabelMe files: which image each is about, and what its shapes say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::value::RawValue;

use super::read::{self, LabelMe};
use crate::error::{Error, ErrorKind};
use crate::filled::filled;
use crate::formats::LabelFormat;
use crate::formats::listed::about;
use crate::formats::reader::{Harvest, Head, Reader, Said, Survey, TextFile};
use crate::formats::sketch::{Gathering, Notation, Record, json};

/// Reads LabelMe.
pub(in crate::formats) struct LabelMeReader;

impl Reader for LabelMeReader {
    fn format(&self) -> LabelFormat {
        LabelFormat::LabelMe
    }

    fn claims(&self, file: &TextFile, _: &Survey<'_>) -> bool {
        matches!(file.head, Head::Json { list: false, .. })
            && file.has_keys(&["shapes"])
            && ["imagePath", "imageData", "imageHeight"].iter().any(|key| file.has_keys(&[key]))
    }

    /// Without the picture that files hold beside the labels, which is most of their size.
    fn condensed(&self, text: &str) -> Option<String> {
        let fields: BTreeMap<String, &RawValue> = json(text).ok()?;
        let picture = fields.get("imageData")?.get();
        let start = picture.as_ptr() as usize - text.as_ptr() as usize;
        (picture.len() > "null".len()).then(|| format!("{}\"\"{}", &text[..start], &text[start + picture.len()..]))
    }

    fn gather(&self, mut files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest {
        // Of several files about one image that which lies beside it is taken.
        files.sort_by_key(|file| survey.images_of(&file.name).is_empty());
        let notation: Arc<dyn Notation> = Arc::new(LabelMe);
        let mut gathering = Gathering::new(survey);
        let placed: BTreeSet<usize> = filled(files.iter().flat_map(|file| survey.images_of(&file.name)).copied());
        let mut taken = placed.clone();
        let (mut orphans, mut embedded, mut second) = (Vec::new(), Vec::new(), Vec::new());
        for file in &files {
            let stated = read::image_path(&file.text);
            let beside = survey.images_of(&file.name);
            // The name in a file goes stale when both are renamed, or when a file is copied with its image.
            let named = |path: &String| {
                if beside.is_empty() {
                    let said = Said { size: stated.size, taken: Some(&taken), ..Said::default() };
                    return survey.meant(path, &file.name, &said);
                }
                let found = survey.finder.find(path, &file.name);
                found.filter(|image| beside.contains(image) || !placed.contains(image))
            };
            let images = stated.path.as_ref().and_then(named).map_or_else(|| beside.to_vec(), |image| vec![image]);
            taken.extend(&images);
            if images.is_empty() {
                if stated.holds_picture { embedded.push(file.name.as_str()) } else { orphans.push(file.name.as_str()) }
            }
            for image in images {
                if gathering.has(image) {
                    second.push(file.name.as_str());
                } else {
                    gathering.add(&file.name, image, Record::whole(&file.text, &notation));
                }
            }
        }
        let mut harvest = gathering.finish();
        harvest.orphans(&orphans);
        if let Some(about) = about(&embedded, "label file(s) hold their pictures inside (imageData)") {
            let advice = "which is not read: put the pictures beside them";
            harvest.problem(embedded[0], Error::new(ErrorKind::Label, format!("{about}, {advice}")));
        }
        harvest.warn_about(&second, "LabelMe file(s) are about images that have one already, and are left out");
        harvest
    }
}
