//! Which pictures of an input are photographs, and which are masks of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ends::{hints_at_masks, mask_name};
use super::label_pairs::LabelPairs;
use super::look::Look;
use super::lookalikes::{Lookalike, lookalikes};
use super::pairing::{Pair, Pairing};
use super::tokens::{is_word, tokens};
use super::words::{Role, folder, folders, mask_role, parent, stem_of};
use crate::filled::filled;
use crate::labels::Mask;

/// Pictures that are looked at to tell whether some that are named as masks are photographs.
const LOOKED_AT: usize = 5;

/// The pictures of an input.
#[derive(Debug, Default)]
pub(in crate::formats) struct Pictures<'a> {
    /// Photographs, sorted.
    pub(in crate::formats) images: Vec<&'a str>,
    /// The masks of photographs by position, each with its role, that of the classes first.
    pub(in crate::formats) masks: BTreeMap<usize, Vec<(Arc<str>, &'a str)>>,
    /// Masks that belong to no photograph.
    pub(in crate::formats) orphans: Vec<&'a str>,
    /// Masks of photographs that have another one in the same role.
    pub(in crate::formats) further: Vec<&'a str>,
    /// Masks that belong to several photographs each.
    pub(in crate::formats) shared: Vec<&'a str>,
    /// Groups of pictures that may be masks, though no name says so.
    pub(in crate::formats) lookalikes: Vec<Lookalike<'a>>,
}

/// What says that a picture could be a mask.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// A folder of masks.
    Folder,
    /// A folder of labels, or the name of the file.
    Hint,
}

/// What a name says below its outermost `above` folders, which all pictures have. Of folders the innermost decides:
/// `segmentation/images` holds photographs.
fn sign(name: &str, above: usize) -> Option<Sign> {
    let mut inner: Vec<&str> = folders(name).skip(above).collect();
    if let Some(at) = inner.iter().rposition(|part| folder(part).role == Some(Role::Images)) {
        inner.drain(..=at);
    }
    let roles: Vec<Role> = inner.iter().filter_map(|part| folder(part).role).collect();
    if roles.contains(&Role::Masks) {
        return Some(Sign::Folder);
    }
    let hinted = roles.last() == Some(&Role::Labels) || inner.iter().any(|part| hints_at_masks(part));
    (hinted || mask_name(&stem_of(name)).is_some()).then_some(Sign::Hint)
}

/// Whether the name of a picture is one that masks have.
pub(super) fn may_be_mask(name: &str) -> bool {
    sign(name, 0).is_some()
}

/// How many folders all pictures lie in.
fn shared_folders(pictures: &[&str]) -> usize {
    let Some(first) = pictures.first() else { return 0 };
    let common = |name: &&str| folders(first).zip(folders(name)).take_while(|(a, b)| a == b).count();
    pictures.iter().map(common).min().unwrap_or_default()
}

/// What gives a picture its sign: a folder, or the last word of its name.
fn signed_by(name: &str) -> String {
    let of_masks = |part: &&str| matches!(folder(part).role, Some(Role::Masks | Role::Labels)) || hints_at_masks(part);
    match folders(name).filter(of_masks).last() {
        Some(folder) => folder.to_lowercase(),
        None => format!("/{}", tokens(name).into_iter().rev().find(|token| is_word(token)).unwrap_or_default()),
    }
}

/// A mask of an image, as its names tell.
#[derive(Clone, Debug)]
struct Named<'a> {
    file: &'a str,
    /// What it shows by the words that are known; empty for the classes.
    role: String,
    /// Its folders that mean nothing to us and that the image's path has not: what it shows, where two have one role.
    folders: String,
}

impl<'a> Named<'a> {
    /// The mask of an image, with what its name says of it beyond the words that are known.
    fn new(file: &'a str, image: &str, said: Option<String>) -> Self {
        let mut role: Vec<String> = folders(file).map(|name| mask_role(name).to_owned()).collect();
        role.extend(said.or_else(|| mask_name(&stem_of(file)).map(|said| said.role)));
        role.retain(|part| !part.is_empty());
        role.dedup();
        let own = folders(file).filter(|name| !folder(name).is_structural());
        let own = own.filter(|name| !folders(image).any(|other| other.eq_ignore_ascii_case(name)));
        let plain = |c: char| if c.is_alphanumeric() { c } else { '_' };
        let folders = own.collect::<Vec<_>>().join("_").to_lowercase().chars().map(plain).collect();
        Self { file, role: role.join("_"), folders }
    }

