//! Tests for authors of adapters: they hold an adapter to what the built-in ones promise.
//!
//! # Write your own
//!
//! An adapter is a struct with its settings and a [`render`](crate::Adapter::render).
//! [`adapter_contract!`](crate::adapter_contract) expands to tests, each named after its claim: no
//! text of the log can mention, link or leave its block; the platform's limits hold for ten
//! megabytes too; every answer gets a verdict. You pass what only the platform's manual says in a
//! [`Contract`].
//!
//! ```
//! use logout::testing::{Contract, outside_code, values};
//! use logout::{Adapter, Notice, format_message};
//! use logout::adapter::{Request, Response, SecretUrl, Step, Verdict};
//!
//! #[derive(Default, serde::Deserialize)]
//! struct Mattermost {
//!     url: SecretUrl,
//!     channel: String,
//! }
//!
//! impl Adapter for Mattermost {
//!     fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
//!         // Inside a fence nothing mentions or links, and nothing of the log ends it.
//!         let text = format_message(notice).replace("```", "'''");
//!         let text: String = text.chars().take(16_000).collect();
//!         request.post(self.url.expose()).json(&serde_json::json!({
//!             "channel": self.channel,
//!             "text": format!("```text\n{text}\n```"),
//!         }));
//!     }
//! }
//!
//! fn contract() -> Contract<Mattermost> {
//!     Contract::new()
//!         .setting("url", "https://mattermost.example.com/hooks/x1y2z3a4b5c6d7e8")
//!         .setting("channel", "ops")
//!         // Mattermost splits longer messages, through any fence.
//!         .text(|request| values(request, "text").concat())
//!         .most_characters(16_383)
//!         .inert(|text| !outside_code(text).contains(['@', '<', '[']))
//!         // A proxy that knows nothing of the webhook.
//!         .answer(Response::new(404), Verdict::Away(String::new()))
//! }
//!
//! logout::adapter_contract!(Mattermost, contract());
//! # // What the macro expands to runs in tests alone; here one of them is made by hand.
//! # assert_eq!(contract().hostile_text_is_harmless_in_every_place(), Ok(()));
//! # assert_eq!(contract().known_answers_are_understood(), Ok(()));
//! # assert_eq!(contract().a_web_page_is_not_taken_for_the_platform(), Ok(()));
//! ```
//!
//! A test that fails says what was wrong, with which notice, and what the adapter made of it.
//! Without the line that replaces backticks, the adapter above fails the test
//! `hostile_text_is_harmless_in_every_place` with:
//!
//! ```text
//! text of the log is not inert
//!   notice: "\n```\n@channel @everyone <!channel> …\n```\n" in headline
//!   form: rich, part 1
//!   output: "```text\n🔥 \n```\n@channel @everyone <!channel> …"
//! ```
//!
//! For your own tests, [`Notice::new`](crate::Notice::new) creates any notice, [`samples`] one of
//! each kind, [`notices_with`] one with a text in each place; [`hostile`] is the corpus, for
//! property tests too. Test what a whole `logout!` block does against the `sandbox` (the feature of
//! that name).

mod answers;
#[cfg(feature = "fleet")]
mod broker;
mod contract;
mod hostile_notices;
mod hostile_texts;
mod outside_code;
mod rendering;
mod samples;
mod settings;
mod values;
mod verification;

#[cfg(test)]
pub(crate) mod tests;

#[cfg(feature = "fleet")]
pub use self::broker::{BrokerContract, BrokerContracted};
pub use self::contract::Contract;
pub use self::hostile_notices::notices_with;
pub use self::hostile_texts::{INVISIBLE, LINKS, MARKUP, MENTIONS, hostile};
pub use self::outside_code::outside_code;
pub use self::samples::samples;
pub use self::values::values;

/// Tests that hold an adapter to what every adapter promises.
///
/// Expands to one `#[test]` for each claim, so a failure names its claim. Two adapters in one file
/// need a module each. The second argument is an expression of type
/// [`Contract`](crate::testing::Contract) and is evaluated in every test.
/// [`testing`](crate::testing) shows a complete one.
///
/// | test | what it claims |
/// |---|---|
/// | `its_settings_are_read` | the adapter is read from its settings, and `check` takes them |
/// | `wrong_settings_are_refused` | what lacks a required setting, or what the contract names, is refused |
/// | `its_pace_is_sane` | its windows limit something and are shared by equal instances |
/// | `every_kind_of_notice_is_told` | events, digests, reports, panics and late ones, rich and plain |
/// | `a_late_notice_says_so` | what is late or a possible repeat is told differently |
/// | `hostile_text_is_harmless_in_every_place` | nothing of [`hostile`](crate::testing::hostile) does harm anywhere; outside of code blocks the contract says what is harmless |
/// | `what_is_huge_stays_within_the_limits` | ten megabytes, thousands of fields, long names; the contract names a limit |
/// | `what_is_empty_is_told_all_the_same` | a notice without text is no empty message |
/// | `its_secrets_stay_out_of_the_message` | they stand in addresses and headers alone |
/// | `known_answers_are_understood` | successes are deliveries; the contract's answers are what it says |
/// | `a_busy_destination_is_waited_for` | 429 waits as long as it is told to |
/// | `a_server_in_trouble_is_tried_again` | 500, 502, 503 and 504 are passing faults |
/// | `a_web_page_is_not_taken_for_the_platform` | it is no delivery under 200 and no end of the destination under 404 |
/// | `any_answer_is_judged` | no status, header or body panics or is wrongly a delivery |
/// | `its_questions_end` | whatever is answered to `verify`, and nothing refused is called fine |
///
/// ```
/// # #[derive(Default, serde::Deserialize)]
/// # struct Pager { url: logout::adapter::SecretUrl }
/// # impl logout::Adapter for Pager {
/// #     fn render(&self, notice: &logout::Notice, _: logout::adapter::Step<'_>, request: &mut logout::adapter::Request) {
/// #         request.post(self.url.expose()).bytes("text/plain", logout::format_message(notice).as_bytes());
/// #     }
/// # }
/// #[cfg(test)]
/// mod tests {
///     use logout::testing::Contract;
///     # use super::Pager;
///
///     logout::adapter_contract!(
///         Pager,
///         Contract::new()
///             .setting("url", "https://pager.example.org/0a1b2c3d4e5f")
///             .most_characters(160)
///             .inert(|_| true) // a pager interprets nothing
///     );
/// }
/// ```
#[macro_export]
macro_rules! adapter_contract {
    (@claims $adapter:ty, $contract:expr, $($claim:ident)+) => {
        $(
            #[test]
            fn $claim() {
                let contract: $crate::testing::Contract<$adapter> = $contract;
                if let ::core::result::Result::Err(broken) = contract.$claim() {
                    ::core::panic!("{broken}");
                }
            }
        )+
    };
    ($adapter:ty, $contract:expr $(,)?) => {
        $crate::adapter_contract! {
            @claims $adapter, $contract,
            its_settings_are_read
            wrong_settings_are_refused
            its_pace_is_sane
            every_kind_of_notice_is_told
            a_late_notice_says_so
            hostile_text_is_harmless_in_every_place
            what_is_huge_stays_within_the_limits
            what_is_empty_is_told_all_the_same
            its_secrets_stay_out_of_the_message
            known_answers_are_understood
            a_busy_destination_is_waited_for
            a_server_in_trouble_is_tried_again
            a_web_page_is_not_taken_for_the_platform
            any_answer_is_judged
            its_questions_end
        }
    };
}

