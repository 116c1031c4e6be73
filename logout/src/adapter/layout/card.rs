//! Cards: messages in JSON whose limit counts all of their bytes.

use super::{SplitMessage, backtrace};
use crate::adapter::Notice;
use crate::adapter::truncate::{self, Cost};
use crate::transport::Request;
use crate::transport::request::JsonWriter;

/// The parts of a card, which is rendered twice: once to measure the room that is left, and once
/// with all of the text.
pub(in crate::adapter) struct CardParts<'n> {
    pub(in crate::adapter) notice: &'n Notice,
    /// Emoji and headline.
    pub(in crate::adapter) head: String,
    pub(in crate::adapter) block: String,
    pub(in crate::adapter) backtrace: String,
}

/// Makes the message that `write` writes of the parts the body, with as much of block and backtrace as `most` bytes
/// of JSON have room for; of that, `write` adds nothing around the two.
pub(in crate::adapter) fn write_card(
    notice: &Notice,
    opening: &SplitMessage<'_>,
    most: usize,
    cost: Cost,
    request: &mut Request,
    write: impl Fn(&CardParts<'_>, &mut JsonWriter<'_>),
) {
    let mut card = CardParts {
        notice,
        head: format!("{} {}", notice.emoji(), opening.line),
        block: String::new(),
        backtrace: String::new(),
    };
    request.write_json(|json| write(&card, json));
    let room = most.saturating_sub(request.body().len());
    let backtrace = backtrace(notice);
    let [block, backtrace] = truncate::share(room, [&opening.block, &backtrace], cost);
    card.block = block.into_owned();
    card.backtrace = backtrace.into_owned();
    request.write_json(|json| write(&card, json));
}
