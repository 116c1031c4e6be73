//! Bare URLs in a text, which more than one platform makes links of.

/// Finds the bare URLs in a text: what follows `http://` or `https://` up to a blank or a sign
/// that no address ends with.
pub(super) fn find_urls(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("http") {
        let (_, from) = rest.split_at(start);
        let scheme = ["https://", "http://"]
            .into_iter()
            .find(|scheme| from.starts_with(scheme));
        let Some(scheme) = scheme else {
            rest = from.get(4..).unwrap_or_default();
            continue;
        };
        let end = from
            .find(|sign: char| sign.is_whitespace() || "<>\"`|".contains(sign))
            .unwrap_or(from.len());
        let (address, behind) = from.split_at(end);
        let address = address.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'']);
        if address.len() > scheme.len() {
            found.push(address.to_owned());
        }
        rest = behind;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_ends_before_punctuation() {
        assert_eq!(
            find_urls("see (https://a.b/c?d=1), http://x http:// httpx"),
            ["https://a.b/c?d=1", "http://x"]
        );
    }
}
