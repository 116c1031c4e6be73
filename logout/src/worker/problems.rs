//! Recognition of problems: which problem an event belongs to.
//!
//! A problem is what a person would call the same error: a call site and the shape of its text.
//! Shapes are computed on logout's own thread only.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tracing::{Level, Metadata};

use crate::event::{EventView, Fingerprint, ShownFingerprint};
use crate::message::{Collective, EventTexts, Families, ProblemKey, line_hash, named, site_hash};
use crate::queue::NumberHasher;
use crate::text::sorted_map::SortedMap;

/// How often problems that were silent for long are looked for when there is no room.
const FORGETS_EVERY: Duration = Duration::from_secs(60);

/// The number of similar fingerprints that are listed.
const AMBIGUOUS: usize = 8;

/// The problem that an event belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ProblemId {
    pub(crate) fingerprint: u64,
    /// The call site's address below WARN, where events of different call sites are never the same
    /// problem.
    pub(crate) site: usize,
    /// The group in which it is reported together with others.
    pub(crate) collective: Option<Collective>,
}

impl ProblemId {
    fn of_problem(site: u64, problem: ProblemKey) -> Self {
        Self {
            fingerprint: problem.fingerprint(site),
            site: 0,
            collective: problem.collective(),
        }
    }

    /// Creates a problem that the program named, or that is a call site as a whole.
    fn of(fingerprint: u64, site: usize) -> Self {
        Self {
            fingerprint,
            site,
            collective: None,
        }
    }
}

/// The live problems of all call sites of one block.
#[derive(Debug)]
pub(crate) struct Problems {
    sites: HashMap<u64, SiteProblems, BuildHasherDefault<NumberHasher>>,
    /// The number of live problems, and how many there may be.
    known: usize,
    bound: usize,
    /// When it last looked for problems to forget.
    forgot: Option<Instant>,
    /// A buffer for a name that is a number.
    scratch: String,
}

/// The problems of one call site.
#[derive(Debug)]
struct SiteProblems {
    hash: u64,
    families: Families,
    last: Option<LastText>,
}

/// The last text of a call site, by which an equal one is recognized without computing its shape.
#[derive(Clone, Copy, Debug)]
struct LastText {
    /// Its hash without the digits.
    but_digits: u64,
    /// Its full hash, if the digits are part of its shape.
    whole: Option<u64>,
    problem: ProblemKey,
}

impl Problems {
    /// Creates a collection of at most this many problems.
    pub(crate) fn with_limit(bound: usize) -> Self {
        Self {
            sites: HashMap::default(),
            known: 0,
            bound,
            forgot: None,
            scratch: String::new(),
        }
    }

    /// Returns the problem that an event belongs to, which is live from now on.
    pub(crate) fn identify(
        &mut self,
        event: &EventView<'_>,
        is_named: bool,
        now: Instant,
    ) -> ProblemId {
        if is_named && let Some(fingerprint) = named(event, &mut self.scratch) {
            return ProblemId::of(fingerprint, 0);
        }
        let address = std::ptr::from_ref::<Metadata<'_>>(event.metadata()).addr();
        if event.level() > Level::WARN {
            // Such events are read one by one, so none are grouped by shape.
            return ProblemId::of(line_hash(event), address);
        }
        // All events of a bridge share one call site.
        let bridged = event.carries_its_place().then(|| site_hash(event));
        let id = bridged.unwrap_or(address as u64);
        if self.known >= self.bound || self.sites.len() >= self.bound {
            self.forget(now);
            if self.sites.len() >= self.bound && !self.sites.contains_key(&id) {
                return ProblemId::of_problem(site_hash(event), ProblemKey::Site);
            }
        }
        let site = self.sites.entry(id).or_insert_with(|| SiteProblems {
            hash: bridged.unwrap_or_else(|| site_hash(event)),
            families: Families::default(),
            last: None,
        });
        let texts = EventTexts::of(event);
        let but_digits = texts.hash_but_digits();
        if let Some(last) = site.last
            && last.but_digits == but_digits
            && last.whole.is_none_or(|whole| whole == texts.hash())
            && site.families.touch(last.problem, now)
        {
            return ProblemId::of_problem(site.hash, last.problem);
        }
        let before = site.families.len();
        let shape = texts.shape();
        let room = self.known < self.bound;
        let problem = site
            .families
            .problem(shape.hash(site.hash), || shape.family(), room, now);
        self.known = (self.known + site.families.len()).saturating_sub(before);
        site.last = Some(LastText {
            but_digits,
            whole: (!shape.ignores_digits()).then(|| texts.hash()),
            problem,
        });
        ProblemId::of_problem(site.hash, problem)
    }

