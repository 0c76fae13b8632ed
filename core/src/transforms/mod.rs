//! The catalogue of transforms: their descriptions, and what executes them.
// Written by `cargo xtask catalog` from the files beside it; do not edit.

mod contract;
mod geometry {
    pub(super) mod flip_horizontal;
    pub(super) mod flip_vertical;
    pub(super) mod quarter_turn;
    pub(super) mod rotate;
    pub(super) mod scale;
}
mod pixel {
    pub(super) mod brightness;
}

pub(crate) use contract::transform;
pub use contract::*;

/// The descriptions of all transforms; nothing here reaches a kernel.
pub static CATALOG: &[&Descriptor] = &[
    &<geometry::flip_horizontal::FlipHorizontal as Describe>::DESCRIPTOR,
    &<geometry::flip_vertical::FlipVertical as Describe>::DESCRIPTOR,
    &<geometry::quarter_turn::QuarterTurn as Describe>::DESCRIPTOR,
    &<geometry::rotate::Rotate as Describe>::DESCRIPTOR,
    &<geometry::scale::Scale as Describe>::DESCRIPTOR,
    &<pixel::brightness::Brightness as Describe>::DESCRIPTOR,
];

/// All transforms, in the order of [`CATALOG`].
static REGISTRY: &[Entry] = &[
    Entry::geometric::<geometry::flip_horizontal::FlipHorizontal>(),
    Entry::geometric::<geometry::flip_vertical::FlipVertical>(),
    Entry::geometric::<geometry::quarter_turn::QuarterTurn>(),
    Entry::geometric::<geometry::rotate::Rotate>(),
    Entry::geometric::<geometry::scale::Scale>(),
    Entry::pixel::<pixel::brightness::Brightness>(),
];

/// The transform of a name.
#[must_use]
pub fn find(op: &str) -> Option<&'static Entry> {
    REGISTRY.iter().find(|entry| entry.descriptor.op == op)
}
