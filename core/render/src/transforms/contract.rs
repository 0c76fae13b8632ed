//! What a transform is: parameters that describe themselves, one draw, and one of five ways to act.
//!
//! What a transform may touch is its kind: geometry returns a map and sees neither pixels nor labels; pixel and
//! neighborhood transforms see pixels and no labels; occlusion names rectangles; mixing lays out several images.

use std::fmt::Debug;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use serde_json::{Map, Value};

use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Rect, Size, Warp};
use crate::image::{Fill, Image, Rgba};
use crate::kernels::{Levels, PixelPass};
use crate::sampling::{Facts, Random};

/// The five ways to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Moves pixels and labels by one map.
    Geometric,
    /// Changes every pixel by itself.
    Pixel,
    /// Changes every pixel by its surroundings.
    Neighborhood,
    /// Covers parts.
    Occlusion,
    /// Joins several images.
    Mixing,
}

/// A transform's own description: what help, schema, controls, docs, goldens and laws are made from.
#[derive(Debug)]
pub struct Descriptor {
    /// Its name in recipes.
    pub op: &'static str,
    /// How it acts.
    pub kind: Kind,
    /// What it does, in a sentence or two.
    pub summary: &'static str,
    /// Its parameters in the order of its documentation.
    pub parameters: &'static [Parameter],
    /// Parameters worth trying, as JSON objects; goldens and laws run over them.
    pub examples: &'static [&'static str],
    /// Parameters with which nothing changes at all, as a JSON object; empty where there are none such.
    pub neutral: &'static str,
}

/// One parameter of a transform.
#[derive(Debug)]
pub struct Parameter {
    /// Its name in recipes.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Its unit, such as `°`, `px`, `×`; empty for none.
    pub unit: &'static str,
    /// What values it takes.
    pub control: Control,
    /// Its default, as JSON.
    pub default: fn() -> Value,
}

/// What values a parameter takes, and so how a page offers it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Control {
    /// A number.
    Number {
        /// The least.
        min: f64,
        /// The greatest.
        max: f64,
    },
    /// A whole number.
    Integer {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// A [`crate::sampling::Range`]: a number, or `[low, high]`.
    Range {
        /// The least.
        min: f64,
        /// The greatest.
        max: f64,
    },
    /// An [`crate::sampling::IntRange`]: a whole number, or `[low, high]`.
    IntRange {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// One of some words.
    Choice(&'static [&'static str]),
    /// A [`Fill`]: `[red, green, blue]`, or one number for a gray.
    Color,
    /// An [`Rgba`]: the same, or with alpha as a fourth number.
    Fill,
    /// Yes or no.
    Flag,
}

/// Implemented by `transform!`: the static side of a transform.
pub trait Describe {
    /// The description.
    const DESCRIPTOR: Descriptor;

    /// The parameters out of a JSON object, defaults for those that it has not; what is read is taken out.
    ///
    /// # Errors
    /// `Recipe` for a parameter of another type.
    fn read(fields: &mut Map<String, Value>) -> Result<Self>
    where
        Self: Sized;
}

/// A transform: parameters as a recipe gives them, and the draw that turns them into plain numbers.
pub trait Transform: Describe + Debug + Send + Sync + 'static {
    /// The numbers of one draw: all that execution and a manifest need.
    type Drawn: Serialize + DeserializeOwned + Debug + Send + Sync + 'static;

    /// Whether [`Facts::boxes`] is wanted.
    const NEEDS_LABELS: bool = false;

    /// Draws the numbers: the only place with chance in it.
    ///
    /// # Errors
    /// `Recipe` when the parameters do not fit the image.
    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Self::Drawn>;
}

/// Drawn numbers as JSON, for the manifest.
pub trait Numbers: Debug + Send + Sync {
    /// A JSON object of the numbers.
    fn to_json(&self) -> Value;
}

impl<D: Serialize + Debug + Send + Sync> Numbers for D {
    fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}

/// Drawn numbers that give a map.
pub trait Geometric: Numbers {
    /// The map for an image of a size.
    ///
    /// # Errors
    /// `Recipe` when the numbers do not fit the size.
    fn warp(&self, input: Size) -> Result<Warp>;
}

/// Drawn numbers that change every pixel by itself; alpha stays as it is.
pub trait Pixel: Numbers {
    /// Whether [`Pixel::pass`] wants to see the image's levels.
    fn needs_levels(&self) -> bool {
        false
    }

    /// The same step for a picture that is `scale` times as long and as high; `None` where it is the same numbers.
    /// For previews: steps that count in pixels say so here.
    fn rescaled(&self, scale: f64) -> Option<Box<dyn Pixel>> {
        let _ = scale;
        None
    }

