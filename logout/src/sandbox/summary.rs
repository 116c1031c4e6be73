//! The summary of one of logout's messages, taken from its text as a person reads it.

use serde::Serialize;

use super::Details;

/// The emoji that a first line begins with, and what each stands for.
const LEVELS: [(&str, &str); 7] = [
    ("📉", "report"),
    ("🔍", "trace"),
    ("🐛", "debug"),
    ("ℹ️", "info"),
    ("⚠️", "warn"),
    ("🔥", "error"),
    ("💥", "panic"),
];

/// The state of a problem, as a message reports it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ProblemStage {
    /// A text that logout did not write, or a part that only goes with another.
    #[default]
    Other,
    New,
    /// A reminder: what was counted since the last message.
    Known,
    /// More severe than anything reported about it before.
    Worse,
    Quiet,
    /// What logout says of itself.
    Report,
}

/// The main facts of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Summary {
    pub(super) state: ProblemStage,
    /// The level, `panic` or `report`; empty where logout did not write it.
    pub(super) level: &'static str,
    /// The program it comes from: the project, or what else comes first.
    pub(super) program: String,
    /// How many events it reports for the first time.
    pub(super) events: u64,
    /// How many problems it tells.
    pub(super) problems: u64,
    /// What changed since the problem was last told.
    pub(super) change: String,
    pub(super) fingerprint: String,
    /// The events that led to it.
    pub(super) trail: Vec<String>,
}

impl Summary {
    pub(super) fn read(text: &str, details: &Details) -> Self {
        let first = text.lines().next().unwrap_or_default();
        let level = LEVELS.iter().find(|(emoji, _)| first.starts_with(emoji));
        let Some((emoji, level)) = level else {
            return Self::default();
        };
        let headline = first.trim_start_matches(emoji).trim_start();
        let summary = Self {
            level,
            program: program(context(text, details)),
            trail: trail(text),
            ..Self::default()
        };
        if *level == "report" {
            return Self {
                state: ProblemStage::Report,
                ..summary
            };
        }
        match digest(headline) {
            Some(digest) => Self {
                state: digest.state,
                events: digest.events,
                problems: digest.problems,
                ..summary
            },
            None => summary.single(text, headline),
        }
    }

    /// Reads a message about one problem.
    fn single(self, text: &str, headline: &str) -> Self {
        let (place, fingerprint) = fingerprint(text);
        let lines = || text.lines().skip(1).map(str::trim);
        let quiet = lines().find(|line| line.starts_with("no more for ") && line.ends_with(')'));
        let change = quiet.or_else(|| lines().find(|line| counted(line).is_some()));
        let (state, events) = match change.and_then(counted) {
            _ if quiet.is_some() => (ProblemStage::Quiet, 0),
            // A reminder leaves out what people were told, and the place is part of that.
            Some(events) if place.is_empty() => (ProblemStage::Known, events),
            Some(events) => (ProblemStage::Worse, events),
            None => (ProblemStage::New, times(headline).unwrap_or(1)),
        };
        Self {
            state,
            events,
            problems: 1,
            change: change.unwrap_or_default().to_owned(),
            fingerprint: fingerprint.to_owned(),
            ..self
        }
    }
}

/// Returns the line that names the program. Discord has it below, all others right under the first.
fn context<'t>(text: &'t str, details: &'t Details) -> &'t str {
    let embeds = details.discord().map(|discord| &discord.embeds);
    let footer = embeds.and_then(|embeds| embeds.first()?.pointer("/footer/text")?.as_str());
    let line = match footer {
        Some(footer) => footer.lines().next(),
        None => text.lines().nth(1),
    };
    line.unwrap_or_default()
}

/// Returns the first of `Corner Shop · production · web-7` that names the program.
fn program(context: &str) -> String {
    let is_about_delivery = |part: &&str| {
        part.starts_with("delayed ") || part.starts_with("no call: ") || *part == "possible repeat"
    };
    let mut parts = context
        .split(" · ")
        .skip_while(is_about_delivery)
        .map(str::trim);
    parts.next().unwrap_or_default().to_owned()
}

/// Reads a number with separators, at the start of `text`.
fn number(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != ',');
    let digits = text.get(..end.unwrap_or(text.len()))?.replace(',', "");
    digits.parse().ok()
}

/// Returns the count of `×1,204 payment failed`.
fn times(headline: &str) -> Option<u64> {
    number(headline.strip_prefix('×')?)
}

/// Returns the count of `since 12:04, +310 in the last 5 min`.
fn counted(change: &str) -> Option<u64> {
    let since = change.starts_with("since ") || change.starts_with("for ");
    let (_, more) = change.split_once(", +").filter(|_| since)?;
    number(more).filter(|_| more.contains(" in the last "))
}

struct Digest {
    state: ProblemStage,
    events: u64,
    problems: u64,
}

/// Reads `payment failed · and 3 more (1,243 errors, 12 warnings in 34 s)`.
fn digest(headline: &str) -> Option<Digest> {
    let (_, more) = headline.rsplit_once(" · and ")?;
    let (others, inside) = more.strip_suffix(')')?.split_once(" more (")?;
    if inside == "quiet now" {
        return Some(Digest {
            state: ProblemStage::Quiet,
            events: 0,
            problems: number(others)? + 1,
        });
    }
    let counts = inside.split(" in ").next().unwrap_or(inside);
    // Where nothing is new it says how many more there are.
    let counted = counts.strip_prefix('+');
    let counts = counted.unwrap_or(counts).split(", ");
    Some(Digest {
        state: counted.map_or(ProblemStage::New, |_| ProblemStage::Known),
        events: counts.filter_map(number).sum(),
        problems: number(others)? + 1,
    })
}

/// Returns the last `#3fa9c1`, and what stands before it on its line.
fn fingerprint(text: &str) -> (&str, &str) {
    let is_fingerprint = |word: &&str| {
        let hex = word.strip_prefix('#').unwrap_or_default();
        (6..=16).contains(&hex.len()) && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let found = text.lines().skip(1).filter_map(|line| {
        let word = line.split(' ').rfind(is_fingerprint)?;
        let (place, _) = line.rsplit_once(word)?;
        let place = place.trim_matches([' ', '·']);
        Some((place, word.get(1..)?))
    });
    found.last().unwrap_or_default()
}

/// Returns the lines `12:04:31.120 INFO charging` below the word "trail".
fn trail(text: &str) -> Vec<String> {
    let is_title = |line: &str| matches!(line.trim_end_matches(':'), "trail" | "trail cut");
    let is_step = |line: &&str| {
        let mut words = line.split(' ');
        let time = words.next().unwrap_or_default();
        let is_time = time.len() == "12:04:31.120".len()
            && time
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b":.".contains(&byte));
        let levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];
        is_time && words.next().is_some_and(|word| levels.contains(&word))
    };
    let lines = text.lines().map(str::trim);
    let below = lines.skip_while(|line| !is_title(line)).skip(1);
    below.take_while(is_step).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
