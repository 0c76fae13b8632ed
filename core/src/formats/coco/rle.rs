//! COCO's run-length encoding as text: differences to the run before last, five bits a character from `0` on.

/// Runs as text. The characters are '0' + five bits, low bits first, and 32 where more follow; the last one's
/// fifth bit is the sign.
pub(super) fn encode(runs: &[u32]) -> String {
    let mut text = String::with_capacity(runs.len() * 2);
    for (i, run) in runs.iter().enumerate() {
        let mut rest = i64::from(*run);
        if i > 2 {
            rest -= i64::from(runs[i - 2]);
        }
        loop {
            let low = (rest & 31) as u8;
            rest >>= 5;
            let more = if low & 16 == 0 { rest != 0 } else { rest != -1 };
            text.push(char::from(b'0' + low + if more { 32 } else { 0 }));
            if !more {
                break;
            }
        }
    }
    text
}

/// Runs from text.
pub(super) fn decode(text: &str) -> Result<Vec<u32>, String> {
    let mut runs: Vec<u32> = Vec::new();
    let mut bytes = text.bytes();
    while let Some(mut byte) = bytes.next() {
        let (mut value, mut shift) = (0i64, 0);
        loop {
            let bits = byte.wrapping_sub(b'0');
            if bits > 63 || shift > 35 {
                return Err("its runs are not COCO's".to_owned());
            }
            value |= i64::from(bits & 31) << shift;
            shift += 5;
            if bits & 32 == 0 {
                if bits & 16 != 0 {
                    value |= -1 << shift;
                }
                break;
            }
            byte = bytes.next().ok_or("its runs end early")?;
        }
        if runs.len() > 2 {
            value += i64::from(runs[runs.len() - 2]);
        }
        runs.push(u32::try_from(value).map_err(|_| "it holds a run of negative length".to_owned())?);
    }
    Ok(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_runs_agree_with_pycocotools() {
        // Made by the script in core/tests/data/coco_rle.py.
        for line in include_str!("../../../tests/data/coco_rle.txt").lines() {
            let (text, runs) = line.split_once(' ').unwrap();
            let runs: Vec<u32> = runs.split(',').map(|run| run.parse().unwrap()).collect();
            assert_eq!(decode(text).unwrap(), runs, "{text}");
            assert_eq!(encode(&runs), text, "{runs:?}");
        }
    }

    #[test]
    fn damaged_text_is_refused() {
        for text in ["P", "oooooooooooooooooo0", "\u{7f}", " ", "O", "é"] {
            assert!(decode(text).is_err(), "{text:?}");
        }
    }
}
