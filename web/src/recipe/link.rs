//! Links that carry a recipe in their fragment, which browsers do not send to servers.

use serde_json::Value;

/// The name of the fragment.
const NAME: &str = "recipe=";
/// The longest fragment that is read.
const MOST: usize = 64 * 1024;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The fragment of a recipe, including `#`.
#[must_use]
pub fn fragment(recipe: &Value) -> String {
    format!("#{NAME}{}", encoded(recipe.to_string().as_bytes()))
}

/// Whether a fragment holds a recipe, valid or not.
#[must_use]
pub fn is_recipe(fragment: &str) -> bool {
    fragment.trim_start_matches('#').starts_with(NAME)
}

/// The recipe in a fragment, not yet checked.
///
/// # Errors
/// With a message, if the link was cut or changed.
pub fn read(fragment: &str) -> Result<Value, String> {
    let broken = || "the link does not contain a recipe; it may be incomplete: ask for it again".to_owned();
    let text = fragment.trim_start_matches('#').strip_prefix(NAME).ok_or_else(broken)?;
    if text.len() > MOST {
        return Err("the link is longer than any recipe".into());
    }
    let bytes = decoded(text).ok_or_else(broken)?;
    serde_json::from_slice(&bytes).map_err(|_| broken())
}

/// Base64 for addresses, without padding (RFC 4648, section 5).
fn encoded(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 3);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for i in 0..=chunk.len() {
            text.push(ALPHABET[(word >> (18 - 6 * i)) as usize & 63] as char);
        }
    }
    text
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for chunk in text.as_bytes().chunks(4) {
        if chunk.len() == 1 {
            return None;
        }
        let mut word = 0u32;
        for byte in chunk {
            word = word << 6 | ALPHABET.iter().position(|letter| letter == byte)? as u32;
        }
        word <<= 6 * (4 - chunk.len());
        bytes.extend(word.to_be_bytes()[1..chunk.len()].iter());
    }
    Some(bytes)
}
