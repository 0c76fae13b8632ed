//! The open dataset of a worker, and its listing for the page.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::BufReader;

use augment_core::codec::Format;
use augment_core::digest::Digest;
use augment_core::error::Error;
use augment_core::files::{Files, Inputs, Stored};
use augment_core::formats::{Around, Belongs, LabelChoice, LabelFormat};
use augment_core::limits::Limits;
use augment_core::pipeline::RunSpec;
use augment_core::plan::Recipe;
use augment_core::preview::{Reduced, class_color};
use augment_core::run::InputDataset;
use augment_web_messages::{ClassInfo, ItemInfo, Listing, OpenSettings, ProblemInfo, Refusal, Response, SplitInfo};
use js_sys::Uint8Array;
use serde_json::json;

use crate::input::{DroppedFile, cause_of, gather};
use crate::post::RequestResult;
use crate::source_cache::SourceCache;
use crate::web_file::{Slices, WebFile};

/// Larger files are not read ahead: two at once would need too much memory.
const MAX_AHEAD: u64 = 16 << 20;
/// The read buffer of archives in bytes.
const READ_AHEAD: usize = 128 << 10;

impl DroppedFile for WebFile {
    type Reader = BufReader<Slices>;

    fn is_zip(&self) -> bool {
        Self::is_zip(self)
    }

    fn reader(self) -> Self::Reader {
        BufReader::with_capacity(READ_AHEAD, Slices::new(self))
    }
}

/// An open dataset with a cache of reduced sources.
#[derive(Debug)]
pub(crate) struct OpenDataset {
    pub(crate) found: InputDataset<Inputs<WebFile, BufReader<Slices>>>,
    cache: RefCell<SourceCache>,
    /// Whether labels of missing images are no problem.
    partial: bool,
    /// A run without steps, to decode sources.
    pub(crate) plain: RunSpec,
}

impl OpenDataset {
    /// Finds the images and labels in the files from the page.
    pub(crate) fn open(opening: OpenSettings, files: Vec<(String, WebFile)>) -> Result<Self, Refusal> {
        let mut limits = Limits::default();
        limits.max_pixels = opening.max_pixels.unwrap_or(limits.max_pixels);
        let inputs = gather(files, limits);
        let choice = if opening.labels { LabelChoice::Auto } else { LabelChoice::Only(LabelFormat::None) };
        let partial = inputs.partial;
        let open = |inputs, partial| {
            InputDataset::open(inputs, partial, choice, limits).map_err(|error| Refusal::new(error.to_string()))
        };
        let mut found = open(inputs, partial)?;
        if let Some(only) = &opening.only {
            let others: Vec<&str> =
                found.dataset.items.iter().map(|item| item.name.as_str()).filter(|name| name != only).collect();
            let around = Around::new(vec![only.clone()], &others);
            let belongs = |name: &str| name == only || around.belongs(name) != Belongs::No;
            let mut inputs = found.inputs;
            inputs.retain(belongs);
            found = open(inputs, true)?;
        }
        let recipe = recipe(json!({ "version": 1, "steps": [] }))?;
        let plain = RunSpec::new(recipe, 0, &found.dataset, found.dataset.format, limits);
        let partial = partial || opening.only.is_some();
        Ok(Self { found, cache: RefCell::default(), partial, plain })
    }

    /// A file of the dataset.
    pub(crate) fn read(&self, name: &str) -> RequestResult {
        let bytes = self.found.inputs.read(name).map_err(|error| Refusal::new(error.to_string()))?;
        let sha256 = Digest::of(&bytes).to_hex();
        let media_type = Format::sniff(&bytes).map(|format| format.mime().to_owned());
        Ok((Response::Read { sha256, media_type }, vec![Uint8Array::from(bytes.as_slice()).into()]))
    }

