//! The decision whether a message of an instance may mention people.
//!
//! The time is an argument.

use std::time::{Duration, Instant};

use crate::adapter::{Mention, Severity};
use crate::block::MentionWhen;
use crate::block::mention::MentionSettings;

/// The number of new problems named by the program that may mention people in ten minutes. A
/// program that puts a number into the name would otherwise mention people for each.
const MAX_NAMED_PROBLEMS: u32 = 64;
const NAMED_PROBLEMS_WINDOW: Duration = Duration::from_secs(10 * 60);

/// The properties of a message that decide whether it mentions people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MentionContext {
    /// The most severe that is new or worse in it, or for which an earlier message was to mention
    /// people.
    pub(crate) news: Option<Severity>,
    /// The most severe of all.
    pub(crate) most_severe: Severity,
    /// Whether a panic is new in it.
    pub(crate) new_panic: bool,
}

/// The message that mentioned people last.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mentions {
    last: Option<(Instant, Severity)>,
    /// The number of new problems with a name since then.
    named: Option<(Instant, u32)>,
}

impl Mentions {
    /// Returns whether a message may mention people; its adapter mentions them `from` a severity
    /// on.
    pub(crate) fn judge(
        &self,
        settings: MentionSettings,
        from: Option<Severity>,
        mention_context: MentionContext,
        now: Instant,
    ) -> Mention {
        let Some(from) = from else {
            return Mention::Never;
        };
        if settings.when == MentionWhen::Always {
            return match mention_context.most_severe >= from {
                true => Mention::Allowed,
                false => Mention::Never,
            };
        }
        let Some(news) = mention_context.news.filter(|news| *news >= from) else {
            return Mention::Never;
        };
        let Some((at, severity)) = self.last else {
            return Mention::Allowed;
        };
        let ago = now.saturating_duration_since(at);
        if ago >= settings.every || news > severity || mention_context.new_panic {
            Mention::Allowed
        } else {
            Mention::Recent(ago)
        }
    }

    /// Returns whether a new problem with a name may mention people.
    pub(crate) fn allows_named_problem(&self, now: Instant) -> bool {
        self.recent_named_problems(now)
            .is_none_or(|(_, told)| told < MAX_NAMED_PROBLEMS)
    }

    /// Notes that a new problem with a name was sent.
    pub(crate) fn note_named_problem(&mut self, now: Instant) {
        let (since, told) = self.recent_named_problems(now).unwrap_or((now, 0));
        self.named = Some((since, told.saturating_add(1)));
    }

    fn recent_named_problems(&self, now: Instant) -> Option<(Instant, u32)> {
        let is_recent =
            |since: Instant| now.saturating_duration_since(since) < NAMED_PROBLEMS_WINDOW;
        self.named.filter(|(since, _)| is_recent(*since))
    }

    /// Notes that a message has mentioned people.
    pub(crate) fn note(&mut self, severity: Severity, now: Instant) {
        self.last = Some((now, severity));
    }
}

/// Returns the same mention as of `since` later.
pub(crate) fn later(mention: Mention, since: Duration) -> Mention {
    match mention {
        Mention::Recent(ago) => Mention::Recent(ago + since),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{MentionContext, Mentions};
    use crate::adapter::{Mention, Severity};
    use crate::block::MentionWhen;
    use crate::block::mention::MentionSettings;

    const EVERY: Duration = Duration::from_secs(300);
    const NEW: MentionSettings = MentionSettings {
        when: MentionWhen::New,
        every: EVERY,
    };

    fn new(severity: Severity) -> MentionContext {
        MentionContext {
            news: Some(severity),
            most_severe: severity,
            new_panic: severity == Severity::Panic,
        }
    }

    fn known(severity: Severity) -> MentionContext {
        MentionContext {
            news: None,
            ..new(severity)
        }
    }

    #[test]
    fn what_is_new_mentions_and_what_is_known_does_not() {
        let (mentions, now) = (Mentions::default(), Instant::now());
        let judge =
            |mention_context| mentions.judge(NEW, Some(Severity::Error), mention_context, now);
        assert_eq!(judge(new(Severity::Error)), Mention::Allowed);
        assert_eq!(judge(new(Severity::Warn)), Mention::Never);
        assert_eq!(judge(known(Severity::Error)), Mention::Never);
        let nobody = mentions.judge(NEW, None, new(Severity::Error), now);
        assert_eq!(nobody, Mention::Never);
    }

    #[test]
    fn after_a_mention_only_what_is_graver_and_a_new_panic_mention_for_a_while() {
        let (mut mentions, now) = (Mentions::default(), Instant::now());
        mentions.note(Severity::Error, now);
        let judge = |mentions: &Mentions, mention_context, after| {
            mentions.judge(NEW, Some(Severity::Error), mention_context, now + after)
        };
        let soon = Duration::from_secs(180);
        let error = new(Severity::Error);
        assert_eq!(judge(&mentions, error, soon), Mention::Recent(soon));
        assert_eq!(judge(&mentions, error, EVERY), Mention::Allowed);
        let panic = new(Severity::Panic);
        assert_eq!(judge(&mentions, panic, soon), Mention::Allowed);
        mentions.note(Severity::Panic, now);
        assert_eq!(judge(&mentions, panic, soon), Mention::Allowed);
        assert_eq!(judge(&mentions, error, soon), Mention::Recent(soon));
    }

    #[test]
    fn names_that_never_repeat_mention_sixty_four_times_in_ten_minutes() {
        let (mut mentions, now) = (Mentions::default(), Instant::now());
        for _ in 0..64 {
            assert!(mentions.allows_named_problem(now));
            mentions.note_named_problem(now);
        }
        let soon = now + Duration::from_secs(599);
        assert!(!mentions.allows_named_problem(soon));
        assert!(mentions.allows_named_problem(now + Duration::from_secs(600)));
        mentions.note_named_problem(now + Duration::from_secs(600));
        assert!(mentions.allows_named_problem(now + Duration::from_secs(600)));
    }

    #[test]
    fn always_mentions_all_that_is_grave_enough() {
        let (mut mentions, now) = (Mentions::default(), Instant::now());
        mentions.note(Severity::Error, now);
        let always = MentionSettings {
            when: MentionWhen::Always,
            every: EVERY,
        };
        for (severity, mention) in [
            (Severity::Error, Mention::Allowed),
            (Severity::Warn, Mention::Never),
        ] {
            let judged = mentions.judge(always, Some(Severity::Error), known(severity), now);
            assert_eq!(judged, mention);
        }
    }
}