    /// What to do with every pixel.
    fn pass(&self, levels: Option<Levels<'_>>) -> PixelPass;
}

/// Drawn numbers that change every pixel by its surroundings; the size stays.
pub trait Neighborhood: Numbers {
    /// See [`Pixel::rescaled`].
    fn rescaled(&self, scale: f64) -> Option<Box<dyn Neighborhood>> {
        let _ = scale;
        None
    }

    /// The changed image, of the same size and channels.
    ///
    /// # Errors
    /// Whatever a kernel cannot do.
    fn apply(&self, image: Image) -> Result<Image>;
}

/// Drawn numbers that cover parts of an image.
pub trait Occlusion: Numbers {
    /// What to cover in an image of a size.
    fn cover(&self, size: Size) -> Cover;
}

/// Rectangles that cover an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Cover {
    /// The rectangles, in whole pixels, inside the image.
    pub rects: Vec<Rect>,
    /// What shows instead.
    pub paint: Paint,
}

/// What a cover shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// One color.
    Fill(Rgba),
    /// Uniform noise from a drawn seed.
    Noise(u64),
}

/// Drawn numbers that join several images into one.
pub trait Mixing: Numbers {
    /// Content hashes of the other images, in the order of [`Mixing::layout`]'s sizes after the first.
    fn partners(&self) -> &[Digest];

    /// Where the images go; `sizes[0]` is the image itself.
    ///
    /// # Errors
    /// `Recipe` when the sizes do not fit.
    fn layout(&self, sizes: &[Size]) -> Result<Layout>;
}

/// A canvas and the images on it.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Size of the canvas.
    pub canvas: Size,
    /// What shows where no image lies.
    pub background: Fill,
    /// The images, later ones over earlier ones.
    pub tiles: Vec<Tile>,
}

/// One image on a canvas.
#[derive(Clone, Debug)]
pub struct Tile {
    /// Which: 0 is the image itself, 1 the first partner.
    pub input: usize,
    /// From the image to the canvas; its output size is the canvas.
    pub warp: Warp,
    /// The part of the canvas that it fills, in whole pixels.
    pub part: Rect,
}

/// Drawn numbers with what they do.
#[derive(Debug)]
pub enum Action {
    /// See [`Geometric`].
    Geometric(Box<dyn Geometric>),
    /// See [`Pixel`].
    Pixel(Box<dyn Pixel>),
    /// See [`Neighborhood`].
    Neighborhood(Box<dyn Neighborhood>),
    /// See [`Occlusion`].
    Occlusion(Box<dyn Occlusion>),
    /// See [`Mixing`].
    Mixing(Box<dyn Mixing>),
}

impl Action {
    /// Whether it mirrors an image of a size, so that left becomes right.
    #[must_use]
    pub fn mirrors(&self, input: Size) -> bool {
        matches!(self, Self::Geometric(drawn) if drawn.warp(input).is_ok_and(|warp| warp.mirrors()))
    }

    /// The drawn numbers as a JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Geometric(drawn) => drawn.to_json(),
            Self::Pixel(drawn) => drawn.to_json(),
            Self::Neighborhood(drawn) => drawn.to_json(),
            Self::Occlusion(drawn) => drawn.to_json(),
            Self::Mixing(drawn) => drawn.to_json(),
        }
    }
}

/// A transform whose parameters are set.
pub trait Configured: Debug + Send + Sync {
    /// See [`Transform::draw`].
    ///
    /// # Errors
    /// As [`Transform::draw`].
    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Action>;
}

/// Makes the action of a kind out of drawn numbers.
type Act<T> = fn(<T as Transform>::Drawn) -> Action;

/// A registry entry: a transform with its types erased.
#[derive(Debug)]
pub struct Entry {
    /// The transform's description.
    pub descriptor: Descriptor,
    /// Whether drawing wants to know the boxes.
    pub needs_labels: bool,
    configure: fn(Value) -> Result<Arc<dyn Configured>>,
    restore: fn(Value) -> Result<Action>,
}

impl Entry {
    /// The transform with parameters from a recipe: a JSON object without `op` and `p`.
    ///
    /// # Errors
    /// `Recipe` when they are wrong.
    pub fn configure(&self, parameters: Value) -> Result<Arc<dyn Configured>> {
        (self.configure)(parameters).map_err(|error| error.within(self.descriptor.op))
    }

    /// The action of numbers drawn before: a JSON object without `op`.
    ///
    /// # Errors
    /// `Replay` when they are wrong.
    pub fn restore(&self, drawn: Value) -> Result<Action> {
        (self.restore)(drawn).map_err(|error| error.within(self.descriptor.op))
    }
}

struct Configuration<T: Transform> {
    parameters: T,
    act: Act<T>,
}

impl<T: Transform> Debug for Configuration<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.parameters.fmt(f)
    }
}

