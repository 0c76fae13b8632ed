//! The words and numbers of stems, and what of them tells the files of a group apart.

use std::collections::{BTreeMap, BTreeSet};

use super::words::stem_of;
use crate::filled::filled;

/// The words and numbers of a picture's stem, in lower case, numbers without leading zeros.
pub(super) fn tokens(name: &str) -> Vec<String> {
    let stem = stem_of(name);
    let mut tokens: Vec<String> = Vec::new();
    let mut last = None;
    for c in stem.chars() {
        let kind = if c.is_numeric() { Some(true) } else { c.is_alphabetic().then_some(false) };
        match (kind, tokens.last_mut()) {
            (Some(_), Some(token)) if kind == last => token.push(c),
            (Some(_), _) => tokens.push(c.to_string()),
            (None, _) => {}
        }
        last = kind;
    }
    for token in &mut tokens {
        let plain = token.trim_start_matches('0');
        if token.starts_with('0') {
            *token = if plain.is_empty() { "0".to_owned() } else { plain.to_owned() };
        }
    }
    tokens
}

/// Whether a token is a word.
pub(super) fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| !c.is_numeric())
}

/// What tells each file of a group from the others: its tokens without those that all have, in one place, at the beginning
/// or at the end. `None` where that does not tell them apart, and for fewer than two files.
pub(super) fn cores(files: &[&str]) -> Option<Vec<Vec<String>>> {
    let mut all: Vec<Vec<String>> = files.iter().map(|file| tokens(file)).collect();
    if all.len() < 2 {
        return None;
    }
    let shortest = all.iter().map(Vec::len).min()?;
    let shared = |all: &[Vec<String>], at: &dyn Fn(&Vec<String>) -> Option<String>| {
        let first = at(&all[0]);
        first.is_some() && all.iter().all(|tokens| at(tokens) == first)
    };
    if all.iter().all(|tokens| tokens.len() == shortest) {
        let kept: BTreeSet<usize> =
            filled((0..shortest).filter(|place| !shared(&all, &|tokens| tokens.get(*place).cloned())));
        for tokens in &mut all {
            *tokens = kept.iter().map(|place| tokens[*place].clone()).collect();
        }
    } else {
        let front = (0..shortest).take_while(|n| shared(&all, &|tokens| tokens.get(*n).cloned())).count();
        all.iter_mut().for_each(|tokens| _ = tokens.drain(..front));
        let rest = shortest - front;
        let end = |n: usize| move |tokens: &Vec<String>| tokens.len().checked_sub(n + 1).map(|at| tokens[at].clone());
        let back = (0..rest).take_while(|n| shared(&all, &end(*n))).count();
        all.iter_mut().for_each(|tokens| tokens.truncate(tokens.len() - back));
    }
    let distinct: BTreeSet<&Vec<String>> = filled(all.iter());
    (distinct.len() == all.len()).then_some(all)
}

/// The files of groups by what tells each apart in its group.
pub(super) fn by_core<'a>(groups: impl Iterator<Item = (&'a str, Vec<&'a str>)>) -> Vec<(String, String, &'a str)> {
    let mut found = Vec::new();
    for (group, files) in groups {
        let Some(cores) = cores(&files) else { continue };
        let named = |(file, core): (&'a str, Vec<String>)| (group.to_owned(), core.join(" "), file);
        found.extend(files.into_iter().zip(cores).map(named));
    }
    found
}

/// Files by their folders.
pub(super) fn by_folder<'a>(files: &[&'a str]) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in files {
        folders.entry(super::words::parent(file)).or_default().push(file);
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_files_of_a_group_have_tells_none_apart() {
        for (files, told) in [
            (&["2018_camera_front_001.png", "2018_camera_front_002.png"][..], Some(["1", "2"])),
            (&["um_road_000.png", "umm_road_001.png"], Some(["um 0", "umm 1"])),
            (&["c_000_0000.png", "c_010_0000.png"], Some(["0", "10"])),
            (&["21_manual1.gif", "22_manual1.gif"], Some(["21", "22"])),
            (&["a_b_RGB.tif", "a_RGB.tif"], Some(["b", ""])),
            (&["a.png"], None),
            (&["a-1.png", "a_1.png"], None),
        ] {
            let joined = cores(files).map(|cores| cores.iter().map(|core| core.join(" ")).collect::<Vec<_>>());
            assert_eq!(joined, told.map(|told| told.map(str::to_owned).to_vec()), "{files:?}");
        }
    }
}