    /// The listing for the page.
    pub(crate) fn listing(&self) -> Listing {
        let InputDataset { inputs, dataset, .. } = &self.found;
        let problem = |name: &str, error| ProblemInfo { file: name.to_owned(), message: cause_of(name, error) };
        let items: Vec<ItemInfo> = dataset
            .items
            .iter()
            .map(|item| ItemInfo {
                name: item.name.clone(),
                split: item.split.as_ref().map(ToString::to_string),
                bytes: inputs.size(&item.name).unwrap_or_default(),
                labeled: item.is_labeled(),
                masked: !item.masks.is_empty(),
                class: item.class.clone(),
            })
            .collect();
        let mut labeled: BTreeMap<LabelFormat, usize> = BTreeMap::new();
        for item in dataset.items.iter().filter(|item| item.is_labeled()) {
            *labeled.entry(item.format()).or_default() += 1;
        }
        Listing {
            format: dataset.format.written_as().name().to_owned(),
            format_title: dataset.format.title().to_owned(),
            bytes: items.iter().map(|item| item.bytes).sum(),
            in_class_folders: items.iter().filter(|item| item.class.is_some()).count(),
            masks: dataset.items.iter().filter(|item| !item.masks.is_empty()).count(),
            unpaired: dataset.is_unpaired(),
            items,
            splits: dataset
                .splits()
                .into_iter()
                .map(|(split, counts)| SplitInfo {
                    name: split.map(|split| split.to_string()),
                    images: counts.images,
                    objects: counts.objects,
                })
                .collect(),
            classes: dataset
                .classes
                .0
                .iter()
                .enumerate()
                .map(|(at, class)| ClassInfo {
                    name: class.name.clone(),
                    color: class_color(at),
                    skeleton: class.skeleton.clone(),
                })
                .collect(),
            problems: inputs
                .problems
                .iter()
                .map(|(name, error)| problem(name, error))
                .chain(dataset.problems.iter().map(|p| problem(&p.file, &p.error)))
                .collect(),
            warnings: dataset.warnings.clone(),
            notes: inputs.notes.clone(),
            partial: self.partial,
            labeled: labeled.into_iter().map(|(format, count)| (format.title().to_owned(), count)).collect(),
        }
    }

    /// Refuses an item that does not exist.
    pub(crate) fn check(&self, item: usize) -> Result<(), Refusal> {
        if item < self.found.dataset.items.len() {
            return Ok(());
        }
        Err(Refusal::new("there is no such image in the dataset"))
    }

    /// Starts to read the files of an item, except files in zips.
    pub(crate) fn read_ahead(&self, item: usize) -> impl Future<Output = ()> + use<> {
        let entry = self.found.dataset.items.get(item);
        let masks = entry.into_iter().flat_map(|entry| &entry.masks).map(|mask| &mask.name);
        let names = entry.into_iter().map(|entry| &entry.name).chain(masks);
        let files = names.filter_map(|name| self.found.inputs.plain(name)).filter(|file| file.size() <= MAX_AHEAD);
        let coming: Vec<_> = files.map(WebFile::read_ahead).collect();
        async {
            for file in coming {
                file.await;
            }
        }
    }

    /// A source reduced to a longest side, from the cache if possible.
    pub(crate) fn reduced(&self, item: usize, side: u32) -> Result<Reduced, Error> {
        let key = (item, side);
        if let Some(source) = self.cache.borrow_mut().find(key) {
            return Ok(source);
        }
        let InputDataset { inputs, dataset, limits } = &self.found;
        let entry = &dataset.items[item];
        let bytes = inputs.read(&entry.name)?;
        let mask = entry.masks.first().map(|mask| inputs.read(&mask.name)).transpose()?;
        let source = Reduced::new(entry, &bytes, mask.as_deref(), side, limits)?;
        self.cache.borrow_mut().keep(key, source.clone());
        Ok(source)
    }
}

/// Parses a recipe from the page.
pub(crate) fn recipe(json: serde_json::Value) -> Result<Recipe, Refusal> {
    Recipe::from_value(json).map_err(|problems| {
        let place = |problem: augment_core::plan::RecipeProblem| augment_web_messages::RecipeProblem {
            pointer: problem.pointer,
            message: problem.message,
        };
        let problems: Vec<_> = problems.into_iter().map(place).collect();
        let first = problems.first().map(|problem| format!("{}: {}", problem.pointer, problem.message));
        Refusal { message: format!("the recipe is wrong: {}", first.unwrap_or_default()), problems }
    })
}

/// The label format with a name.
pub(crate) fn format_of(name: &str) -> Result<LabelFormat, Refusal> {
    LabelFormat::WRITTEN
        .into_iter()
        .find(|format| format.name() == name)
        .ok_or_else(|| Refusal::new(format!("there is no label format called '{name}'")))
}
