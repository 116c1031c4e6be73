//! Tests that break every claim: a contract that everybody keeps proves nothing.

#[cfg(feature = "fleet")]
pub(crate) mod broker;
mod hook;

use serde::Deserialize;
use serde_json::json;

use self::hook::Hook;
use super::{Contract, outside_code, samples, values};
use crate::adapter::notice::format_message;
use crate::adapter::{Adapter, Notice, Step, Verdict};
use crate::transport::url::SecretUrl;
use crate::transport::{Request, Response};

fn contract(fault: &str) -> Contract<Hook> {
    base(fault).never(&["```\n@"])
}

fn base(fault: &str) -> Contract<Hook> {
    Contract::new()
        .setting("url", "https://chat.example.org/hooks/0a1b2c3d4e5f6a7b8c9d")
        .setting("token", "t0p-s3cret-t0ken-0a1b2c3d")
        .setting("defect", fault)
        .refuses("channel", "a b", "holds a blank")
        .text(|request| values(request, "text").concat())
        .most_characters(1_100)
        .inert(|text| !outside_code(text).contains('@'))
}

type Claim = fn(&Contract<Hook>) -> Result<(), String>;

const CLAIMS: [(&str, Claim); 15] = [
    ("its_settings_are_read", Contract::its_settings_are_read),
    (
        "wrong_settings_are_refused",
        Contract::wrong_settings_are_refused,
    ),
    ("its_pace_is_sane", Contract::its_pace_is_sane),
    (
        "every_kind_of_notice_is_told",
        Contract::every_kind_of_notice_is_told,
    ),
    ("a_late_notice_says_so", Contract::a_late_notice_says_so),
    (
        "hostile_text_is_harmless_in_every_place",
        Contract::hostile_text_is_harmless_in_every_place,
    ),
    (
        "what_is_huge_stays_within_the_limits",
        Contract::what_is_huge_stays_within_the_limits,
    ),
    (
        "what_is_empty_is_told_all_the_same",
        Contract::what_is_empty_is_told_all_the_same,
    ),
    (
        "its_secrets_stay_out_of_the_message",
        Contract::its_secrets_stay_out_of_the_message,
    ),
    (
        "known_answers_are_understood",
        Contract::known_answers_are_understood,
    ),
    (
        "a_busy_destination_is_waited_for",
        Contract::a_busy_destination_is_waited_for,
    ),
    (
        "a_server_in_trouble_is_tried_again",
        Contract::a_server_in_trouble_is_tried_again,
    ),
    (
        "a_web_page_is_not_taken_for_the_platform",
        Contract::a_web_page_is_not_taken_for_the_platform,
    ),
    ("any_answer_is_judged", Contract::any_answer_is_judged),
    ("its_questions_end", Contract::its_questions_end),
];

/// Returns the result of this claim for an adapter with this fault.
fn verdict(claim: &str, fault: &str) -> Result<(), String> {
    let (_, hold) = CLAIMS.iter().find(|(name, _)| *name == claim).unwrap();
    hold(&contract(fault))
}

#[test]
fn an_adapter_without_a_fault_keeps_every_claim() {
    for (name, hold) in CLAIMS {
        assert_eq!(hold(&contract("none")), Ok(()), "{name}");
    }
}

#[test]
fn every_fault_is_found_by_the_claim_that_it_breaks() {
    let told = "every_kind_of_notice_is_told";
    let hostile = "hostile_text_is_harmless_in_every_place";
    let huge = "what_is_huge_stays_within_the_limits";
    let known = "known_answers_are_understood";
    let busy = "a_busy_destination_is_waited_for";
    let any = "any_answer_is_judged";
    let asking = "its_questions_end";
    let settings = "wrong_settings_are_refused";
    for (fault, claim, said) in [
        (
            "checks_nothing",
            settings,
            "the settings are taken with `channel` = \"a b\"",
        ),
        ("quotes_the_token", settings, "in words that quote a secret"),
        ("no_limit_of_pace", "its_pace_is_sane", "limits nothing"),
        (
            "pace_of_its_own",
            "its_pace_is_sane",
            "would not share them",
        ),
        ("blank_plain_form", told, "the message is blank"),
        ("forgets_the_address", told, "the request goes nowhere"),
        ("never_ends", told, "every part is followed by another"),
        (
            "headline_only_if_short",
            told,
            "`and` does not stand in the message",
        ),
        (
            "panics_on_the_answer",
            told,
            "panicked over what this one was answered",
        ),
        (
            "forgets_the_delay",
            "a_late_notice_says_so",
            "reads like one that is on time",
        ),
        ("no_fence", hostile, "may not stand in a message"),
        (
            "panics_on_nul",
            hostile,
            "`render` panicked\n  notice: \"\\0\" in headline",
        ),
        (
            "no_cut",
            huge,
            "characters, and 1,100 are allowed\n  notice: headline of 50000 bytes",
        ),
        (
            "blank_if_empty",
            "what_is_empty_is_told_all_the_same",
            "the message is blank",
        ),
        (
            "secret_in_the_body",
            "its_secrets_stay_out_of_the_message",
            "stands in the body",
        ),
        (
            "knows_no_success",
            known,
            "Retry(\"what?\") instead of Delivered: status 200",
        ),
        (
            "waits_too_short",
            busy,
            "Wait(1s) instead of a wait of 7s or more",
        ),
        (
            "gives_up_on_servers",
            "a_server_in_trouble_is_tried_again",
            "instead of another try",
        ),
        (
            "believes_pages",
            "a_web_page_is_not_taken_for_the_platform",
            "Delivered, as if the platform had said so",
        ),
        (
            "gone_by_status",
            "a_web_page_is_not_taken_for_the_platform",
            "Gone(\"Sign in\"), as if the platform had said so",
        ),
        ("delivers_errors", any, "a refusal is taken for a delivery"),
        ("waits_for_years", any, "nobody waits so long"),
        ("long_reason", any, "its reason"),
        (
            "asks_for_ever",
            asking,
            "every question is followed by another",
        ),
        (
            "believes_everything",
            asking,
            "what was refused is called fine: status 302",
        ),
        (
            "blames_another_key",
            asking,
            "`adress` is blamed, which is not a setting",
        ),
        ("panics_in_preview", told, "`preview` panicked"),
        ("judge_panics", any, "`judge` panicked: status 0"),
    ] {
        let broken = verdict(claim, fault).unwrap_err();
        assert!(broken.contains(said), "{fault}: {broken}");
        assert!(!broken.contains("t0p-s3cret"), "{fault}: {broken}");
    }
}

