//! VOC files of an input.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::read::{VocLabels, scan};
use crate::filled::filled;
use crate::formats::reader::{Harvest, Head, ImageLabels, Reader, Said, Survey, TextFile};
use crate::formats::{Holds, LabelFormat};

/// Reads Pascal VOC.
pub(in crate::formats) struct VocReader;

impl Reader for VocReader {
    fn format(&self) -> LabelFormat {
        LabelFormat::Voc
    }

    fn claims(&self, file: &TextFile, survey: &Survey<'_>) -> bool {
        match &file.head {
            Head::Xml { root } => root == "annotation",
            // Broken XML beside an image is a label that cannot be read.
            _ => file.extension() == "xml" && !survey.images_of(&file.name).is_empty(),
        }
    }

    fn gather(&self, files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest {
        let mut harvest = Harvest::default();
        let mut scans = Vec::new();
        let mut taken = BTreeSet::new();
        let (mut strays, mut others) = (Vec::new(), Vec::new());
        for file in &files {
            match scan(&file.text, survey.limits.max_objects) {
                Ok(None) => others.push(file.name.as_str()),
                Ok(Some(scan)) if survey.images_of(&file.name).is_empty() => strays.push((file, scan)),
                Ok(Some(scan)) => {
                    let images = survey.images_of(&file.name).to_vec();
                    taken.extend(&images);
                    scans.push((file, scan, images));
                }
                Err(error) => harvest.broken(&file.name, &error, survey),
            }
        }
        // A file that lies beside no image is about the one that it names, where no other file is.
        let mut orphans = Vec::new();
        for (file, scan) in strays {
            let said = Said { size: scan.size, stem: true, taken: Some(&taken), ..Said::default() };
            let image = survey.meant(&scan.image, &file.name, &said);
            match image.filter(|image| taken.insert(*image)) {
                Some(image) => scans.push((file, scan, vec![image])),
                None => orphans.push(file.name.as_str()),
            }
        }
        // In the order of their names, whichever file comes first.
        let names: BTreeSet<&str> =
            filled(scans.iter().flat_map(|(_, scan, _)| scan.classes.iter().map(String::as_str)));
        let classes = names.iter().map(|name| ((*name).to_owned(), harvest.class(name))).collect();
        let classes = Arc::new(classes);
        let deleted: usize = scans.iter().map(|(_, scan, _)| scan.deleted).sum();
        if deleted > 0 {
            harvest.warnings.push(format!("{deleted} object(s) are marked as deleted and are left out"));
        }
        for (file, scan, images) in &scans {
            harvest.holds.add(Holds { extras: scan.extras, shapes: scan.polygons > 0, ..Holds::default() });
            for image in images {
                let max_objects = survey.limits.max_objects;
                let labels = VocLabels { text: Arc::clone(&file.text), classes: Arc::clone(&classes), max_objects };
                // The dialect is read, not written.
                let own = !survey.images_of(&file.name).is_empty();
                let own_file = (own && scan.polygons == 0 && scan.deleted == 0).then(|| file.name.clone());
                harvest
                    .labels
                    .insert(*image, ImageLabels::Labels { labels: Arc::new(labels), objects: scan.objects, own_file });
            }
        }
        harvest.orphans(&orphans);
        harvest.warn_about(&others, "XML file(s) are no annotations and are left out");
        harvest
    }
}
