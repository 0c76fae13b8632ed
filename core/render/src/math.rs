//! The only float functions of this crate: libm's, the same bits on every target.

/// π.
pub const PI: f64 = std::f64::consts::PI;

macro_rules! wrap {
    ($($(#[$doc:meta])* $name:ident($($arg:ident),+) = $libm:ident;)*) => {
        $($(#[$doc])* #[must_use] #[inline] pub fn $name($($arg: f64),+) -> f64 { libm::$libm($($arg),+) })*
    };
}

wrap! {
    /// Sine of an angle in radians.
    sin(x) = sin;
    /// Cosine of an angle in radians.
    cos(x) = cos;
    /// Tangent of an angle in radians.
    tan(x) = tan;
    /// Arc tangent of `y / x` in the right quadrant, in radians.
    atan2(y, x) = atan2;
    /// Arc tangent in radians.
    atan(x) = atan;
    /// e to the power of x.
    exp(x) = exp;
    /// Natural logarithm.
    ln(x) = log;
    /// Base-2 logarithm.
    log2(x) = log2;
    /// x to the power of y.
    pow(x, y) = pow;
    /// Length of the vector (x, y).
    hypot(x, y) = hypot;
    /// The error function.
    erf(x) = erf;
}

/// Square root: IEEE rounds it correctly everywhere.
#[must_use]
#[inline]
pub fn sqrt(x: f64) -> f64 {
    x.sqrt()
}

/// The greatest integer that is not above x: exact, and quick where the target has no instruction for it.
#[must_use]
#[inline]
pub fn floor(x: f64) -> f64 {
    // From 2^52 on all numbers are whole.
    if x.is_nan() || x.abs() >= 4_503_599_627_370_496.0 {
        return x;
    }
    let towards_zero = x as i64 as f64;
    if towards_zero > x { towards_zero - 1.0 } else { towards_zero }
}

/// Degrees to radians.
#[must_use]
#[inline]
pub fn radians(degrees: f64) -> f64 {
    degrees * (PI / 180.0)
}

/// Sine and cosine of an angle in degrees, exact at multiples of 90.
#[must_use]
pub fn sin_cos_degrees(degrees: f64) -> (f64, f64) {
    let turn = degrees - 360.0 * (degrees / 360.0).floor();
    if turn == 0.0 {
        (0.0, 1.0)
    } else if turn == 90.0 {
        (1.0, 0.0)
    } else if turn == 180.0 {
        (0.0, -1.0)
    } else if turn == 270.0 {
        (-1.0, 0.0)
    } else {
        (sin(radians(turn)), cos(radians(turn)))
    }
}

/// The nearest level of 8 bits: half rounds up, out of range saturates, not-a-number is 0.
#[must_use]
#[inline]
pub fn to_u8(x: f64) -> u8 {
    (x + 0.5).floor() as u8
}

/// The nearest integer: half rounds up (towards +∞).
#[must_use]
#[inline]
pub fn round_half_up(x: f64) -> f64 {
    (x + 0.5).floor()
}
