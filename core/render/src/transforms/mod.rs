//! The catalog of transforms: their descriptions, and what executes them.
// Written by `cargo xtask catalog` from the files beside it; do not edit.

mod contract;
mod geometry {
    pub(super) mod affine;
    pub(super) mod center_crop;
    pub(super) mod crop;
    pub(super) mod crop_around_labels;
    pub(super) mod elastic;
    pub(super) mod flip_horizontal;
    pub(super) mod flip_vertical;
    pub(super) mod grid_distort;
    pub(super) mod lens_distort;
    pub(super) mod letterbox;
    pub(super) mod longest_side;
    pub(super) mod pad;
    pub(super) mod perspective;
    pub(super) mod quarter_turn;
    pub(super) mod resize;
    pub(super) mod resized_crop;
    pub(super) mod rotate;
    pub(super) mod scale;
    pub(super) mod shear;
    pub(super) mod translate;
    pub(super) mod transpose;
}
mod pixel {
    pub(super) mod brightness;
    pub(super) mod channel_shuffle;
    pub(super) mod color_jitter;
    pub(super) mod contrast;
    pub(super) mod equalize;
    pub(super) mod gamma;
    pub(super) mod gaussian_noise;
    pub(super) mod grayscale;
    pub(super) mod hue;
    pub(super) mod invert;
    pub(super) mod posterize;
    pub(super) mod salt_pepper;
    pub(super) mod saturation;
    pub(super) mod solarize;
    pub(super) mod temperature;
    pub(super) mod vignette;
}
mod neighborhood {
    pub(super) mod box_blur;
    pub(super) mod clahe;
    pub(super) mod gaussian_blur;
    pub(super) mod jpeg_artifacts;
    pub(super) mod median_blur;
    pub(super) mod motion_blur;
    pub(super) mod pixelate;
    pub(super) mod sharpen;
}
mod occlusion {
    pub(super) mod cutout;
    pub(super) mod grid_cutout;
}
mod mixing {
    pub(super) mod mosaic;
}

pub(crate) use contract::transform;
pub use contract::*;

/// The descriptions of all transforms; nothing here reaches a kernel.
pub static CATALOG: &[&Descriptor] = &[
    &<geometry::affine::Affine as Describe>::DESCRIPTOR,
    &<geometry::center_crop::CenterCrop as Describe>::DESCRIPTOR,
    &<geometry::crop::Crop as Describe>::DESCRIPTOR,
    &<geometry::crop_around_labels::CropAroundLabels as Describe>::DESCRIPTOR,
    &<geometry::elastic::Elastic as Describe>::DESCRIPTOR,
    &<geometry::flip_horizontal::FlipHorizontal as Describe>::DESCRIPTOR,
    &<geometry::flip_vertical::FlipVertical as Describe>::DESCRIPTOR,
    &<geometry::grid_distort::GridDistort as Describe>::DESCRIPTOR,
    &<geometry::lens_distort::LensDistort as Describe>::DESCRIPTOR,
    &<geometry::letterbox::Letterbox as Describe>::DESCRIPTOR,
    &<geometry::longest_side::LongestSide as Describe>::DESCRIPTOR,
    &<geometry::pad::Pad as Describe>::DESCRIPTOR,
    &<geometry::perspective::Perspective as Describe>::DESCRIPTOR,
    &<geometry::quarter_turn::QuarterTurn as Describe>::DESCRIPTOR,
    &<geometry::resize::Resize as Describe>::DESCRIPTOR,
    &<geometry::resized_crop::ResizedCrop as Describe>::DESCRIPTOR,
    &<geometry::rotate::Rotate as Describe>::DESCRIPTOR,
    &<geometry::scale::Scale as Describe>::DESCRIPTOR,
    &<geometry::shear::Shear as Describe>::DESCRIPTOR,
    &<geometry::translate::Translate as Describe>::DESCRIPTOR,
    &<geometry::transpose::Transpose as Describe>::DESCRIPTOR,
    &<pixel::brightness::Brightness as Describe>::DESCRIPTOR,
    &<pixel::channel_shuffle::ChannelShuffle as Describe>::DESCRIPTOR,
    &<pixel::color_jitter::ColorJitter as Describe>::DESCRIPTOR,
    &<pixel::contrast::Contrast as Describe>::DESCRIPTOR,
    &<pixel::equalize::Equalize as Describe>::DESCRIPTOR,
    &<pixel::gamma::Gamma as Describe>::DESCRIPTOR,
    &<pixel::gaussian_noise::GaussianNoise as Describe>::DESCRIPTOR,
    &<pixel::grayscale::Grayscale as Describe>::DESCRIPTOR,
    &<pixel::hue::Hue as Describe>::DESCRIPTOR,
    &<pixel::invert::Invert as Describe>::DESCRIPTOR,
    &<pixel::posterize::Posterize as Describe>::DESCRIPTOR,
    &<pixel::salt_pepper::SaltPepper as Describe>::DESCRIPTOR,
    &<pixel::saturation::Saturation as Describe>::DESCRIPTOR,
    &<pixel::solarize::Solarize as Describe>::DESCRIPTOR,
    &<pixel::temperature::Temperature as Describe>::DESCRIPTOR,
    &<pixel::vignette::Vignette as Describe>::DESCRIPTOR,
    &<neighborhood::box_blur::BoxBlur as Describe>::DESCRIPTOR,
    &<neighborhood::clahe::Clahe as Describe>::DESCRIPTOR,
    &<neighborhood::gaussian_blur::GaussianBlur as Describe>::DESCRIPTOR,
    &<neighborhood::jpeg_artifacts::JpegArtifacts as Describe>::DESCRIPTOR,
    &<neighborhood::median_blur::MedianBlur as Describe>::DESCRIPTOR,
    &<neighborhood::motion_blur::MotionBlur as Describe>::DESCRIPTOR,
    &<neighborhood::pixelate::Pixelate as Describe>::DESCRIPTOR,
    &<neighborhood::sharpen::Sharpen as Describe>::DESCRIPTOR,
    &<occlusion::cutout::Cutout as Describe>::DESCRIPTOR,
    &<occlusion::grid_cutout::GridCutout as Describe>::DESCRIPTOR,
    &<mixing::mosaic::Mosaic as Describe>::DESCRIPTOR,
];