#[test]
fn a_text_that_is_not_inert_is_shown_with_what_brought_it() {
    let broken = base("no_fence");
    let broken = broken
        .hostile_text_is_harmless_in_every_place()
        .unwrap_err();
    assert!(
        broken.starts_with("text of the log is not inert\n  notice: "),
        "{broken}"
    );
    for shown in [
        " in headline\n",
        "form: rich, part 1\n",
        "output: \"```\\n🔥 \\n```\\n@channel",
    ] {
        assert!(broken.contains(shown), "{shown}: {broken}");
    }
}

/// An adapter that posts the text of `format_message` unchanged.
#[derive(Default, Deserialize)]
struct Raw {
    url: SecretUrl,
}

impl Adapter for Raw {
    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        request
            .post(self.url.expose())
            .json(&json!({ "text": format_message(notice) }));
    }
}

#[test]
fn an_adapter_that_posts_the_log_raw_does_not_pass_for_want_of_anything_said() {
    let contract =
        || Contract::<Raw>::new().setting("url", "https://chat.example.org/hooks/0a1b2c");
    let hostile = contract().hostile_text_is_harmless_in_every_place();
    let hostile = hostile.unwrap_err();
    for said in ["outside of a block of code", "`.inert(…)`", "`.never(…)`"] {
        assert!(hostile.contains(said), "{hostile}");
    }
    let huge = contract()
        .what_is_huge_stays_within_the_limits()
        .unwrap_err();
    assert!(huge.contains("`.most_characters(…)`"), "{huge}");
    let huge = contract().most_characters(4_000);
    let huge = huge.what_is_huge_stays_within_the_limits().unwrap_err();
    assert!(huge.contains("and 4,000 are allowed"), "{huge}");
    // A contract may say that the platform interprets nothing.
    let plain = contract().inert(|_| true);
    assert_eq!(plain.hostile_text_is_harmless_in_every_place(), Ok(()));
}

#[test]
fn a_block_of_code_is_harmless_without_a_word() {
    let contract = Contract::<Hook>::new()
        .setting("url", "https://chat.example.org/hooks/0a1b2c3d4e5f6a7b8c9d")
        .setting("token", "t0p-s3cret-t0ken-0a1b2c3d");
    let fenced = contract.clone().setting("defect", "none");
    assert_eq!(fenced.hostile_text_is_harmless_in_every_place(), Ok(()));
    let broken = contract.setting("defect", "no_fence");
    let broken = broken
        .hostile_text_is_harmless_in_every_place()
        .unwrap_err();
    assert!(broken.contains("outside of a block of code"), "{broken}");
}

#[test]
fn the_contracts_own_settings_are_held_to_the_adapters_fields() {
    for (contract, said) in [
        (
            contract("none").setting("topic", "x"),
            "`topic` is not a setting of the adapter, which has",
        ),
        (
            contract("none").setting("url", "chat.example.org"),
            "`url` is wrong: it has no scheme",
        ),
        (
            contract("none").setting("channel", "a b"),
            "`channel` holds a blank",
        ),
        (Contract::new(), "`url` is missing; `token` is missing"),
    ] {
        let broken = contract.its_settings_are_read().unwrap_err();
        assert!(broken.contains(said), "{broken}");
    }
    let short = contract("none").setting("token", "short");
    let broken = short.its_secrets_stay_out_of_the_message().unwrap_err();
    assert!(broken.contains("has fewer than 8 bytes"), "{broken}");
}

#[test]
fn answers_of_the_contract_replace_what_is_taken_for_success() {
    let refused = || Verdict::Refused(String::new());
    let accepted = Response::new(418);
    let contract = contract("none").answer(accepted.clone(), refused());
    assert_eq!(contract.known_answers_are_understood(), Ok(()));
    let contract = contract.answer(accepted, Verdict::Delivered);
    let broken = contract.known_answers_are_understood().unwrap_err();
    assert!(
        broken.contains("Refused(\"status 418\") instead of Delivered"),
        "{broken}"
    );
}

#[test]
fn every_request_can_be_held_to_more() {
    let contract = contract("none").every_request(|request| match request.body().len() {
        0..1_000_000 => Err("no message is so short".to_owned()),
        _ => Ok(()),
    });
    let broken = contract.every_kind_of_notice_is_told().unwrap_err();
    assert!(broken.starts_with("no message is so short\n"), "{broken}");
    let broken = contract
        .most_bytes(10)
        .every_kind_of_notice_is_told()
        .unwrap_err();
    assert!(broken.contains("bytes, and 10 are allowed"), "{broken}");
}

#[test]
fn samples_are_of_every_kind() {
    let kinds = samples().iter().map(|(kind, _)| *kind);
    assert_eq!(
        kinds.collect::<Vec<_>>(),
        [
            "event", "bare", "digest", "report", "panic", "late", "reminder", "worse", "quiet"
        ]
    );
    assert!(samples().iter().any(|(_, notice)| notice.possible_repeat));
}