    /// Forgets problems that were silent for long. It looks at all call sites, so it does so
    /// rarely.
    fn forget(&mut self, now: Instant) {
        let is_early = |forgot: Instant| now.saturating_duration_since(forgot) < FORGETS_EVERY;
        if self.forgot.is_some_and(is_early) {
            return;
        }
        self.forgot = Some(now);
        self.sites.retain(|_, site| {
            site.families.forget(now);
            site.families.len() > 0
        });
        self.known = self.sites.values().map(|site| site.families.len()).sum();
    }
}

/// The fingerprints seen since the start, to resolve one that is given by its first digits.
#[derive(Debug)]
pub(crate) struct KnownFingerprints {
    known: Mutex<SortedMap<u64, ()>>,
    bound: usize,
}

impl KnownFingerprints {
    /// Creates a set of at most this many fingerprints; a later one is not checked for ambiguity.
    pub(crate) fn with_limit(bound: usize) -> Self {
        Self {
            known: Mutex::default(),
            bound,
        }
    }

    /// Adds a fingerprint; returns whether there is room for another.
    pub(crate) fn note(&self, fingerprint: u64) -> bool {
        let mut known = self.lock();
        let has_room = |known: &SortedMap<u64, ()>| known.entries().len() < self.bound;
        if has_room(&known) {
            known.insert(fingerprint, ());
        }
        has_room(&known)
    }

    /// Returns the fingerprint as six digits, or more if another begins with the same.
    pub(crate) fn shown(&self, fingerprint: u64) -> ShownFingerprint {
        beside_others(&self.lock(), fingerprint)
    }

    /// Returns some of the fingerprints that begin as `written`, if there are several.
    pub(crate) fn ambiguity(&self, written: Fingerprint) -> Option<String> {
        let known = self.lock();
        let (least, most) = written.range().into_inner();
        let from = known.entries().get(known.position(least)..);
        let matching = from.into_iter().flatten().map(|(one, ())| *one);
        let matching = matching.take_while(|one| *one <= most).take(AMBIGUOUS);
        let shown = matching.map(|one| format!("`#{}`", beside_others(&known, one)));
        let shown: Vec<_> = shown.collect();
        (shown.len() > 1).then(|| shown.join(" or "))
    }

    fn lock(&self) -> MutexGuard<'_, SortedMap<u64, ()>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A cache of known fingerprints, which avoids the lock.
#[derive(Debug)]
pub(crate) struct RecentFingerprints {
    last: [u64; 64],
    /// Whether there is no room for another fingerprint.
    is_over: bool,
}

impl Default for RecentFingerprints {
    fn default() -> Self {
        Self {
            // Values that belong into other slots.
            last: std::array::from_fn(|place| !(place as u64)),
            is_over: false,
        }
    }
}

impl RecentFingerprints {
    /// Calls `note` for a fingerprint that is not in the cache; `note` returns whether there is
    /// room for another.
    pub(crate) fn note(&mut self, fingerprint: u64, note: impl FnOnce(u64) -> bool) {
        if !self.is_over && self.replaces(fingerprint) {
            self.is_over = !note(fingerprint);
        }
    }

