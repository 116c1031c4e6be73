//! An adapter that breaks one claim of the contract at a time.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::adapter::notice::format_message;
use crate::adapter::{Adapter, Check, Form, Notice, Preview, Step, Verdict, Window};
use crate::transport::url::SecretUrl;
use crate::transport::{Request, Response, Secret};

/// An adapter that keeps the contract, but for one fault.
#[derive(Default, Deserialize)]
pub(super) struct Hook {
    url: SecretUrl,
    token: Secret,
    defect: Defect,
    #[serde(default)]
    channel: String,
}

#[derive(Clone, Copy, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Defect {
    #[default]
    None,
    AsksForEver,
    BlamesAnotherKey,
    BelievesEverything,
    BelievesPages,
    BlankIfEmpty,
    BlankPlainForm,
    ChecksNothing,
    DeliversErrors,
    ForgetsTheAddress,
    ForgetsTheDelay,
    GivesUpOnServers,
    GoneByStatus,
    HeadlineOnlyIfShort,
    JudgePanics,
    KnowsNoSuccess,
    LongReason,
    NeverEnds,
    NoCut,
    NoFence,
    NoLimitOfPace,
    PaceOfItsOwn,
    PanicsInPreview,
    PanicsOnNul,
    PanicsOnTheAnswer,
    QuotesTheToken,
    SecretInTheBody,
    WaitsForYears,
    WaitsTooShort,
}

impl Adapter for Hook {
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        let (per, key) = match self.defect {
            Defect::NoLimitOfPace => (Duration::from_nanos(1), 0),
            Defect::PaceOfItsOwn => (Duration::from_secs(1), fastrand::u64(..)),
            _ => (Duration::from_secs(1), 0),
        };
        [Window::new(1, per, key)]
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        if !step.answers.is_empty() {
            assert!(self.defect != Defect::PanicsOnTheAnswer, "as asked for");
        }
        let mut notice = notice.clone();
        if self.defect == Defect::ForgetsTheDelay {
            notice.delayed = None;
        }
        if self.defect == Defect::HeadlineOnlyIfShort && notice.headline.len() > 40 {
            notice.headline.clear();
        }
        let mut text = format_message(&notice);
        assert!(
            self.defect != Defect::PanicsOnNul || !text.contains('\0'),
            "as asked for"
        );
        if self.defect != Defect::NoFence {
            text = text.replace("```", "'''");
        }
        if self.defect != Defect::NoCut {
            text = text.chars().take(1_000).collect();
        }
        text = format!("```\n{text}\n```");
        let is_blank = match self.defect {
            Defect::BlankIfEmpty => notice.headline.is_empty(),
            Defect::BlankPlainForm => step.form == Form::Plain,
            _ => false,
        };
        if is_blank {
            text.clear();
        }
        if self.defect == Defect::SecretInTheBody {
            text.push_str(self.token.expose());
        }
        if self.defect != Defect::ForgetsTheAddress {
            request.post(self.url.expose());
        }
        let follows = match self.defect {
            Defect::NeverEnds => true,
            Defect::PanicsOnTheAnswer => step.part == 0,
            _ => false,
        };
        if follows {
            request.followed();
        }
        request
            .bearer_auth(&self.token)
            .json(&json!({ "text": text }));
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        let verdict = Verdict::from_status(response);
        match (self.defect, verdict) {
            (Defect::DeliversErrors, Verdict::Refused(_)) => Verdict::Delivered,
            (Defect::BelievesPages, Verdict::Away(_)) if response.is_success() => {
                Verdict::Delivered
            }
            (Defect::GoneByStatus, Verdict::Away(why)) => Verdict::Gone(why),
            (Defect::KnowsNoSuccess, Verdict::Delivered) => Verdict::Retry("what?".to_owned()),
            (Defect::GivesUpOnServers, Verdict::Retry(why)) => Verdict::Refused(why),
            (Defect::LongReason, Verdict::Refused(_)) => {
                Verdict::Refused(response.text().into_owned())
            }
            (Defect::WaitsForYears, Verdict::Wait(_)) => Verdict::Wait(Duration::MAX),
            (Defect::WaitsTooShort, Verdict::Wait(_)) => Verdict::Wait(Duration::from_secs(1)),
            (Defect::JudgePanics, _) => {
                assert!(!response.body().contains(&0xff), "as asked for");
                Verdict::from_status(response)
            }
            (_, verdict) => verdict,
        }
    }

    fn verify(&self, answers: &[Response], request: &mut Request) -> Check {
        match (answers, self.defect) {
            ([], _) | (_, Defect::AsksForEver) => {
                request.get(self.url.expose());
                Check::Ask
            }
            (_, Defect::BelievesEverything) => Check::Fine("it answered".to_owned()),
            (_, Defect::BlamesAnotherKey) => Check::wrong(&["adress"], "it is gone"),
            ([answer, ..], _) => Check::from_status(answer, &["url"]),
        }
    }

    fn preview(&self, request: &Request) -> Preview {
        assert!(self.defect != Defect::PanicsInPreview, "as asked for");
        Preview::from_request(request)
    }

    fn check(&self) -> Result<(), String> {
        if self.channel.contains(' ') && self.defect == Defect::QuotesTheToken {
            return Err(format!("`channel` is wrong for {}", self.token.expose()));
        }
        if self.channel.contains(' ') && self.defect != Defect::ChecksNothing {
            return Err("`channel` holds a blank".to_owned());
        }
        Ok(())
    }
}
