//! Cards: messages in JSON whose limit counts all of their bytes.

use serde::Serialize;

use super::{SplitMessage, backtrace};
use crate::adapter::Notice;
use crate::adapter::truncate::{self, Cost};

/// The parts of a card, which is rendered twice: once to measure the room that is left, and once
/// with all of the text.
pub(in crate::adapter) struct CardParts<'n> {
    pub(in crate::adapter) notice: &'n Notice,
    /// Emoji and headline.
    pub(in crate::adapter) head: String,
    pub(in crate::adapter) block: String,
    pub(in crate::adapter) backtrace: String,
}

/// Returns the message that `write` makes of the parts, with as much of block and backtrace as fits
/// in `most` bytes of JSON. `write` must add nothing around the two beyond what is measured.
pub(in crate::adapter) fn card<M: Serialize>(
    notice: &Notice,
    opening: &SplitMessage<'_>,
    most: usize,
    cost: Cost,
    write: impl Fn(&CardParts<'_>) -> M,
) -> M {
    let mut card = CardParts {
        notice,
        head: format!("{} {}", notice.emoji(), opening.line),
        block: String::new(),
        backtrace: String::new(),
    };
    let taken = serde_json::to_vec(&write(&card)).map_or(most, |json| json.len());
    let backtrace = backtrace(notice);
    let texts = [&*opening.block, &*backtrace];
    let [block, backtrace] = truncate::share(most.saturating_sub(taken), texts, cost);
    card.block = block.into_owned();
    card.backtrace = backtrace.into_owned();
    write(&card)
}