    /// Its role; with its folders where the role alone is that of another mask of some image, too.
    fn full_role(&self, shared: &BTreeSet<String>) -> String {
        match (self.role.as_str(), self.folders.as_str()) {
            (role, folders) if !shared.contains(role) || folders.is_empty() => role.to_owned(),
            ("", folders) => folders.to_owned(),
            (role, folders) => format!("{folders}_{role}"),
        }
    }
}

/// The order of the masks of an image: that of the classes comes first.
fn rank(role: &str) -> u8 {
    match role {
        "" => 0,
        "train_ids" => 1,
        "instances" => 2,
        _ => 3,
    }
}

/// Pictures of one folder with names of masks of one role.
struct Candidates<'a> {
    files: Vec<&'a str>,
    /// The images of each, with what it shows of them, where its name says so.
    of: Vec<Vec<Pair>>,
    /// Whether they lie where masks of the images do, in a folder of masks.
    certain: bool,
}

impl<'a> Candidates<'a> {
    fn new(files: Vec<&'a str>, above: usize, partners: &LabelPairs, pairing: &Pairing<'_>) -> Self {
        let pair = |image| Pair { image, role: None };
        let mut of: Vec<Vec<Pair>> =
            partners.of(&files).into_iter().map(|images| images.into_iter().map(pair).collect()).collect();
        let open: Vec<usize> = (0..files.len()).filter(|at| of[*at].is_empty()).collect();
        let strays: Vec<&str> = open.iter().map(|at| files[*at]).collect();
        for (at, pair) in open.into_iter().zip(pairing.of(&strays)) {
            of[at].extend(pair);
        }
        let beside = files.iter().filter(|file| partners.has_placed(file)).count();
        // A picture with its mask drawn over it looks like a photograph.
        let drawn_over = |file: &str| mask_name(&stem_of(file)).is_some_and(|said| said.role == "visualization");
        let is_sure = |file: &&str| sign(file, above) == Some(Sign::Folder) || drawn_over(file);
        let certain = beside * 2 >= files.len() && files.iter().all(is_sure);
        Self { files, of, certain }
    }
}

/// What pictures of one sign look like.
#[derive(Clone, Copy, Default)]
struct Seen {
    /// Most of them are photographs.
    photographs: bool,
    /// All are their images in shades of gray.
    copies: bool,
    /// All are areas of one number each.
    areas: bool,
}

/// Tells photographs and masks apart. What has the name of a mask is one where a photograph of its key is there; where its
/// place alone is no proof, `look` tells whether it is a photograph. Names that look like masks beside no photograph at all
/// are photographs. What looks like a mask of photographs, and is not called one, is neither.
pub(in crate::formats) fn sort_pictures<'a>(
    pictures: &[&'a str],
    look: &mut dyn FnMut(&str) -> Option<Look>,
) -> Pictures<'a> {
    let mut known: BTreeMap<String, Option<Look>> = BTreeMap::new();
    let look = &mut |name: &str| *known.entry(name.to_owned()).or_insert_with(|| look(name));
    let above = shared_folders(pictures);
    let (mut images, candidates): (Vec<&str>, Vec<&str>) =
        pictures.iter().partition(|name| sign(name, above).is_none());
    let named = images.clone();
    let (partners, pairing) = (LabelPairs::new(&named), Pairing::new(&named));
    let mut groups: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
    for name in candidates {
        let role = mask_name(&stem_of(name)).map_or_else(String::new, |said| said.role);
        groups.entry((parent(name), role)).or_default().push(name);
    }
    let candidates = |files| Candidates::new(files, above, &partners, &pairing);
    let groups: Vec<Candidates<'a>> = groups.into_values().map(candidates).collect();
    let seen = seen(&groups, &named, look);
    let mut found = Pictures::default();
    let mut owners: BTreeMap<&'a str, Vec<Named<'a>>> = BTreeMap::new();
    for Candidates { files, of, certain } in groups {
        let any = of.iter().any(|of| !of.is_empty());
        for (file, of) in files.into_iter().zip(of) {
            let seen = seen.get(&signed_by(file)).copied().unwrap_or_default();
            if seen.copies || !certain && seen.photographs {
                images.push(file);
            } else if !of.is_empty() {
                if of.len() > 1 {
                    found.shared.push(file);
                }
                for Pair { image, role } in of {
                    let image = named[image];
                    owners.entry(image).or_default().push(Named::new(file, image, role));
                }
            } else if any || !named.is_empty() && (sign(file, above) == Some(Sign::Folder) || seen.areas) {
                found.orphans.push(file);
            } else {
                images.push(file);
            }
        }
    }
    found.lookalikes = lookalikes(&images, look);
    let alike: BTreeSet<&str> = filled(found.lookalikes.iter().flat_map(|known| &known.pictures).copied());
    images.retain(|image| !alike.contains(image));
    images.sort_unstable();
    found.take_masks(&images, owners);
    found.images = images;
    found
}