impl<T: Transform> Configured for Configuration<T> {
    fn draw(&self, facts: &Facts<'_>, random: &mut Random) -> Result<Action> {
        self.parameters.draw(facts, random).map(self.act)
    }
}

fn configuration<T: Transform>(parameters: Value, act: Act<T>) -> Result<Arc<dyn Configured>> {
    let Value::Object(mut fields) = parameters else {
        return Err(Error::new(ErrorKind::Recipe, "expected an object"));
    };
    let parameters = T::read(&mut fields)?;
    if let Some(unknown) = fields.keys().next() {
        return Err(Error::new(ErrorKind::Recipe, format!("unknown field '{unknown}'")));
    }
    Ok(Arc::new(Configuration { parameters, act }))
}

/// One parameter out of a JSON object, where it is there. In one place for each type: there are many parameters.
#[inline(never)]
pub(crate) fn take<T: DeserializeOwned>(fields: &mut Map<String, Value>, name: &str) -> Result<Option<T>> {
    let Some(value) = fields.remove(name) else { return Ok(None) };
    let wrong = |error: serde_json::Error| Error::new(ErrorKind::Recipe, error.to_string()).within(name);
    serde_json::from_value(value).map(Some).map_err(wrong)
}

/// Drawn numbers from a JSON object. A value's own reader would take a list too, which is as much code again.
fn restored<D: DeserializeOwned>(drawn: Value) -> Result<D> {
    let Value::Object(fields) = drawn else { return Err(Error::new(ErrorKind::Replay, "expected an object")) };
    let fields = MapDeserializer::<_, serde_json::Error>::new(fields.into_iter());
    D::deserialize(fields).map_err(|error| Error::new(ErrorKind::Replay, error.to_string()))
}

macro_rules! entries {
    ($($(#[$doc:meta])* $name:ident: $kind:ident;)*) => {
        impl Entry {
            $(
                $(#[$doc])*
                #[must_use]
                pub const fn $name<T: Transform>() -> Self
                where
                    T::Drawn: $kind,
                {
                    Self {
                        descriptor: T::DESCRIPTOR,
                        needs_labels: T::NEEDS_LABELS,
                        configure: |value| configuration::<T>(value, |drawn| Action::$kind(Box::new(drawn))),
                        restore: |value| Ok(Action::$kind(Box::new(restored::<T::Drawn>(value)?))),
                    }
                }
            )*
        }
    };
}

entries! {
    /// The entry of a geometric transform.
    geometric: Geometric;
    /// The entry of a pixel transform.
    pixel: Pixel;
    /// The entry of a neighborhood transform.
    neighborhood: Neighborhood;
    /// The entry of an occlusion transform.
    occlusion: Occlusion;
    /// The entry of a mixing transform.
    mixing: Mixing;
}

/// Declares a transform's parameters once: the struct with its JSON form, its defaults and its description.
///
/// ```text
/// transform! {
///     /// What it does.
///     Rotate = "rotate", Geometric;
///     /// What the parameter means.
///     degrees: Range = Range::new(-15.0, 15.0), Control::Range { min: -360.0, max: 360.0 }, "°";
///     examples: r#"{"degrees": 30}"#;
///     neutral: r#"{"degrees": 0}"#;
/// }
/// ```
macro_rules! transform {
    (
        $(#[doc = $summary:literal])+
        $name:ident = $op:literal, $kind:ident;
        $(
            $(#[doc = $doc:literal])+
            $field:ident: $type:ty = $default:expr, $control:expr $(, $unit:literal)?;
        )*
        examples: $($example:literal),+ $(,)?;
        $(neutral: $neutral:literal;)?
    ) => {
        $(#[doc = $summary])+
        #[derive(Clone, Debug)]
        pub(crate) struct $name {
            $($(#[doc = $doc])+ pub(crate) $field: $type,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl $crate::transforms::Describe for $name {
            const DESCRIPTOR: $crate::transforms::Descriptor = $crate::transforms::Descriptor {
                op: $op,
                kind: $crate::transforms::Kind::$kind,
                summary: concat!($($summary),+),
                parameters: &[
                    $($crate::transforms::Parameter {
                        name: stringify!($field),
                        doc: concat!($($doc),+),
                        unit: concat!($($unit)?),
                        control: $control,
                        default: || {
                            let default: $type = $default;
                            serde_json::to_value(default).unwrap_or(serde_json::Value::Null)
                        },
                    },)*
                ],
                examples: &[$($example),+],
                neutral: concat!($($neutral)?),
            };

            fn read(fields: &mut serde_json::Map<String, serde_json::Value>) -> $crate::Result<Self> {
                // Some transforms have no parameters.
                let _ = &fields;
                Ok(Self {
                    $($field: match $crate::transforms::contract::take(fields, stringify!($field))? {
                        Some(value) => value,
                        None => $default,
                    },)*
                })
            }
        }
    };
}
pub(crate) use transform;
