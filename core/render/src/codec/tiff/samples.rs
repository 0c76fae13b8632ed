//! The samples in the bytes of a TIFF's rows: numbers of any width and kind.

use super::directory::Order;
use super::layout::{Layout, Predictor};
use crate::codec::levels::{SampleKind, SampleNumbers};

/// Takes back what a predictor did to a row of bytes. Numbers stand in the file's order afterwards.
pub(super) fn restore(layout: &Layout, order: Order, row: &mut [u8]) {
    let (width, apart) = (layout.numbers.bits as usize / 8, layout.together());
    match layout.predictor {
        Predictor::None => {}
        Predictor::Difference => match width {
            1 => add_up(row, apart),
            2 => {
                let words = row.as_chunks_mut::<2>().0;
                for at in apart..words.len() {
                    let sum = order.number(&words[at]).wrapping_add(order.number(&words[at - apart])) as u16;
                    words[at] = if order == Order::Little { sum.to_le_bytes() } else { sum.to_be_bytes() };
                }
            }
            _ => {
                for at in (apart * width..row.len() / width * width).step_by(width) {
                    let before = order.number(&row[at - apart * width..][..width]);
                    let sum = order.number(&row[at..at + width]).wrapping_add(before);
                    put(order, sum, &mut row[at..at + width]);
                }
            }
        },
        Predictor::Bytes => {
            add_up(row, apart);
            let bytes = row.to_vec();
            let count = row.len() / width;
            for (at, number) in row.chunks_exact_mut(width).enumerate() {
                let bytes = (0..width).map(|byte| bytes[byte * count + at]);
                let value = bytes.fold(0, |sum, byte| (sum << 8) | u64::from(byte));
                put(order, value, number);
            }
        }
    }
}

/// Makes of differences to bytes some way before what they are.
fn add_up(row: &mut [u8], apart: usize) {
    for at in apart..row.len() {
        row[at] = row[at].wrapping_add(row[at - apart]);
    }
}

/// Writes the low bytes of a number.
fn put(order: Order, number: u64, to: &mut [u8]) {
    let width = to.len();
    match order {
        Order::Little => to.copy_from_slice(&number.to_le_bytes()[..width]),
        Order::Big => to.copy_from_slice(&number.to_be_bytes()[8 - width..]),
    }
}

/// Numbers without a sign of up to 8 bits.
pub(super) fn small(bits: u32, row: &[u8], to: &mut [u8]) {
    if bits == 8 {
        to.copy_from_slice(&row[..to.len()]);
    } else {
        packed(bits, row, to.len(), |at, number| to[at] = number as u8);
    }
}

/// Numbers of any kind.
pub(super) fn wide(numbers: SampleNumbers, order: Order, row: &[u8], to: &mut [f64]) {
    let SampleNumbers { kind, bits } = numbers;
    let number = |raw: u64| match (kind, bits) {
        (SampleKind::Unsigned, _) => raw as f64,
        // The sign's bit to the top and back.
        (SampleKind::Signed, _) => ((raw << (64 - bits)) as i64 >> (64 - bits)) as f64,
        (SampleKind::Float, 16) => half(raw as u16),
        (SampleKind::Float, 32) => f64::from(f32::from_bits(raw as u32)),
        (SampleKind::Float, _) => f64::from_bits(raw),
    };
    let width = bits as usize / 8;
    match bits {
        16 => {
            for (to, bytes) in to.iter_mut().zip(row.as_chunks::<2>().0) {
                *to = number(order.number(bytes));
            }
        }
        8 | 24 | 32 | 64 => {
            for (to, bytes) in to.iter_mut().zip(row.chunks_exact(width)) {
                *to = number(order.number(bytes));
            }
        }
        // Other widths stand bit after bit, in whichever order bytes are.
        _ => packed(bits, row, to.len(), |at, raw| to[at] = number(raw)),
    }
}

/// Numbers of up to 32 bits one after the other, their first bit first.
fn packed(bits: u32, row: &[u8], count: usize, mut take: impl FnMut(usize, u64)) {
    let (mut held, mut has) = (0_u64, 0);
    let mut bytes = row.iter();
    for at in 0..count {
        while has < bits {
            held = (held << 8) | u64::from(bytes.next().copied().unwrap_or(0));
            has += 8;
        }
        has -= bits;
        take(at, (held >> has) & ((1 << bits) - 1));
    }
}

/// A floating-point number of 16 bits (IEEE 754 binary16).
fn half(raw: u16) -> f64 {
    let (exponent, fraction) = (i32::from(raw >> 10 & 31), f64::from(raw & 0x3FF));
    let size = match exponent {
        // 2^-24 is the least there is.
        0 => fraction / 16_777_216.0,
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * f64::from_bits((1023 - 25 + exponent as u64) << 52),
    };
    if raw >> 15 == 1 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_width_are_read_back() {
        for bits in 1..=32_u32 {
            let most = (1_u64 << bits) - 1;
            let written: Vec<u64> =
                (0..23).map(|at| (at * at * 0x9E37_79B9) & most).chain([0, most, 1, most]).collect();
            let mut row: Vec<u8> = Vec::new();
            let mut has = 0;
            for number in &written {
                for bit in (0..bits).rev() {
                    if has % 8 == 0 {
                        row.push(0);
                    }
                    *row.last_mut().unwrap() |= ((number >> bit & 1) as u8) << (7 - has % 8);
                    has += 1;
                }
            }
            let mut read = vec![0.0; written.len()];
            wide(SampleNumbers { kind: SampleKind::Unsigned, bits }, Order::Big, &row, &mut read);
            assert_eq!(read, written.iter().map(|number| *number as f64).collect::<Vec<_>>(), "{bits} bits");
            wide(SampleNumbers { kind: SampleKind::Signed, bits }, Order::Big, &row, &mut read);
            let half = 1_u64 << (bits - 1);
            let signed = |number: &u64| *number as f64 - if *number >= half { 2.0 * half as f64 } else { 0.0 };
            assert_eq!(read, written.iter().map(signed).collect::<Vec<_>>(), "{bits} signed bits");
            if bits <= 8 {
                let mut read = vec![0; written.len()];
                small(bits, &row, &mut read);
                assert_eq!(read, written.iter().map(|number| *number as u8).collect::<Vec<_>>(), "{bits} bits");
            }
        }
    }

    #[test]
    fn floating_point_numbers_of_16_bits_are_those_of_the_standard() {
        for (raw, number) in [
            (0x0000, 0.0),
            (0x3C00, 1.0),
            (0xC000, -2.0),
            (0x7BFF, 65_504.0),
            (0x3555, 0.333_251_953_125),
            (0x0400, 0.000_061_035_156_25),
            (0x03FF, 0.000_060_975_551_605_224_61),
            (0x0001, 0.000_000_059_604_644_775_390_63),
            (0x7C00, f64::INFINITY),
            (0xFC00, f64::NEG_INFINITY),
        ] {
            assert_eq!(half(raw), number, "{raw:04x}");
        }
        assert!(half(0x7E00).is_nan());
    }
}
