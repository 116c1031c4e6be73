//! Claims about an adapter's messages.

use std::borrow::Cow;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Contract;
use super::contract::all_texts;
use super::hostile_notices::{empty, huge, notices_with, surround};
use super::hostile_texts::hostile;
use super::outside_code::outside_code;
use super::samples::{event, samples};
use crate::adapter::{Adapter, AdapterOptions, Form, Notice, Step};
use crate::text::human::format_count;
use crate::transport::{Request, Response};

/// The most parts of a message; an adapter without a last part would never be done.
const PARTS: usize = 16;

/// Characters that mention people, link or begin a tag on most platforms, outside of code.
const INTERPRETED: [char; 5] = ['@', '<', '[', ':', '/'];

/// The error for text of the log outside of code, if the contract does not say what is harmless.
const STRICT: &str = "text of the log stands outside of a block of code, where most platforms call people and link; \
     if it is harmless there, say by `.inert(…)` or `.never(…)` of the contract what makes it so (`.inert(|_| true)` on a platform \
     that interprets nothing), and by `.text(…)` where in the request the message stands";

/// The error for a contract without a limit.
const NO_LIMIT: &str = "the contract names no limit, so that nothing can be too long; give it the platform's by `.most_characters(…)` or \
     `.most_bytes(…)` (`.most_bytes(usize::MAX)` for a destination without one)";

/// How much of an output is shown in an error.
const SHOWN: usize = 600;

/// A shorter secret would be found by chance.
const SECRET: usize = 8;

impl<A: Adapter + AdapterOptions> Contract<A> {
    /// Claims that every kind of notice is told, in both forms, and what broke stands in it.
    ///
    /// # Errors
    ///
    /// What is broken, by which notice, and what the adapter made of it.
    pub fn every_kind_of_notice_is_told(&self) -> Result<(), String> {
        let adapter = self.adapter()?;
        for (kind, notice) in samples() {
            for form in [Form::Rich, Form::Plain] {
                let parts = self.render_parts(&adapter, kind, notice, form)?;
                let words = notice.headline.split([' ', ',', ':']);
                let text = joined_text(&parts);
                for word in words.filter(|word| word.chars().all(char::is_alphanumeric)) {
                    if !text.contains(word) {
                        let why = format!("of what broke, `{word}` does not stand in the message");
                        return Err(failure_message(&why, &kind, form, 0, &text));
                    }
                }
            }
        }
        Ok(())
    }

    /// Claims that a notice that is late, or that may have arrived before, is told differently:
    /// delivery is at least once, and people must be able to tell a repeat from a second outage. An
    /// [idempotent](crate::Adapter::IDEMPOTENT) destination does that for them.
    ///
    /// # Errors
    ///
    /// What is broken, by which notice, and what the adapter made of it.
    pub fn a_late_notice_says_so(&self) -> Result<(), String> {
        let adapter = self.adapter()?;
        let event = event();
        let everything = |parts: Vec<RenderedPart>| -> String {
            parts
                .iter()
                .map(|part_told| all_texts(&part_told.request))
                .collect()
        };
        let on_time = everything(self.render_parts(&adapter, "event", &event, Form::Rich)?);
        let mut late = event.clone();
        late.delayed = Some(std::time::Duration::from_secs(360));
        let mut repeated = event;
        repeated.possible_repeat = true;
        let repeated = (!A::IDEMPOTENT).then_some(("a possible repeat", repeated));
        for (what, notice) in [("delayed by 6 min", late)].into_iter().chain(repeated) {
            let text = everything(self.render_parts(&adapter, what, &notice, Form::Rich)?);
            if text == on_time {
                let why = "it reads like one that is on time and new (`Notice::context` says it)";
                return Err(failure_message(why, &what, Form::Rich, 0, &text));
            }
        }
        Ok(())
    }

