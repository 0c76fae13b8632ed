//! What kernels ask of vector instructions, so that each is written once: registers of 16-byte groups that never mix.

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;
#[cfg(target_arch = "x86_64")]
mod x86;

/// The most groups of a register.
pub(super) const MAX_GROUPS: usize = 4;

/// A register. Methods are named after the lanes that they work on; places and sums never leave a group of 16 bytes.
pub(super) trait Lanes: Copy {
    /// Groups in a register.
    const GROUPS: usize;

    /// From the bytes of every group.
    fn groups(of: impl Fn(usize) -> [u8; 16]) -> Self;
    /// From the halves of every group.
    fn halves(of: impl Fn(usize) -> [i64; 2]) -> Self;
    /// From the 32-bit lane that fills every group.
    fn splats(of: impl Fn(usize) -> i32) -> Self;
    /// The bytes of a group.
    fn group(self, at: usize) -> [u8; 16];

    /// The bytes at places 0 to 15; zero for places from 128 on.
    fn swizzle(self, places: Self) -> Self;
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    fn add8(self, other: Self) -> Self;
    fn add16(self, other: Self) -> Self;
    fn add32(self, other: Self) -> Self;
    fn sub32(self, other: Self) -> Self;
    fn sub16(self, other: Self) -> Self;
    /// The upper halves of products of unsigned lanes.
    fn mul_high_unsigned16(self, other: Self) -> Self;
    /// The lower halves of products.
    fn mul32(self, other: Self) -> Self;
    /// Products of signed 16-bit lanes, those of neighbors added up in 32 bits.
    fn dot16(self, other: Self) -> Self;
    /// `(a·b + 2¹⁴) >> 15` of signed lanes; not of −2¹⁵ with itself.
    fn scale16(self, other: Self) -> Self;
    /// Sums of signed neighbors.
    fn add_neighbors8(self) -> Self;
    fn shift_left16<const BITS: u32>(self) -> Self;
    fn shift_left32<const BITS: u32>(self) -> Self;
    /// Of signed lanes.
    fn shift_right16<const BITS: u32>(self) -> Self;
    /// Of signed lanes.
    fn shift_right32<const BITS: u32>(self) -> Self;
    /// Of unsigned lanes.
    fn shift_right_unsigned32<const BITS: u32>(self) -> Self;
    /// The first eight bytes of every group as 16-bit lanes.
    fn widen_first8(self) -> Self;
    /// The last eight bytes of every group as 16-bit lanes.
    fn widen_last8(self) -> Self;
    /// Signed 32-bit lanes held within 16 bits: first these, then others.
    fn narrow32(self, then: Self) -> Self;
    /// Signed 16-bit lanes held within 0 to 255: first these, then others.
    fn narrow16(self, then: Self) -> Self;
    /// The first eight bytes of every group, then those of others.
    fn first_halves(self, then: Self) -> Self;
    /// The last eight bytes of every group, then those of others.
    fn last_halves(self, then: Self) -> Self;
    /// The first four lanes and those of others by turns.
    fn zip_first16(self, other: Self) -> Self;
    /// The last four lanes and those of others by turns.
    fn zip_last16(self, other: Self) -> Self;
    /// The first two lanes and those of others by turns.
    fn zip_first32(self, other: Self) -> Self;
    /// The last two lanes and those of others by turns.
    fn zip_last32(self, other: Self) -> Self;
    /// The 16-bit lanes of a group.
    fn words(self, at: usize) -> [i16; 8];
    /// For every group a bit each of its 16-bit lanes that are zero, and above them those of others.
    fn zeros16(self, then: Self) -> [u16; MAX_GROUPS];

    /// Whether any signed lane is below zero.
    fn any_negative32(self) -> bool;

    /// The same bytes in every group.
    #[inline(always)]
    fn repeat(bytes: [u8; 16]) -> Self {
        Self::groups(|_| bytes)
    }

    /// The same number in every 16-bit lane.
    #[inline(always)]
    fn splat16(value: i16) -> Self {
        let [a, b] = value.to_le_bytes();
        Self::repeat([a, b, a, b, a, b, a, b, a, b, a, b, a, b, a, b])
    }

    /// The same number in every 32-bit lane.
    #[inline(always)]
    fn splat32(value: i32) -> Self {
        Self::splats(
            #[inline(always)]
            |_| value,
        )
    }
}

/// Asks that what lies at an address, if anything does, be brought near; for nothing where no instruction does that.
#[inline(always)]
pub(super) fn bring_near(at: *const u8) {
    #[cfg(target_arch = "x86_64")]
    x86::bring_near(at);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

/// What is made for 0 to 3, without a loop: compilers that mind the size of the code would leave one.
#[inline(always)]
pub(super) fn four<T>(make: impl Fn(usize) -> T) -> [T; 4] {
    [make(0), make(1), make(2), make(3)]
}

/// Two signed numbers as one 32-bit lane of two 16-bit ones.
#[inline(always)]
pub(super) fn pair(first: i16, second: i16) -> i32 {
    i32::from(first) & 0xFFFF | i32::from(second) << 16
}

/// The first twelve bytes of every group, one group after the other. The four bytes after them may be overwritten.
#[inline(always)]
pub(super) fn put_twelves<L: Lanes>(from: L, to: &mut [u8]) {
    for g in 0..L::GROUPS {
        let (bytes, to) = (from.group(g), &mut to[12 * g..]);
        // A whole group is one store.
        match to.first_chunk_mut::<16>() {
            Some(to) => *to = bytes,
            None => to[..12].copy_from_slice(&bytes[..12]),
        }
    }
}

/// Sixteen bytes from a place on.
#[inline(always)]
pub(super) fn sixteen(from: &[u8], at: usize) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&from[at..at + 16]);
    bytes
}
