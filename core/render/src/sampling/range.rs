//! Intervals that a recipe gives and a draw picks from.

use serde_json::Value;

use super::Random;

macro_rules! interval {
    ($(#[$doc:meta])* $name:ident of $number:ty, $as:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name {
            /// The least value.
            pub low: $number,
            /// The greatest value.
            pub high: $number,
        }

        impl $name {
            /// From `low` to `high`.
            #[must_use]
            pub const fn new(low: $number, high: $number) -> Self {
                Self { low, high }
            }

            /// One value.
            #[must_use]
            pub const fn fixed(value: $number) -> Self {
                Self::new(value, value)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if self.low == self.high { self.low.serialize(serializer) } else { [self.low, self.high].serialize(serializer) }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // By way of a JSON value: an untagged enum would bring a reader of its own for every type in it.
                let value = Value::deserialize(deserializer)?;
                let ends = match value.as_array().map(Vec::as_slice) {
                    Some([low, high]) => low.$as().zip(high.$as()),
                    Some(_) => None,
                    None => value.$as().map(|both| (both, both)),
                };
                match ends {
                    Some((low, high)) if low <= high => Ok(Self::new(low, high)),
                    Some((low, high)) => {
                        Err(serde::de::Error::custom(format!("the range [{low}, {high}] ends before it begins")))
                    }
                    None => Err(serde::de::Error::custom(concat!("expected ", $what, " or two, [low, high]"))),
                }
            }
        }
    };
}

interval! {
    /// A continuous interval. In JSON `[low, high]`, or a number that is both.
    Range of f64, as_f64, "a number"
}

interval! {
    /// An interval of whole numbers, both ends included. In JSON `[low, high]`, or a number that is both.
    IntRange of i64, as_i64, "a whole number"
}

impl Range {
    /// A value, uniform between the ends.
    pub fn draw(self, random: &mut Random) -> f64 {
        random.uniform(self.low, self.high)
    }

    /// A factor, uniform in its logarithm, so that halving is as likely as doubling; the ends must be positive.
    pub fn draw_factor(self, random: &mut Random) -> f64 {
        let (low, high) = (crate::math::ln(self.low), crate::math::ln(self.high));
        crate::math::exp(random.uniform(low, high)).clamp(self.low, self.high)
    }
}

impl IntRange {
    /// A value, every whole number equally likely.
    pub fn draw(self, random: &mut Random) -> i64 {
        self.low + random.below((self.high - self.low) as u64 + 1) as i64
    }
}