    /// Claims that text of the log does no harm, whatever it is and wherever in a notice it stands.
    ///
    /// # Errors
    ///
    /// What is broken, by which text in which place, and what the adapter made of it.
    pub fn hostile_text_is_harmless_in_every_place(&self) -> Result<(), String> {
        let adapter = self.adapter()?;
        let strict = self.judged_strictly();
        for text in hostile() {
            let alone = Notice::new(tracing::Level::WARN, text);
            let around = surround(text);
            let all = notices_with(&around).chain([("headline, alone", alone)]);
            for (place, notice) in all {
                let what = format!("{text:?} in {place}");
                strict.render_both_forms(&adapter, &what, &notice)?;
            }
        }
        Ok(())
    }

    /// Returns the contract; if it does not say what is harmless, with the rule that the log's text
    /// must be in code.
    fn judged_strictly(&self) -> Cow<'_, Self> {
        if !self.never.is_empty() || !self.inert.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut strict = self.clone();
        strict.strict = true;
        Cow::Owned(strict)
    }

    /// Claims that requests stay within the platform's limits.
    ///
    /// # Errors
    ///
    /// What is broken, by which notice, and what the adapter made of it.
    pub fn what_is_huge_stays_within_the_limits(&self) -> Result<(), String> {
        let adapter = self.adapter()?;
        if self.most_characters.is_none() && self.most_bytes.is_none() {
            return Err(NO_LIMIT.to_owned());
        }
        for (what, notice) in huge() {
            self.render_both_forms(&adapter, &what, &notice)?;
        }
        Ok(())
    }

    /// Claims that a notice without a text is told all the same: platforms refuse an empty message.
    ///
    /// # Errors
    ///
    /// What is broken, by which notice, and what the adapter made of it.
    pub fn what_is_empty_is_told_all_the_same(&self) -> Result<(), String> {
        let adapter = self.adapter()?;
        for (what, notice) in empty() {
            self.render_both_forms(&adapter, &what, &notice)?;
        }
        Ok(())
    }

    /// Claims that no secret of the settings stands in a body: only addresses and headers may carry it, and
    /// the [fields](Self::secret_field) in which the platform takes it.
    ///
    /// # Errors
    ///
    /// Which kind of notice brought it; never the secret itself.
    pub fn its_secrets_stay_out_of_the_message(&self) -> Result<(), String> {
        let (adapter, secrets) = self.read()?;
        if secrets.iter().any(|secret| secret.expose().len() < SECRET) {
            return Err(format!(
                "a secret of the contract's settings has fewer than {SECRET} bytes and would be found by chance; give it one as long as a real one"
            ));
        }
        for (kind, notice) in samples() {
            for form in [Form::Rich, Form::Plain] {
                for (part, part_told) in self
                    .render_parts(&adapter, kind, notice, form)?
                    .iter()
                    .enumerate()
                {
                    let body = self.without_secret_fields(&part_told.request);
                    let problem = part_told.request.problem().unwrap_or_default();
                    let is_secret =
                        |text: &str| secrets.iter().any(|secret| text.contains(secret.expose()));
                    if is_secret(&body) || is_secret(problem) {
                        let why = "a secret of the settings stands in the body";
                        return Err(failure_message(why, &kind, form, part, "(not shown)"));
                    }
                }
            }
        }
        Ok(())
    }

    /// Renders both forms of a notice.
    fn render_both_forms(&self, adapter: &A, what: &str, notice: &Notice) -> Result<(), String> {
        for form in [Form::Rich, Form::Plain] {
            self.render_parts(adapter, what, notice, form)?;
        }
        Ok(())
    }

    /// Renders all parts of one form, and checks each.
    fn render_parts(
        &self,
        adapter: &A,
        what: &str,
        notice: &Notice,
        form: Form,
    ) -> Result<Vec<RenderedPart>, String> {
        let mut parts: Vec<RenderedPart> = Vec::new();
        let answers = vec![self.accepted(); PARTS];
        let mut garbage = Response::new(200);
        garbage.set_body("<html>{\"ok\":");
        let mut step = Step {
            form,
            ..Step::default()
        };
        loop {
            let part = step.part;
            let fail = |why: &str, text: &str| Err(failure_message(why, &what, form, part, text));
            let Some(request) = render_step(adapter, notice, step) else {
                return fail("`render` panicked", "nothing");
            };
            let text = (self.text)(&request);
            if let Err(why) = self.judge_request(&request, &text) {
                return fail(&why, &text);
            }
            let previewing = || adapter.preview(&request);
            if catch_unwind(AssertUnwindSafe(previewing)).is_err() {
                return fail("`preview` panicked", &text);
            }
            let followed = request.is_followed();
            parts.push(RenderedPart { request, text });
            if !followed {
                break;
            }
            if parts.len() == PARTS {
                return fail("every part is followed by another", &joined_text(&parts));
            }
            // The platform's answer may contain anything.
            if part == 0 && render_step(adapter, notice, step.next(&garbage)).is_none() {
                let why = "`render` of the next part panicked over what this one was answered";
                return fail(why, &garbage.text());
            }
            step.part += 1;
            step.answers = answers.get(..step.part).unwrap_or_default();
        }
        if joined_text(&parts).trim().is_empty() {
            return Err(failure_message("the message is blank", &what, form, 0, ""));
        }
        Ok(parts)
    }

    fn judge_request(&self, request: &Request, text: &str) -> Result<(), String> {
        if let Some(problem) = request.problem() {
            return Err(format!("the request cannot be sent: {problem}"));
        }
        if self.is_http && request.url().host().is_empty() {
            return Err("the request goes nowhere: `render` has not called `post`".to_owned());
        }
        within("body", "bytes", request.body().len(), self.most_bytes)?;
        within(
            "text",
            "characters",
            text.chars().count(),
            self.most_characters,
        )?;
        if let Some(found) = self.never.iter().find(|never| text.contains(**never)) {
            return Err(format!("{found:?} may not stand in a message"));
        }
        if self.inert.iter().any(|is_inert| !is_inert(text)) {
            return Err("text of the log is not inert".to_owned());
        }
        if self.strict && outside_code(text).contains(INTERPRETED) {
            return Err(STRICT.to_owned());
        }
        self.requests.iter().try_for_each(|check| check(request))
    }
}

