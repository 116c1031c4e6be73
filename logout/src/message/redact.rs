//! Removal of what must not leave the process from the events that do.

use super::{Composer, scrub};
use crate::event::carried::Redactor;

impl Redactor for Composer<'_> {
    const MASK: &'static str = scrub::MASK;

    fn text(&self, raw: &str) -> String {
        Self::text(self, raw)
    }

    fn hides(&self, name: &str, value: &str) -> bool {
        self.mask.hides(name, value)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use proptest::prelude::*;
    use tracing::{error, error_span, info, warn};

    use crate::adapter::Notice;
    use crate::block::{Format, Scrub};
    use crate::config::FieldSelection;
    use crate::event::encoding::{self, ByIndex, Encoder};
    use crate::event::panic::{self, Panic};
    use crate::event::tests::{METADATA, field};
    use crate::event::{Event, EventRules, carried};
    use crate::handle::bench::captured;
    use crate::message::{Composer, DeliveryState, Mask, MessageFormat, ProgramInfo, Scrubber};
    use crate::transport::Secret;

    const SECRET: &str = "hunter2/s3cret+key";

    fn with_composer<R>(then: impl FnOnce(&Composer<'_>) -> R) -> R {
        then(&Composer {
            origin: &ProgramInfo::default(),
            scrubber: &Scrubber::new(&[Secret::new(SECRET.to_owned())], &[Scrub::Default]),
            mask: &Mask::default(),
            shown: &FieldSelection::All,
            rules: EventRules::default(),
            format: &MessageFormat::Block(Format::Message),
            utc: true,
        })
    }

    fn shown(event: &Event) -> Notice {
        let delivery = DeliveryState {
            routed: true,
            ..DeliveryState::default()
        };
        let mut notice = with_composer(|composer| composer.event(&event.view(), delivery));
        // They are the group's.
        (notice.first_seen, notice.last_seen) = (notice.time, notice.time);
        notice
    }

    fn carry(event: &Event) -> (Vec<u8>, Event) {
        let mut bytes = Vec::new();
        with_composer(|composer| carried::write(&event.view(), composer, &mut bytes));
        let read = carried::read(&bytes).unwrap();
        (bytes, read)
    }

    /// Checks that a carried event shows the same as the event it was made of, and that carrying it
    /// twice changes nothing.
    fn check(event: &Event) {
        let (bytes, read) = carry(event);
        let (told, told_of_read) = (shown(event), shown(&read));
        assert_eq!(format!("{told_of_read:?}"), format!("{told:?}"));
        let (view, of_read) = (event.view(), read.view());
        assert_eq!(of_read.level(), view.level());
        assert_eq!(of_read.is_panic(), view.is_panic());
        let (again, _) = carry(&read);
        assert_eq!(again, bytes);
        let secret = SECRET.as_bytes();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }

    #[test]
    fn what_is_carried_is_shown_as_it_was() {
        let events = captured(|| {
            let why = std::io::Error::other("no answer");
            let _outer =
                error_span!("request", zulip_topic = "stock", id = 7, token = SECRET).entered();
            let _inner = error_span!("pay", region = "eu").entered();
            error!(
                order = 42,
                password = "hunter2",
                password_len = 7,
                error = &why as &dyn Error,
                log.level = 3,
                "payment failed: {SECRET}\nagain"
            );
            warn!(
                api_key = &why as &dyn Error,
                error = "other",
                ratio = 0.5,
                done = true,
                "half"
            );
            info!(name: "cart is empty", big = 1_u128 << 100, small = -3);
        });
        assert!(events.len() >= 3);
        events.iter().for_each(check);
    }

    #[test]
    fn no_name_of_a_field_or_a_span_carries_a_secret() {
        let events = captured(|| {
            let _span =
                error_span!("pay hunter2/s3cret+key", "in hunter2/s3cret+key" = 7).entered();
            error!("of hunter2/s3cret+key" = 42, "payment failed");
        });
        events.iter().for_each(check);
    }

    #[test]
    fn a_carried_panic_is_one() {
        let event = panic::event(&Panic {
            thread: "worker-2",
            message: "index out of bounds",
            file: "src/cart.rs",
            line: 41,
            backtrace: "0: cart::remove",
            spans: &[],
            most: 1 << 16,
        });
        check(&event);
        let (_, read) = carry(&event);
        assert_eq!(read.view().backtrace(), Some("0: cart::remove"));
        assert_eq!(read.view().fields().count(), 0);
    }

    proptest! {
        #[test]
        fn whatever_it_says_is_shown_as_it_was(
            texts in prop::collection::vec((0..3_usize, any::<String>(), any::<bool>()), 0..4),
            number in any::<f64>(),
            thread in any::<String>(),
        ) {
            use tracing::field::Visit as _;
            let mut bytes = Vec::new();
            encoding::thread(&thread, &mut bytes);
            let mut encoder = Encoder::<ByIndex>::new(&mut bytes, 200, 1 << 16);
            for (index, text, is_debug) in &texts {
                let text = format!("{text}{SECRET}");
                if *is_debug {
                    encoder.record_debug(&field(*index), &format_args!("{text}"));
                } else {
                    encoder.record_error(&field(*index), &std::io::Error::other(text));
                }
            }
            encoder.record_f64(&field(1), number);
            let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_nanos(1_700_000_000_123_456_789);
            check(&Event::new(&METADATA, time, bytes.len(), &bytes));
        }

        #[test]
        fn any_bytes_are_read_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..400), kind in 0..7_u8) {
            let bytes = [vec![kind], bytes].concat();
            if let Some(event) = carried::read(&bytes) {
                shown(&event);
                let (bytes, _) = carry(&event);
                prop_assert!(carried::read(&bytes).is_some());
            }
        }
    }
}
