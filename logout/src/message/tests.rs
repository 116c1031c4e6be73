use tracing::field::Empty;
use tracing::{error, info_span};

use super::{Composer, DeliveryState, Mask, MessageFormat, ProgramInfo, Scrubber};
use crate::adapter::Notice;
use crate::block::{Format, Scrub};
use crate::config::FieldSelection;
use crate::event::EventRules;
use crate::handle::bench::captured;

/// Returns the notice of the only event that `program` emits.
fn told(program: impl FnOnce()) -> Notice {
    let events = captured(program);
    assert_eq!(events.len(), 1);
    let composer = Composer {
        origin: &ProgramInfo::default(),
        scrubber: &Scrubber::new(&[], &[Scrub::Default]),
        mask: &Mask::default(),
        shown: &FieldSelection::All,
        rules: EventRules::default(),
        format: &MessageFormat::Block(Format::Message),
        utc: true,
    };
    composer.event(&events[0].view(), DeliveryState::default())
}

#[test]
fn a_message_that_is_no_text_is_the_headline() {
    let notice = told(|| error!(message = 42));
    assert_eq!(notice.headline, "42");
    assert!(notice.fields.is_empty(), "{notice:?}");
    assert_eq!(told(|| error!(message = true)).headline, "true");

    let timeout = std::io::Error::other("timeout");
    let notice = told(|| error!(message = &timeout as &dyn std::error::Error));
    assert_eq!((&*notice.headline, &*notice.body), ("timeout", ""));
}

#[test]
fn a_spans_field_message_is_shown() {
    let notice = told(|| {
        let _job = info_span!("job", message = "nightly", id = 7).entered();
        error!("failed");
    });
    assert_eq!(notice.span_path(), "job{message=nightly id=7}");
}

#[test]
fn a_value_recorded_again_that_finds_no_room_keeps_the_older() {
    let long = "x".repeat(8_000);
    let notice = told(|| {
        let span = info_span!("job", a = 1, b = Empty, c = Empty, d = Empty, e = Empty);
        for name in ["b", "c", "d", "e"] {
            span.record(name, &*long);
        }
        span.record("a", 2);
        // Together they are too long for a span, and each alone would replace the one before.
        span.record("e", &*long.replace('x', "y"));
        span.record("a", &*long);
        let _job = span.entered();
        error!("failed");
    });
    let fields = &notice.spans[0].fields;
    let value = |name| {
        &*fields
            .iter()
            .find(|field| field.name == name)
            .unwrap()
            .value
    };
    assert_eq!(value("a"), "2");
    assert!(value("e").starts_with("yyy"));
    assert_eq!(value("b"), long);
}

#[test]
fn colours_go_and_hidden_characters_are_shown() {
    let notice = told(|| {
        error!(
            name = "a\u{3164}b",
            "\x1b[31mpayment\x1b[0m fai\u{e0141}led"
        );
    });
    assert_eq!(notice.headline, "payment fai⟨U+E0141⟩led");
    assert_eq!(notice.fields[0].value, "a⟨U+3164⟩b");
}
