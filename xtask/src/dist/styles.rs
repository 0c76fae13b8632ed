//! The style sheet: all of `web/styles` in the order of their names, without comments and needless space.

use std::path::Path;

use anyhow::{Context, bail};

/// One sheet from the folder's files.
pub(super) fn bundle(folder: &Path) -> anyhow::Result<String> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "css") {
            paths.push(path);
        }
    }
    paths.sort();
    let mut sheet = String::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        if text.matches('{').count() != text.matches('}').count() {
            bail!("{}: braces do not pair", path.display());
        }
        sheet.push_str(&minify(&text));
    }
    Ok(sheet)
}

/// Takes comments out and joins white space; strings stay as they are. Spaces stay where they could mean something.
fn minify(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut blank = false;
    let mut rest = css;
    while let Some(letter) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
            blank = true;
        } else if letter.is_whitespace() {
            rest = &rest[letter.len_utf8()..];
            blank = true;
        } else {
            let needless = out.ends_with(['{', '}', ';', ',']) || out.is_empty() || "{};,".contains(letter);
            if blank && !needless {
                out.push(' ');
            }
            blank = false;
            if letter == '}' && out.ends_with(';') {
                out.pop();
            }
            let end = if letter == '"' || letter == '\'' { end_of_string(rest, letter) } else { letter.len_utf8() };
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        }
    }
    out
}

/// Where the string that starts here ends, its quotes included.
fn end_of_string(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        if letter == quote && !escaped {
            return at + 1;
        }
        escaped = letter == '\\' && !escaped;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::minify;

    #[test]
    fn what_a_browser_reads_stays_the_same() {
        let css = "/* a */\n.a > .b:not(.c) ,\n.d {\n  margin: 0  auto;\n  width: calc(1px + 2px); /* b */\n}\n";
        assert_eq!(minify(css), ".a > .b:not(.c),.d{margin: 0 auto;width: calc(1px + 2px)}");
    }

    #[test]
    fn strings_are_left_alone() {
        assert_eq!(
            minify(".a::before { content: \"/* x */  \\\" ; }\" ; }"),
            ".a::before{content: \"/* x */  \\\" ; }\"}"
        );
    }

    #[test]
    fn a_blank_that_means_a_descendant_stays() {
        assert_eq!(
            minify(".a :hover{}\n@media (width > 1px) and (hover){}"),
            ".a :hover{}@media (width > 1px) and (hover){}"
        );
    }
}
