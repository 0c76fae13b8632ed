//! Ids of COCO files, compared by what they say: 1, 1.0 and "1" are one id, and any text is one.

use std::borrow::Cow;

/// The largest whole number up to which floats say every one.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// What an id says, from its JSON text.
pub(super) fn id_of(json: &str) -> Cow<'_, str> {
    let text = match json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) if inner.contains('\\') => {
            Cow::Owned(serde_json::from_str(json).unwrap_or_else(|_| inner.to_owned()))
        }
        Some(inner) => Cow::Borrowed(inner),
        None => Cow::Borrowed(json),
    };
    let plain = !text.is_empty() && text.len() < 16 && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain && (!text.starts_with('0') || text.len() == 1) {
        return text;
    }
    match text.parse::<f64>() {
        Ok(number) if number.fract() == 0.0 && number.abs() <= WHOLE => Cow::Owned((number as i64).to_string()),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_what_they_say() {
        for (json, id) in [
            ("1", "1"),
            ("1.0", "1"),
            ("\"1\"", "1"),
            ("\"1.0\"", "1"),
            ("1e3", "1000"),
            ("007", "7"),
            ("-0", "0"),
            ("1.5", "1.5"),
            ("\"c\"", "c"),
            ("\"\\u0063\"", "c"),
            ("\"img-1\"", "img-1"),
            ("\"\"", ""),
            ("null", "null"),
            ("\"nan\"", "nan"),
            ("9007199254740993123", "9007199254740993123"),
        ] {
            assert_eq!(id_of(json), id, "{json}");
        }
    }
}