/// All transforms, in the order of [`CATALOG`].
static REGISTRY: &[Entry] = &[
    Entry::geometric::<geometry::affine::Affine>(),
    Entry::geometric::<geometry::center_crop::CenterCrop>(),
    Entry::geometric::<geometry::crop::Crop>(),
    Entry::geometric::<geometry::crop_around_labels::CropAroundLabels>(),
    Entry::geometric::<geometry::elastic::Elastic>(),
    Entry::geometric::<geometry::flip_horizontal::FlipHorizontal>(),
    Entry::geometric::<geometry::flip_vertical::FlipVertical>(),
    Entry::geometric::<geometry::grid_distort::GridDistort>(),
    Entry::geometric::<geometry::lens_distort::LensDistort>(),
    Entry::geometric::<geometry::letterbox::Letterbox>(),
    Entry::geometric::<geometry::longest_side::LongestSide>(),
    Entry::geometric::<geometry::pad::Pad>(),
    Entry::geometric::<geometry::perspective::Perspective>(),
    Entry::geometric::<geometry::quarter_turn::QuarterTurn>(),
    Entry::geometric::<geometry::resize::Resize>(),
    Entry::geometric::<geometry::resized_crop::ResizedCrop>(),
    Entry::geometric::<geometry::rotate::Rotate>(),
    Entry::geometric::<geometry::scale::Scale>(),
    Entry::geometric::<geometry::shear::Shear>(),
    Entry::geometric::<geometry::translate::Translate>(),
    Entry::geometric::<geometry::transpose::Transpose>(),
    Entry::pixel::<pixel::brightness::Brightness>(),
    Entry::pixel::<pixel::channel_shuffle::ChannelShuffle>(),
    Entry::pixel::<pixel::color_jitter::ColorJitter>(),
    Entry::pixel::<pixel::contrast::Contrast>(),
    Entry::pixel::<pixel::equalize::Equalize>(),
    Entry::pixel::<pixel::gamma::Gamma>(),
    Entry::pixel::<pixel::gaussian_noise::GaussianNoise>(),
    Entry::pixel::<pixel::grayscale::Grayscale>(),
    Entry::pixel::<pixel::hue::Hue>(),
    Entry::pixel::<pixel::invert::Invert>(),
    Entry::pixel::<pixel::posterize::Posterize>(),
    Entry::pixel::<pixel::salt_pepper::SaltPepper>(),
    Entry::pixel::<pixel::saturation::Saturation>(),
    Entry::pixel::<pixel::solarize::Solarize>(),
    Entry::pixel::<pixel::temperature::Temperature>(),
    Entry::pixel::<pixel::vignette::Vignette>(),
    Entry::neighborhood::<neighborhood::box_blur::BoxBlur>(),
    Entry::neighborhood::<neighborhood::clahe::Clahe>(),
    Entry::neighborhood::<neighborhood::gaussian_blur::GaussianBlur>(),
    Entry::neighborhood::<neighborhood::jpeg_artifacts::JpegArtifacts>(),
    Entry::neighborhood::<neighborhood::median_blur::MedianBlur>(),
    Entry::neighborhood::<neighborhood::motion_blur::MotionBlur>(),
    Entry::neighborhood::<neighborhood::pixelate::Pixelate>(),
    Entry::neighborhood::<neighborhood::sharpen::Sharpen>(),
    Entry::occlusion::<occlusion::cutout::Cutout>(),
    Entry::occlusion::<occlusion::grid_cutout::GridCutout>(),
    Entry::mixing::<mixing::mosaic::Mosaic>(),
];

/// The transform of a name.
#[must_use]
pub fn find(op: &str) -> Option<&'static Entry> {
    REGISTRY.iter().find(|entry| entry.descriptor.op == op)
}
