use super::{HTTPS, MALFORMED, Proxies, SOCKS};
use crate::transport::Url;

/// Returns the proxy that `url` goes through with these variables: its host and credentials.
fn route(variables: &[(&str, &str)], url: &str) -> Result<Option<(String, String)>, String> {
    let proxies = Proxies::from_environment(|name| {
        let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
        Some((*value).to_owned())
    });
    let url = Url::parse(url).unwrap();
    Ok(proxies.route(&url)?.map(|proxy| {
        let credentials = proxy.credentials().map_or("", |value| {
            assert!(value.is_sensitive());
            value.to_str().unwrap()
        });
        (
            format!("{}:{}", proxy.address().host(), proxy.address().port()),
            credentials.to_owned(),
        )
    }))
}

fn host(variables: &[(&str, &str)], url: &str) -> Option<String> {
    route(variables, url).unwrap().map(|(host, _)| host)
}

#[test]
fn nothing_set_means_no_proxy() {
    assert_eq!(host(&[], "https://a.example"), None);
    assert_eq!(host(&[("https_proxy", " ")], "https://a.example"), None);
}

#[test]
fn each_scheme_has_its_variable() {
    let variables = [("http_proxy", "plain:1"), ("HTTPS_PROXY", "http://safe:2/")];
    assert_eq!(host(&variables, "http://a.example").unwrap(), "plain:1");
    assert_eq!(host(&variables, "https://a.example").unwrap(), "safe:2");
}

#[test]
fn the_lower_case_variable_goes_first() {
    let variables = [("HTTPS_PROXY", "upper:1"), ("https_proxy", "lower:2")];
    assert_eq!(host(&variables, "https://a.example").unwrap(), "lower:2");
}

#[test]
fn upper_case_http_proxy_is_a_header_of_a_cgi_request_and_ignored() {
    assert_eq!(host(&[("HTTP_PROXY", "evil:1")], "http://a.example"), None);
    assert_eq!(host(&[("HTTP_PROXY", "evil:1")], "https://a.example"), None);
}

#[test]
fn all_proxy_serves_whatever_has_none_of_its_own() {
    let variables = [("ALL_PROXY", "all:1"), ("https_proxy", "safe:2")];
    assert_eq!(host(&variables, "http://a.example").unwrap(), "all:1");
    assert_eq!(host(&variables, "https://a.example").unwrap(), "safe:2");
}

#[test]
fn exceptions_and_this_machine_are_reached_directly() {
    let variables = [("all_proxy", "all:1"), ("NO_PROXY", "corp.example")];
    for url in [
        "https://chat.corp.example",
        "http://localhost:8080",
        "https://127.0.0.1",
        "http://[::1]",
    ] {
        assert_eq!(host(&variables, url), None, "{url}");
    }
    assert_eq!(host(&variables, "https://a.example").unwrap(), "all:1");
}

#[test]
fn credentials_are_percent_decoded_and_may_hold_an_at() {
    let variables = [("all_proxy", "http://us%65r:p%3Aa@ss@[fd00::1]:3128")];
    let (host, credentials) = route(&variables, "https://a.example").unwrap().unwrap();
    assert_eq!(host, "[fd00::1]:3128");
    // user:p:a@ss
    assert_eq!(credentials, "Basic dXNlcjpwOmFAc3M=");
}

#[test]
fn a_proxy_that_cannot_be_used_is_named_and_not_passed_by() {
    for (value, why) in [
        ("https://proxy.example", HTTPS),
        ("SOCKS5h://proxy.example", SOCKS),
        ("socks4://proxy.example", SOCKS),
        ("ftp://proxy.example", MALFORMED),
        ("http://", MALFORMED),
        ("http://proxy.example:0", MALFORMED),
        ("prox y", MALFORMED),
    ] {
        let error = route(&[("https_proxy", value)], "https://a.example").unwrap_err();
        assert_eq!(
            error,
            format!("the variable https_proxy cannot be used: {why}"),
            "{value}"
        );
        let around = [("https_proxy", value), ("no_proxy", "a.example")];
        assert_eq!(route(&around, "https://a.example"), Ok(None));
    }
}

#[test]
fn debug_shows_no_credentials() {
    let proxies = Proxies::single("http://user:s3cret@proxy.example", "").unwrap();
    let text = format!("{proxies:?}");
    assert!(!text.contains("s3cret") && !text.contains("proxy.example"));
}
