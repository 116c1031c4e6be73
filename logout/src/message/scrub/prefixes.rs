//! Known prefixes of tokens.

/// Prefixes of tokens of well-known services, and the fewest characters after them, as the services
/// document them and scanners of repositories search for them (GitHub's supported patterns,
/// gitleaks). In the order of their first letters.
#[rustfmt::skip]
pub(super) const PREFIXES: [(&str, usize); 84] = [
    ("AGE-SECRET-KEY-1", 40),
    ("AIza", 30),
    ("ATATT3", 60),
    ("CFPAT-", 40),
    ("GOCSPX-", 20),
    ("PMAK-", 40),
    ("SG.", 20),
    ("atlasv1.", 40),
    ("cio", 32),
    ("dckr_oat_", 20), ("dckr_pat_", 20),
    ("dop_v1_", 20),
    ("dp.ct.", 30), ("dp.pt.", 30), ("dp.sa.", 30), ("dp.st.", 30),
    ("figd_", 30),
    ("fm2_", 30),
    ("ghp_", 20), ("gho_", 20), ("ghu_", 20), ("ghs_", 20), ("ghr_", 20),
    ("github_pat_", 20),
    ("glagent-", 16), ("glcbt-", 16), ("gldt-", 16), ("glft-", 16), ("gloas-", 16), ("glpat-", 16),
    ("glptt-", 16), ("glrt-", 16),
    ("glsa_", 30),
    ("gsk_", 30),
    ("hf_", 30),
    ("hvb.", 20), ("hvr.", 20), ("hvs.", 20),
    ("lin_api_", 30),
    ("lsv2_", 30),
    ("npm_", 30),
    ("ntn_", 30),
    ("nvapi-", 40),
    ("ops_eyJ", 40),
    ("phx_", 30),
    ("pscale_oauth_", 30), ("pscale_pw_", 30), ("pscale_tkn_", 30),
    ("pul-", 40),
    ("pypi-", 40),
    ("rk_live_", 10), ("rk_test_", 10),
    ("rubygems_", 40),
    ("sbp_", 40),
    ("shpat_", 30), ("shpca_", 30), ("shppa_", 30), ("shpss_", 30),
    ("sk-", 30),
    ("sk_live_", 10), ("sk_test_", 10),
    ("sntryu_", 40), ("sntrys_", 40),
    ("sq0atp-", 20), ("sq0csp-", 40),
    ("sqa_", 40), ("sqp_", 40), ("squ_", 40),
    ("tskey-", 20),
    ("whsec_", 20),
    ("xai-", 60),
    ("xapp-", 10),
    ("xkeysib-", 60),
    ("xoxa-", 10), ("xoxb-", 10), ("xoxc-", 10), ("xoxd-", 10), ("xoxe-", 10), ("xoxe.xox", 10),
    ("xoxp-", 10), ("xoxr-", 10), ("xoxs-", 10),
    ("xsmtpsib-", 60),
    ("ya29.", 20),
];

/// The second letters after each first one in these, a bit each: they rule out nearly every word.
#[expect(
    clippy::indexing_slicing,
    reason = "constants have no iterators, and an index out of bounds would not compile"
)]
const SECOND: [u64; 128] = {
    let mut second = [0; 128];
    let mut number = 0;
    while number < PREFIXES.len() {
        let prefix = PREFIXES[number].0.as_bytes();
        second[prefix[0] as usize] |= bit(prefix[1]);
        number += 1;
    }
    second
};

const fn bit(letter: u8) -> u64 {
    1 << (letter & 63)
}

/// Returns whether a token may begin with these two letters.
pub(super) fn may_begin(first: u8, second: u8) -> bool {
    let seconds = SECOND.get(usize::from(first)).copied();
    seconds.unwrap_or_default() & bit(second) != 0
}

/// Returns the known prefix of the text, and the fewest characters after it.
pub(super) fn known_prefix(text: &str) -> Option<(&'static str, usize)> {
    let first = text.bytes().next()?;
    let begins_with = |prefix: &str| prefix.bytes().next();
    let from = PREFIXES.partition_point(|(prefix, _)| begins_with(prefix) < Some(first));
    let of_letter = PREFIXES.iter().skip(from);
    let mut of_letter = of_letter.take_while(|(prefix, _)| begins_with(prefix) == Some(first));
    of_letter
        .find(|(prefix, _)| text.starts_with(prefix))
        .copied()
}

/// Hosts of webhooks and the beginnings of their paths; the rest of the path is the secret.
const WEBHOOKS: [(&str, &[&str]); 7] = [
    ("discord.com", &["api/webhooks/"]),
    ("discordapp.com", &["api/webhooks/"]),
    ("hooks.slack.com", &["services/", "triggers/", "workflows/"]),
    ("hooks.zapier.com", &["hooks/catch/"]),
    ("outlook.office.com", &["webhook/"]),
    ("maker.ifttt.com", &["trigger/"]),
    ("webhook.office.com", &["webhookb2/"]),
];

/// Returns the length of the public part of a webhook's address, which is given without its scheme.
pub(super) fn webhook_prefix_length(address: &str) -> Option<usize> {
    let host_end = address.bytes().take(HOST).position(|byte| byte == b'/')?;
    let (host, path) = (address.get(..host_end)?, address.get(host_end + 1..)?);
    let is_of = |known: &str| {
        let begin = host.strip_suffix(known);
        begin.is_some_and(|begin| begin.is_empty() || begin.ends_with('.'))
    };
    let (_, paths) = WEBHOOKS.iter().find(|(known, _)| is_of(known))?;
    // `api/v10/webhooks/` is `api/webhooks/` with a version.
    let version = path
        .strip_prefix("api/v")
        .and_then(|rest| rest.split_once('/'));
    let (api, path) = version.map_or(("", path), |(_, rest)| ("api/", rest));
    let begins = |known: &&&str| {
        known
            .strip_prefix(api)
            .is_some_and(|known| path.starts_with(known))
    };
    let known = paths.iter().find(begins)?;
    let rest = path.get(known.len() - api.len()..)?;
    Some(address.len() - rest.len())
}

/// The bytes of an address that are searched for its host.
const HOST: usize = 128;