/// A picture with the name of a mask, and the image that it would be of.
type Looked<'a> = (&'a str, Option<usize>);

/// What the pictures of every sign look like; of those whose places say that they are masks, only whether they are their
/// images in gray.
fn seen(
    groups: &[Candidates<'_>],
    named: &[&str],
    look: &mut dyn FnMut(&str) -> Option<Look>,
) -> BTreeMap<String, Seen> {
    let mut by_sign: BTreeMap<String, (Vec<Looked<'_>>, Vec<Looked<'_>>)> = BTreeMap::new();
    for group in groups {
        for (file, of) in group.files.iter().zip(&group.of) {
            let (certain, open) = by_sign.entry(signed_by(file)).or_default();
            let files = if group.certain { certain } else { open };
            files.push((file, of.first().map(|pair| pair.image)));
        }
    }
    let mut look_at = |files: Vec<Looked<'_>>| {
        let step = files.len().div_ceil(LOOKED_AT).max(1);
        let looked = files.into_iter().step_by(step).filter_map(|(file, image)| Some((look(file)?, image)));
        let looks: Vec<(Look, Option<usize>)> = looked.collect();
        let images = looks.iter().map(|(_, image)| image.and_then(|image| look(named[image])));
        let images: Vec<Option<Look>> = images.collect();
        let pairs: Vec<(Look, Option<Look>)> = looks.into_iter().map(|(look, _)| look).zip(images).collect();
        pairs
    };
    let is_copy = |(own, image): &(Look, Option<Look>)| image.is_some_and(|image| own.is_gray_copy_of(&image));
    let is_photograph = |pair: &&(Look, Option<Look>)| {
        let (own, image) = pair;
        is_copy(pair) || !own.plain && !image.is_some_and(|image| own.is_numbers_of(&image))
    };
    let mut seen = |(certain, open): (Vec<Looked<'_>>, Vec<Looked<'_>>)| {
        let (certain, open) = (look_at(certain), look_at(open));
        let photographs = open.iter().filter(is_photograph).count() * 2 > open.len();
        let areas = !open.is_empty() && open.iter().all(|(look, _)| look.flat && look.numbers);
        let copies = certain.len() + open.len() > 0 && certain.iter().chain(&open).all(is_copy);
        Seen { photographs, copies, areas }
    };
    by_sign.into_iter().map(|(sign, files)| (sign, seen(files))).collect()
}

