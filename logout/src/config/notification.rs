//! The settings of reminders and mentions.

use std::time::Duration;

use super::settings_reader::SettingsReader;
use super::value::ValueReader;
use super::value_error::ValueError;
use crate::block::mention::{LONGEST_EVERY, MentionSettings, TOO_LONG};
use crate::block::remind::{RemindSettings, wrong_steps};
use crate::block::{Block, Declaration, MentionWhen};
use crate::text::duration;

/// The word that turns reminders off.
pub(super) const OFF: &str = "off";

/// The settings of reminders and mentions, merged.
#[derive(Clone, Debug)]
pub(crate) struct Notification {
    pub(crate) remind: RemindSettings,
    pub(crate) mention: MentionSettings,
}

impl Notification {
    /// Returns the settings in the block.
    pub(super) fn of_block(block: &Block) -> Self {
        Self {
            remind: RemindSettings {
                steps: block.remind.to_vec(),
                from: block.remind_from,
                quiet: block.quiet,
                quiet_notice: block.quiet_notice,
            },
            mention: MentionSettings {
                when: block.mention_when,
                every: block.mention_every,
            },
        }
    }

    /// Returns the settings of one instance in the block, with those of the whole block for the
    /// rest.
    pub(super) fn of_instance(declaration: &Declaration, whole: &Self) -> Self {
        let Self { remind, mention } = whole;
        Self {
            remind: RemindSettings {
                steps: declaration.remind.unwrap_or(&remind.steps).to_vec(),
                from: declaration.remind_from.unwrap_or(remind.from),
                quiet: declaration.quiet.unwrap_or(remind.quiet),
                quiet_notice: declaration.quiet_notice.unwrap_or(remind.quiet_notice),
            },
            mention: MentionSettings {
                when: declaration.mention_when.unwrap_or(mention.when),
                every: declaration.mention_every.unwrap_or(mention.every),
            },
        }
    }

    /// Takes over what is given.
    pub(super) fn read(&mut self, given: &mut SettingsReader<'_>) {
        let Self { remind, mention } = self;
        given.set("remind", &mut remind.steps, steps);
        given.level("remind_from", &mut remind.from);
        given.set("quiet", &mut remind.quiet, above_zero);
        given.bool("quiet_notice", &mut remind.quiet_notice);
        given.set("mention_when", &mut mention.when, mention_when);
        given.set("mention_every", &mut mention.every, mention_every);
    }

    /// Returns the value of one of its keys, as a variable would hold it.
    pub(super) fn value(&self, key: &str) -> Option<String> {
        let Self { remind, mention } = self;
        Some(match key {
            "remind" if remind.steps.is_empty() => OFF.to_owned(),
            "remind" => {
                let steps = remind.steps.iter().copied().map(duration::format);
                // Inside a list a space would look like the end of an entry.
                let steps: Option<Vec<_>> =
                    steps.map(|step| Some(step?.replace(' ', ""))).collect();
                steps?.join(", ")
            }
            "remind_from" => super::level::name(remind.from).to_owned(),
            "quiet" => duration::format(remind.quiet)?,
            "quiet_notice" => remind.quiet_notice.to_string(),
            "mention_when" => mention.when.name().to_owned(),
            "mention_every" => duration::format(mention.every)?,
            _ => return None,
        })
    }
}

/// Parses `1m, 5m, 30m, 2h`, or `off`.
fn steps(reader: ValueReader<'_>) -> Result<Vec<Duration>, ValueError> {
    let expected = || {
        let spans = duration::EXPECTED;
        ValueError::Expected(format!(
            "`{OFF}`, or a list such as `1m, 5m, 30m, 2h`; each step is {spans}"
        ))
    };
    let items = reader.list().map_err(|_| expected())?;
    let is_off = |item: &_| {
        let text = reader.with_value(item).text();
        text.is_ok_and(|text| text.trim().eq_ignore_ascii_case(OFF))
    };
    if let [only] = &*items
        && is_off(only)
    {
        return Ok(Vec::new());
    }
    if items.is_empty() {
        let text = format!(
            "it is empty; write `{OFF}` for no reminders, or leave it out to keep the block's steps"
        );
        return Err(ValueError::Message(text));
    }
    let steps = items.iter().map(|item| reader.with_value(item).duration());
    let steps: Vec<_> = steps.collect::<Result<_, _>>().map_err(|_| expected())?;
    match wrong_steps(&steps) {
        None => Ok(steps),
        Some(wrong) => Err(ValueError::Message(wrong.as_str().to_owned())),
    }
}

fn above_zero(reader: ValueReader<'_>) -> Result<Duration, ValueError> {
    let span = reader.duration()?;
    if span.is_zero() {
        return Err(ValueError::Expected("a duration above zero".to_owned()));
    }
    Ok(span)
}

fn mention_when(reader: ValueReader<'_>) -> Result<MentionWhen, ValueError> {
    let text = reader.text()?;
    let expected = || ValueError::Expected("`new` or `always`".to_owned());
    MentionWhen::parse(&text).ok_or_else(expected)
}

fn mention_every(reader: ValueReader<'_>) -> Result<Duration, ValueError> {
    let span = reader.duration()?;
    if span > LONGEST_EVERY {
        return Err(ValueError::Message(TOO_LONG.to_owned()));
    }
    Ok(span)
}
