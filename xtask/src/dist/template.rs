//! The root's `index.html`: what is put where it leaves room.

use anyhow::bail;

/// Fills in the version, the API's address and the origins that the page may talk to; the API's is one of them.
pub(super) fn fill(template: &str, connect: &[String], api: Option<&str>) -> anyhow::Result<String> {
    for origin in connect {
        check_origin(origin)?;
    }
    let mut connect = connect.to_vec();
    if let Some(api) = api {
        let origin: Vec<&str> = api.splitn(4, '/').take(3).collect();
        let origin = origin.join("/");
        check_origin(&origin)?;
        if api.contains(['"', '<', '>', '&']) {
            bail!("{api} is no address");
        }
        connect.extend((!connect.contains(&origin)).then_some(origin));
    }
    let connect = connect.join(" ");
    let api = api.unwrap_or_default();
    let mut page = template.to_owned();
    for (mark, value) in
        [("{{version}}", env!("CARGO_PKG_VERSION")), ("{{connect}}", connect.as_str()), ("{{api}}", api)]
    {
        if !page.contains(mark) {
            bail!("index.html has no {mark}");
        }
        page = page.replace(mark, value);
    }
    // An empty list of origins leaves a blank before the semicolon.
    let page = page.replace(" ;", ";");
    if let Some((_, rest)) = page.split_once("{{") {
        bail!("index.html has an unknown mark {{{{{}", rest.split("}}").next().unwrap_or_default());
    }
    if page.contains("<style") || page.contains(" style=") || page.contains("<script>") {
        bail!("index.html has inline code, which its own policy forbids");
    }
    let comment = page.find("<!--").zip(page.find("-->\n"));
    Ok(match comment {
        Some((start, end)) => format!("{}{}", &page[..start], &page[end + 4..]),
        None => page,
    })
}

/// An origin as a policy takes it: scheme and host, a port where there is one, nothing that could end the directive.
fn check_origin(origin: &str) -> anyhow::Result<()> {
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-.:[]*".contains(letter);
    if !host.is_some_and(|host| !host.is_empty() && host.chars().all(plain)) {
        bail!("{origin} is no origin: give it as https://api.example.org, without a path");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::fill;

    const TEMPLATE: &str =
        "<meta content=\"img-src 'self' {{connect}}; connect-src 'self' {{connect}}\">{{version}} {{api}}";

    #[test]
    fn without_other_origins_the_policy_names_only_its_own() {
        let page = fill(TEMPLATE, &[], None).unwrap();
        assert!(page.contains("img-src 'self'; connect-src 'self'"), "{page}");
    }

    #[test]
    fn other_origins_are_added_and_nothing_else_gets_into_the_policy() {
        let page =
            fill(TEMPLATE, &["https://api.example.org".into(), "https://store.example.org:8443".into()], None).unwrap();
        assert!(page.contains("connect-src 'self' https://api.example.org https://store.example.org:8443"), "{page}");
        for wrong in ["https://a.b; script-src *", "ftp://a.b", "https://a.b/path", "https://", "'unsafe-inline'"] {
            assert!(fill(TEMPLATE, &[wrong.to_owned()], None).is_err(), "{wrong} must be refused");
        }
    }

    #[test]
    fn an_api_is_named_and_allowed() {
        let page = fill(TEMPLATE, &["https://b.example".into()], Some("https://a.example/stage")).unwrap();
        assert!(page.contains("connect-src 'self' https://b.example https://a.example\""), "{page}");
        assert!(page.ends_with(" https://a.example/stage"), "{page}");
        assert!(fill(TEMPLATE, &[], Some("a.example")).is_err(), "no origin");
    }

    #[test]
    fn unknown_marks_and_inline_code_are_refused() {
        assert!(fill(&format!("{TEMPLATE}{{{{title}}}}"), &[], None).is_err(), "an unknown mark");
        assert!(fill(&format!("{TEMPLATE}<script>go()</script>"), &[], None).is_err(), "an inline script");
    }
}
