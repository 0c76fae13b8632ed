//! A file of gigabytes for tests, of which only the small writes are kept.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// A file of gigabytes of which only the small writes are kept; the rest reads as zeros.
#[derive(Debug, Default)]
pub(super) struct Sparse {
    kept: BTreeMap<u64, Vec<u8>>,
    length: u64,
    at: u64,
}

impl Sparse {
    pub(super) const fn length(&self) -> u64 {
        self.length
    }
}

impl Write for Sparse {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() < 1 << 20 {
            self.kept.insert(self.length, bytes.to_vec());
        }
        self.length += bytes.len() as u64;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Sparse {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let next = self.kept.range(self.at + 1..).next().map_or(self.length, |(start, _)| *start);
        let count = out.len().min((next - self.at) as usize);
        out[..count].fill(0);
        if let Some((start, bytes)) = self.kept.range(..=self.at).next_back() {
            let skip = (self.at - start) as usize;
            if skip < bytes.len() {
                let have = count.min(bytes.len() - skip);
                out[..have].copy_from_slice(&bytes[skip..skip + have]);
            }
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(by) => self.length.saturating_add_signed(by),
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}