    /// Puts a fingerprint into its slot; returns whether it replaced another.
    fn replaces(&mut self, fingerprint: u64) -> bool {
        let place = fingerprint as usize % self.last.len();
        let noted = self.last.get_mut(place);
        noted.is_none_or(|noted| std::mem::replace(noted, fingerprint) != fingerprint)
    }
}

fn beside_others(known: &SortedMap<u64, ()>, fingerprint: u64) -> ShownFingerprint {
    let at = known.position(fingerprint);
    let (before, after) = known.entries().split_at(at);
    let mut after = after.iter().filter(|(one, ())| *one != fingerprint);
    let others = before.last().into_iter().chain(after.next());
    ShownFingerprint::beside(fingerprint, others.map(|(one, ())| *one))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use tracing::{error, info, warn};

    use super::{KnownFingerprints, ProblemId, Problems, RecentFingerprints};
    use crate::event::Event;
    use crate::handle::bench::{Bench, LONG_LIMITS, captured};
    use crate::message::Collective;
    use crate::worker::stats::Reason;

    fn tellings(problems: &mut Problems, events: &[Event], now: Instant) -> Vec<ProblemId> {
        let tell = |event: &Event| problems.identify(&event.view(), true, now);
        events.iter().map(tell).collect()
    }

    #[test]
    fn a_repeated_text_and_one_with_other_numbers_are_one_problem() {
        let events = captured(|| {
            for order in [1, 1, 2, 1] {
                error!(order, "payment {order} failed");
            }
            error!(order = 9, "payment declined");
        });
        let told = tellings(&mut Problems::with_limit(9), &events, Instant::now());
        assert!(told[..4].iter().all(|one| *one == told[0]), "{told:?}");
        assert_ne!(told[4], told[0]);
    }

    #[test]
    fn a_text_that_differs_in_digits_that_are_kept_is_not_what_its_site_said_last() {
        let events = captured(|| {
            for status in [404, 404, 500, 404] {
                error!("answered with status {status}");
            }
        });
        let told = tellings(&mut Problems::with_limit(9), &events, Instant::now());
        assert_eq!([told[1], told[3]], [told[0]; 2]);
        assert_ne!(told[2], told[0]);
    }

    #[test]
    fn a_fingerprint_is_the_same_in_the_next_build() {
        let events = captured(|| {
            error!(name: "payment", target: "shop::pay", order = 1, "payment 1 failed: timeout");
            error!(fingerprint = "disk", "disk is full");
        });
        let told = tellings(&mut Problems::with_limit(9), &events, Instant::now());
        let told: Vec<_> = told
            .iter()
            .map(|one| format!("{:016x}", one.fingerprint))
            .collect();
        // Written down: what people mute must outlive the build.
        assert_eq!(told, ["f33fbe3e65630c94", "75ad226e6247d2fe"]);
    }

    #[test]
    fn a_named_problem_is_one_at_every_level() {
        let events = captured(|| {
            error!(fingerprint = "disk", "disk is full");
            info!(fingerprint = "disk", "disk is almost full");
        });
        let told = tellings(&mut Problems::with_limit(9), &events, Instant::now());
        assert_eq!(told[0], told[1]);
    }

    #[test]
    fn what_is_beyond_the_bound_is_of_its_call_site_until_the_rest_is_forgotten() {
        let mut problems = Problems::with_limit(2);
        let events = captured(|| {
            for text in ["one", "two and two", "three, three and three", "one"] {
                error!("{text}");
            }
            warn!("another call site");
            error!("a third one");
        });
        let start = Instant::now();
        let told = tellings(&mut problems, &events, start);
        let collective: Vec<_> = told.iter().map(|one| one.collective).collect();
        let texts = Some(Collective::Texts);
        assert_eq!(collective, [None, None, texts, None, texts, texts]);
        let later = start + Duration::from_secs(3 * 60 * 60);
        let told = tellings(&mut problems, &events[4..5], later);
        assert_eq!(told[0].collective, None);
    }

    #[test]
    fn who_begins_like_another_is_shown_with_more_digits() {
        let known = KnownFingerprints::with_limit(9);
        let all = [0x3fa9_c1aa_0000_0000, 0x3fa9_c1bb_0000_0000];
        known.note(all[0]);
        assert_eq!(known.shown(all[0]).to_string(), "3fa9c1");
        let written = "#3fa9c1".parse().unwrap();
        assert_eq!(known.ambiguity(written), None);
        known.note(all[1]);
        assert_eq!(
            known.ambiguity(written).as_deref(),
            Some("`#3fa9c1aa` or `#3fa9c1bb`")
        );
        assert_eq!(known.ambiguity("3fa9c1bb".parse().unwrap()), None);
    }

    #[test]
    fn what_was_noted_last_is_noted_once_whatever_its_place() {
        let mut noted = RecentFingerprints::default();
        for fingerprint in (0..64).chain(u64::MAX - 63..=u64::MAX) {
            assert!(noted.replaces(fingerprint), "{fingerprint}");
            assert!(!noted.replaces(fingerprint), "{fingerprint}");
        }
        assert!(noted.replaces(0));
    }

    #[test]
    fn where_there_is_no_room_for_another_fingerprint_nobody_is_asked() {
        let (known, mut noted) = (
            KnownFingerprints::with_limit(2),
            RecentFingerprints::default(),
        );
        let mut asked = 0;
        for fingerprint in 0..9 {
            noted.note(fingerprint, |fingerprint| {
                asked += 1;
                known.note(fingerprint)
            });
        }
        assert_eq!((asked, known.lock().entries().len()), (2, 2));
    }

    /// Returns two numbers that name problems with the same six digits, and those digits.
    #[cfg(not(miri))]
    fn alike() -> (u32, u32, String) {
        let events = captured(|| {
            for number in 0..30_000 {
                error!(fingerprint = number, "named");
            }
        });
        let mut seen = std::collections::HashMap::new();
        let mut problems = Problems::with_limit(1);
        for (number, event) in (0..).zip(&events) {
            let fingerprint = problems
                .identify(&event.view(), true, Instant::now())
                .fingerprint;
            if let Some(first) = seen.insert(fingerprint >> 40, number) {
                return (first, number, format!("{:06x}", fingerprint >> 40));
            }
        }
        unreachable!("in 30,000 there are some 27 pairs")
    }

    #[test]
    #[cfg(not(miri))]
    fn where_a_second_problem_matches_what_mutes_one_neither_is_muted_and_people_are_told() {
        let (first, second, digits) = alike();
        let bench = Bench::start(LONG_LIMITS, []);
        bench.handle.mute(&digits, Duration::from_secs(99)).unwrap();
        for _ in 0..2 {
            error!(fingerprint = first, "the first");
        }
        bench.flush();
        assert_eq!(bench.sent(), [""; 0]);
        assert_eq!(bench.lane().discarded.get(Reason::Muted), 2);

        for _ in 0..2 {
            error!(fingerprint = second, "the second");
            error!(fingerprint = first, "the first");
            bench.flush();
        }
        let told = bench.sent().join("\n");
        assert_eq!(bench.lane().discarded.get(Reason::Muted), 2, "{told}");
        let line = format!("`#{digits}` is muted and could be several problems by now");
        assert_eq!(told.matches(&line).count(), 1, "{told}");
        for shown in ["the first", "the second"] {
            assert!(told.contains(shown), "{told}");
        }
        let shown = format!("#{digits}");
        let with_eight = told.split(&shown).skip(1);
        let with_eight = with_eight.filter(|rest| {
            let digits = rest.bytes().take_while(u8::is_ascii_hexdigit);
            digits.count() >= 2
        });
        assert!(with_eight.count() >= 4, "{told}");

        let refused = bench.handle.mute(&digits, Duration::from_secs(99));
        let refused = refused.unwrap_err().to_string();
        assert!(
            refused.contains("could be several problems: write `#"),
            "{refused}"
        );
    }
}