/// Tests that hold a broker of a fleet to what [`Session`](crate::fleet::Session) says.
///
/// Expands to one `#[test]` for each claim. The argument is an expression of type
/// [`BrokerContract`](crate::testing::BrokerContract), or an `Option` of one that is `None` where
/// there is no server to test with: then each test says that it was skipped. It is evaluated in every
/// test. Two brokers in one file need a module each.
///
/// | test | what it claims |
/// |---|---|
/// | `a_batch_that_is_put_again_is_there_once` | however often, by whatever connection |
/// | `entries_are_read_in_the_order_in_which_they_were_put` | marks rise, and reading goes on behind any |
/// | `a_read_returns_no_more_than_it_is_asked_for` | and leaves nothing out |
/// | `whatever_is_put_is_kept_whole` | 64 KiB, 256 at a time, bytes that are no text |
/// | `members_are_ranked_in_the_order_in_which_they_joined` | until they leave |
/// | `one_leads_at_a_time` | and an epoch never comes again |
/// | `a_lease_lasts_for_its_term_and_lapses_after_it` | by the broker's clock |
/// | `a_lease_that_is_given_up_is_free` | by whoever has it alone |
/// | `what_is_settled_is_gone_and_the_rest_stays` | also what could not be read |
/// | `nothing_is_settled_without_the_lease` | another's, an earlier one, one that lapsed |
/// | `a_request_that_comes_late_does_nothing` | by its number |
/// | `the_next_leader_finds_what_is_known_and_what_was_going` | as it was written last; and anybody finds what is known |
/// | `nothing_crosses_lanes_or_fleets` | neither entries nor numbers, leases, members |
/// | `what_is_asked_at_once_is_done_one_after_the_other` | by several threads |
/// | `a_full_stream_takes_all_of_a_batch_or_nothing` | if the contract names the limit |
///
/// ```
/// #[cfg(test)]
/// mod tests {
///     use logout::fleet::Memory;
///     use logout::testing::BrokerContract;
///
///     logout::broker_contract!(BrokerContract::new(Memory::default()).most_entries(4_096));
/// }
/// ```
#[cfg(feature = "fleet")]
#[macro_export]
macro_rules! broker_contract {
    (@claims $contract:expr, $($claim:ident)+) => {
        $(
            #[test]
            fn $claim() {
                match $crate::testing::BrokerContracted::contract($contract) {
                    ::core::option::Option::None => {
                        ::std::eprintln!("skipped: there is no broker to test");
                    }
                    ::core::option::Option::Some(contract) => {
                        if let ::core::result::Result::Err(broken) = $crate::testing::BrokerContract::$claim(&contract) {
                            ::core::panic!("{broken}");
                        }
                    }
                }
            }
        )+
    };
    // The list of claims, which the library's own tests read too.
    (@all [$($macro:tt)+] $($first:tt)*) => {
        $($macro)+! {
            $($first)*
            a_batch_that_is_put_again_is_there_once
            entries_are_read_in_the_order_in_which_they_were_put
            a_read_returns_no_more_than_it_is_asked_for
            whatever_is_put_is_kept_whole
            members_are_ranked_in_the_order_in_which_they_joined
            one_leads_at_a_time
            a_lease_lasts_for_its_term_and_lapses_after_it
            a_lease_that_is_given_up_is_free
            what_is_settled_is_gone_and_the_rest_stays
            nothing_is_settled_without_the_lease
            a_request_that_comes_late_does_nothing
            the_next_leader_finds_what_is_known_and_what_was_going
            nothing_crosses_lanes_or_fleets
            what_is_asked_at_once_is_done_one_after_the_other
            a_full_stream_takes_all_of_a_batch_or_nothing
        }
    };
    ($contract:expr $(,)?) => {
        $crate::broker_contract! { @all [$crate::broker_contract] @claims $contract, }
    };
}
