//! Texts for what the service sends: dates, states, messages.

use augment_api::{Image, State};
use js_sys::Date;
use wasm_bindgen::JsValue;

use crate::ui::counted;

/// A sentence from a message of the service, which starts in lower case and has no full stop.
pub(crate) fn sentence(words: &str) -> String {
    let mut letters = words.trim().chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
    let rest = letters.as_str();
    let stop = if rest.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{rest}{stop}")
}

/// Milliseconds since a time (RFC 3339).
pub(super) fn age_ms(time: &str) -> f64 {
    Date::now() - Date::parse(time)
}

/// A date: `21 November 2026`.
pub(crate) fn day(time: &str) -> String {
    let date = Date::new(&JsValue::from_str(time));
    day_of(&date)
}

/// The date in this number of days.
pub(crate) fn day_after(days: u64) -> String {
    let date = Date::new(&JsValue::from_f64(Date::now() + days as f64 * 86_400_000.0));
    day_of(&date)
}

fn day_of(date: &Date) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let month = MONTHS.get(date.get_month() as usize).copied().unwrap_or_default();
    format!("{} {month} {}", date.get_date(), date.get_full_year())
}

/// The time until an image expires: `in 28 days`, `today`.
pub(super) fn in_days(time: &str) -> String {
    let days = (-age_ms(time) / 86_400_000.0).ceil().max(0.0) as usize;
    match days {
        0 => "today".into(),
        days => format!("in {}", counted(days, "day", "days")),
    }
}

/// The title of an image.
pub(super) fn title(image: &Image) -> String {
    image.title.clone().unwrap_or_else(|| image.filename.clone())
}

/// The state of an image with its style; nothing for a finished one.
pub(super) fn state(image: &Image) -> Option<(&'static str, &'static str)> {
    match image.state {
        State::Pending => Some(("Not complete", "warn")),
        State::Uploaded => Some(("Waiting", "")),
        State::Augmenting => Some(("Augmenting", "")),
        State::Failed => Some(("Failed", "danger")),
        State::Ready => None,
    }
}

/// Splits tags that the user typed.
pub(super) fn tags_of(text: &str) -> Vec<String> {
    let mut tags: Vec<String> =
        text.split([',', ';', ' ', '#']).filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
    tags.sort();
    tags.dedup();
    tags
}

#[cfg(test)]
mod tests {
    use super::{sentence, tags_of};

    #[test]
    fn refusals_become_sentences() {
        assert_eq!(sentence("the id is taken"), "The id is taken.");
        assert_eq!(sentence("Done."), "Done.");
    }

    #[test]
    fn tags_are_split_at_all_separators() {
        assert_eq!(tags_of("dog, cat;#dog  bird"), ["bird", "cat", "dog"]);
    }
}
