//! All layouts: how tools and trainers lay the same pictures out, a function each.

mod coco;
mod folders;
mod masks;
mod png;
mod tables;
mod tools;
mod voc;
mod yolo;

use crate::set::Layout;

const TABLES: [&[Layout]; 7] =
    [yolo::LAYOUTS, coco::LAYOUTS, voc::LAYOUTS, masks::LAYOUTS, tools::LAYOUTS, tables::LAYOUTS, folders::LAYOUTS];

/// Every layout.
pub(crate) fn all() -> impl Iterator<Item = &'static Layout> {
    TABLES.into_iter().flatten()
}

/// The layout of a name.
pub(crate) fn named(name: &str) -> &'static Layout {
    all().find(|layout| layout.name == name).unwrap_or_else(|| panic!("no table has the layout {name}"))
}