impl<'a> Pictures<'a> {
    /// Takes the masks of every image, one a role. Where all masks are of one role, it is that of the classes.
    fn take_masks(&mut self, images: &[&'a str], mut owners: BTreeMap<&'a str, Vec<Named<'a>>>) {
        let mut shared = BTreeSet::new();
        for masks in owners.values().filter(|masks| masks.len() > 1) {
            let mut seen = BTreeSet::new();
            shared.extend(masks.iter().map(|mask| mask.role.clone()).filter(|role| !seen.insert(role.clone())));
        }
        let roles: BTreeSet<String> = filled(owners.values().flatten().map(|mask| mask.full_role(&shared)));
        let only = roles.len() == 1;
        let called = |role: String| -> (String, Arc<str>) {
            let name = if only || role.is_empty() { Mask::CLASSES.into() } else { role.as_str().into() };
            (role, name)
        };
        let names: BTreeMap<String, Arc<str>> = filled(roles.into_iter().map(called));
        for (at, image) in images.iter().enumerate() {
            let Some(masks) = owners.remove(image) else { continue };
            let mut masks: Vec<(String, &str)> =
                masks.into_iter().map(|mask| (mask.full_role(&shared), mask.file)).collect();
            masks.sort_by(|(a, x), (b, y)| (rank(a), a, x).cmp(&(rank(b), b, y)));
            let mut taken: Vec<(Arc<str>, &str)> = Vec::new();
            for (role, mask) in masks {
                let role = Arc::clone(&names[&role]);
                if taken.last().is_some_and(|(last, _)| *last == role) {
                    self.further.push(mask);
                } else {
                    taken.push((role, mask));
                }
            }
            self.masks.insert(at, taken);
        }
    }

    /// The same with all pictures of which no name says that they are masks among the photographs, and no masks.
    pub(in crate::formats) fn without_masks(mut self) -> Self {
        self.masks.clear();
        self.orphans.clear();
        self.further.clear();
        self.shared.clear();
        self.images.extend(self.lookalikes.drain(..).flat_map(|known| known.pictures));
        self.images.sort_unstable();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::look::tests::{jpeg_photograph, png_areas};
    use super::*;
    use crate::limits::Limits;

    type Sorted<'a> = (Vec<&'a str>, Vec<Vec<(String, &'a str)>>, Vec<&'a str>);

    /// Files that cannot be looked into.
    fn sorted<'a>(pictures: &[&'a str]) -> Sorted<'a> {
        parts(sort_pictures(pictures, &mut |_| None))
    }

    /// Pictures that are photographs where they are JPEGs.
    fn seen<'a>(pictures: &[&'a str]) -> Sorted<'a> {
        let (photograph, mask) = (jpeg_photograph(), png_areas());
        let bytes = |name: &str| if name.ends_with("jpg") { &photograph } else { &mask }.as_slice();
        parts(sort_pictures(pictures, &mut |name| Look::of(bytes(name), &Limits::default())))
    }

    fn parts(found: Pictures<'_>) -> Sorted<'_> {
        assert!(found.lookalikes.is_empty() && found.further.is_empty(), "{found:?}");
        let named =
            |masks: Vec<(Arc<str>, _)>| masks.into_iter().map(|(role, name)| (role.to_string(), name)).collect();
        (found.images, found.masks.into_values().map(named).collect(), found.orphans)
    }

    #[test]
    fn masks_of_every_layout_are_no_photographs() {
        for (image, mask) in [
            ("a.jpg", "a_mask.png"),
            ("train/a_jpg.rf.1f66.jpg", "train/a_jpg.rf.1f66_mask.png"),
            ("a.jpg", "a_mask.jpg"),
            ("images/a.png", "masks/a.png"),
            ("images/a.png", "labels/a.png"),
            ("images/train/a.png", "labels/train/a.png"),
            ("train/images/a.png", "train/masks/a.png"),
            ("img_dir/train/a.jpg", "ann_dir/train/a.png"),
            ("img_dir/train/a.jpg", "ann_dir/train/a_labelTrainIds.png"),
            ("train/a.jpg", "train_masks/a_mask.gif"),
            ("train/a.png", "trainannot/a.png"),
            ("701_StillsRaw_full/a.png", "LabeledApproved_full/a_L.png"),
            ("ADE/images/training/a.jpg", "ADE/annotations/training/a.png"),
            ("V/JPEGImages/a.jpg", "V/SegmentationClass/a.png"),
            ("JPEGImages/a.jpg", "SegmentationObject/a.png"),
            ("images/a.jpg", "annotations/trimaps/a.png"),
            ("ds/images/image_7.png", "ds/masks/mask_7.png"),
            ("train2017/a.jpg", "stuffthingmaps/train2017/a.png"),
            ("Train/Urban/images_png/a.png", "Train/Urban/masks_png/a.png"),
            ("set.zip/images/a.png", "set.zip/masks/a.png"),
        ] {
            let masks = vec![vec![(Mask::CLASSES.to_owned(), mask)]];
            assert_eq!(sorted(&[image, mask]), (vec![image], masks, vec![]), "{image} and {mask}");
        }
    }

    #[test]
    fn several_masks_of_an_image_have_a_role_each() {
        let roles = |image: &'static str, masks: &[&'static str]| -> Vec<String> {
            let mut pictures = masks.to_vec();
            pictures.push(image);
            let (images, masks, orphans) = sorted(&pictures);
            assert_eq!((images, orphans.len()), (vec![image], 0), "{image}");
            masks.into_iter().flatten().map(|(role, _)| role).collect()
        };
        let cityscapes = [
            "gtFine/val/ulm/a_gtFine_color.png",
            "gtFine/val/ulm/a_gtFine_instanceIds.png",
            "gtFine/val/ulm/a_gtFine_labelIds.png",
            "gtFine/val/ulm/a_gtFine_labelTrainIds.png",
            "gtCoarse/val/ulm/a_gtCoarse_labelIds.png",
        ];
        let found = roles("leftImg8bit/val/ulm/a_leftImg8bit.png", &cityscapes);
        assert_eq!(found, ["mask", "train_ids", "instances", "coarse", "color"]);
        assert_eq!(
            roles("JPEGImages/a.jpg", &["SegmentationObject/a.png", "SegmentationClass/a.png"]),
            ["mask", "instances"]
        );
        assert_eq!(roles("images/a.jpg", &["masks/Cell wall/a.png", "masks/nucleus/a.png"]), ["cell_wall", "nucleus"]);
        assert_eq!(roles("a (1).png", &["a (1)_mask.png", "a (1)_mask_1.png"]), ["mask", "mask_1"]);
        assert_eq!(roles("ds/img/a.png", &["ds/masks_human/a.png", "ds/masks_machine/a.png"]), ["mask", "human"]);
        let splits = ["Task1_Training_GT/a_segmentation.png", "Task1_Validation_GT/b_segmentation.png"];
        let (_, masks, _) = sorted(&["Input/a.jpg", "Input/b.jpg", splits[0], splits[1]]);
        assert!(
            masks.iter().flatten().all(|(role, _)| role == Mask::CLASSES),
            "where one is enough, folders name none"
        );
    }

    #[test]
    fn a_second_mask_in_one_role_is_told() {
        let pictures = ["JPEGImages/a.jpg", "SegmentationClass/a.png", "SegmentationClassAug/a.png"];
        let found = sort_pictures(&pictures, &mut |_| None);
        assert_eq!((found.masks[&0].len(), &found.further[..]), (1, &pictures[2..]));
    }

    #[test]
    fn names_like_masks_beside_no_photograph_are_photographs() {
        assert_eq!(sorted(&["x_mask.png", "y_l.png"]).0, ["x_mask.png", "y_l.png"]);
        assert_eq!(sorted(&["masks/a.png"]).0, ["masks/a.png"]);
        assert_eq!(sorted(&["a.jpg", "a_mask.png", "b_mask.png"]).2, ["b_mask.png"]);
        assert_eq!(sorted(&["images/a.jpg", "masks/b.png"]).2, ["masks/b.png"]);
    }

    #[test]
    fn photographs_that_are_called_as_masks_stay_photographs() {
        for pictures in [
            &["mask/0.jpg", "mask/1.jpg", "no_mask/0.jpg", "no_mask/1.jpg"][..],
            &["seg_pred/7.jpg", "seg_train/sea/0.jpg", "seg_train/street/1.jpg"],
            &["cat.jpg", "cat_l.jpg"],
            &["a.jpg", "a_mask.jpg"],
            &["label_1.jpg", "image_1.jpg"],
        ] {
            let mut images = pictures.to_vec();
            images.sort_unstable();
            assert_eq!(seen(pictures), (images, vec![], vec![]), "{pictures:?}");
        }
        assert_eq!(seen(&["a.jpg", "a_mask.png"]).1.len(), 1, "a mask is one");
        assert_eq!(seen(&["x.jpg", "mask/y.png"]).2, ["mask/y.png"]);
    }
}
