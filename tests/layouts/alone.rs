//! An image that is named by itself: the files that it brings along are those that label it in the whole.

use std::collections::BTreeMap;

use augment_core::formats::{Around, Belongs, holds_companions, root_depth};

use crate::judge::{Wrong, one_image};
use crate::set::{Layout, Set, Source};

/// Every image of a set by itself: what is read of it is what is read of it in the whole.
pub(crate) fn alone(layout: &Layout, set: &Set) -> Wrong {
    // A single image stands in no split and has no siblings that would make its folder a class.
    let layout = Layout { told: false, classes: false, keeps: false, ..*layout };
    let of = |(name, source): (&String, &Source)| {
        let part = part(set, name, source);
        one_image(&layout, &part).into_iter().map(|why| format!("{name}: {why}")).collect::<Wrong>()
    };
    set.sources.iter().flat_map(of).collect()
}

/// An image with what lies around it and belongs to it, by names within their root.
fn part(set: &Set, image: &str, source: &Source) -> Set {
    // The set lies in a folder of its own, as a download does.
    let above: Vec<&str> = ["downloads", "set"].into_iter().chain(image.split('/')).collect();
    let depth = root_depth(&above[..above.len() - 1]);
    assert!(depth >= 2, "{image}: its root is above the set");
    let root = above[2..depth].iter().map(|folder| format!("{folder}/")).collect::<String>();
    let within = |name: &str| name.strip_prefix(&root).map(str::to_owned);
    let own = within(image).expect("an image lies in its root");
    let others: Vec<String> = set.sources.keys().filter_map(|name| within(name)).filter(|name| *name != own).collect();
    let around = Around::new(vec![own.clone()], &others.iter().map(String::as_str).collect::<Vec<_>>());
    let brought = |name: &str, bytes: &[u8]| {
        let reached = name.split_once('/').is_none_or(|(folder, _)| holds_companions(folder));
        reached
            && match around.belongs(name) {
                Belongs::Yes => true,
                Belongs::IfItNames => std::str::from_utf8(bytes).is_ok_and(|text| around.is_named_in(text)),
                Belongs::No => false,
            }
    };
    let files = set.files.iter().filter_map(|(name, bytes)| Some((within(name)?, bytes)));
    let files = files.filter(|(name, bytes)| *name == own || brought(name, bytes));
    let mask = source.mask.as_deref().and_then(within);
    // A folder says nothing of its class where no other lies beside it; a table does.
    let by_table = set.files.keys().any(|name| name.ends_with(".csv"));
    let class = source.class.clone().filter(|_| by_table);
    let source = Source { mask, class, labels: Vec::new(), ..source.clone() };
    Set::of(files.map(|(name, bytes)| (name, bytes.clone())).collect(), BTreeMap::from([(own, source)]))
}