fn within(what: &str, unit: &str, length: usize, limit: Option<usize>) -> Result<(), String> {
    match limit {
        Some(limit) if length > limit => Err(format!(
            "the {what} has {} {unit}, and {} are allowed",
            format_count(length as u64),
            format_count(limit as u64)
        )),
        _ => Ok(()),
    }
}

/// A part as it would be sent, and its text as people read it.
struct RenderedPart {
    request: Request,
    text: String,
}

fn joined_text(parts: &[RenderedPart]) -> String {
    let texts: Vec<_> = parts
        .iter()
        .map(|part_told| part_told.text.as_str())
        .collect();
    texts.join("\n")
}

/// Renders a step; `None` if the adapter panics.
fn render_step<A: Adapter>(adapter: &A, notice: &Notice, step: Step<'_>) -> Option<Request> {
    let mut request = Request::new();
    let rendering = || adapter.render(notice, step, &mut request);
    catch_unwind(AssertUnwindSafe(rendering)).ok()?;
    Some(request)
}

/// Returns the error of a broken claim.
pub(super) fn failure_message(
    why: &str,
    what: &impl fmt::Display,
    form: Form,
    part: usize,
    output: &str,
) -> String {
    let form = match form {
        Form::Rich => "rich",
        Form::Plain => "plain",
    };
    format!(
        "{why}\n  notice: {what}\n  form: {form}, part {}\n  output: {}",
        part + 1,
        excerpt(output)
    )
}

/// Returns both ends of a text, on one line.
pub(super) fn excerpt(text: &str) -> String {
    let chars = text.chars().count();
    if chars <= 2 * SHOWN {
        return format!("{text:?}");
    }
    let head: String = text.chars().take(SHOWN).collect();
    let tail: String = text.chars().skip(chars - SHOWN).collect();
    format!(
        "{head:?} … {tail:?} ({} characters)",
        format_count(chars as u64)
    )
}
