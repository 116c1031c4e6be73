//! What the scripts answer.

use redis::Value;

use crate::fleet::broker::{
    BrokerFault, Entry, FaultKind, Going, Lead, LeadAnswer, Mark, Place, PutAnswer, PutOutcome,
    Takeover,
};

fn strange() -> BrokerFault {
    let text = "it answers what logout does not understand: is it Redis 6.2 or later, or Valkey?";
    BrokerFault::new(FaultKind::Unanswered, text)
}

pub(super) fn mark_text(mark: Mark) -> String {
    format!("{}-{}", mark.time, mark.number)
}

fn mark(text: &str) -> Option<Mark> {
    let (time, number) = text.split_once('-')?;
    Some(Mark {
        time: time.parse().ok()?,
        number: number.parse().ok()?,
    })
}

/// Writes what is going as `marks|numbers`, separated by spaces.
pub(super) fn going_text(going: &Going) -> String {
    let marks: Vec<_> = going.marks.iter().map(|mark| mark_text(*mark)).collect();
    let keys: Vec<_> = going.keys.iter().map(|key| format!("{key:x}")).collect();
    format!("{}|{}", marks.join(" "), keys.join(" "))
}

/// Reads it; what cannot be read is left out.
fn going(text: &str) -> Going {
    let (marks, keys) = text.split_once('|').unwrap_or((text, ""));
    let keys = keys.split(' ');
    Going {
        marks: marks.split(' ').filter_map(mark).collect(),
        keys: keys
            .filter_map(|key| u64::from_str_radix(key, 16).ok())
            .collect(),
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok(),
        Value::SimpleString(text) => Some(text),
        _ => None,
    }
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Int(number) => u64::try_from(*number).ok(),
        _ => None,
    }
}

fn list(value: &Value) -> Option<&[Value]> {
    match value {
        Value::Array(values) => Some(values),
        _ => None,
    }
}

fn place(values: &[Value]) -> Option<Place> {
    let [time, members, rank, led, ..] = values else {
        return None;
    };
    Some(Place {
        time: number(time)?,
        members: number(members)?,
        rank: number(rank)?,
        has_leader: number(led)? > 0,
    })
}

pub(super) fn put(value: &Value) -> Result<PutAnswer, BrokerFault> {
    let read = || {
        let (outcome, rest) = list(value)?.split_first()?;
        let outcome = match text(outcome)? {
            "stored" => PutOutcome::Stored,
            "duplicate" => PutOutcome::Duplicate,
            "full" => PutOutcome::Full,
            _ => return None,
        };
        let place = place(rest)?;
        Some(PutAnswer { outcome, place })
    };
    read().ok_or_else(strange)
}

pub(super) fn lead(value: &Value) -> Result<LeadAnswer, BrokerFault> {
    let read = || {
        let (state, rest) = list(value)?.split_first()?;
        let lead = match (text(state)?, rest) {
            ("kept", _) => Lead::Kept,
            ("other", _) => Lead::Other,
            ("taken", [_, _, _, _, epoch, left, known]) => Lead::Taken(Takeover {
                epoch: number(epoch)?,
                going: going(text(left)?),
                known: list(known)?.iter().filter_map(bytes).collect(),
            }),
            _ => return None,
        };
        let place = place(rest)?;
        Some(LeadAnswer { lead, place })
    };
    read().ok_or_else(strange)
}

fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::BulkString(bytes) => Some(bytes.clone()),
        _ => None,
    }
}

/// Reads what `XREAD` of one stream answers.
pub(super) fn entries(value: &Value) -> Result<Vec<Entry>, BrokerFault> {
    if *value == Value::Nil {
        return Ok(Vec::new());
    }
    let read = || {
        let [stream] = list(value)? else {
            return None;
        };
        let [_, entries] = list(stream)? else {
            return None;
        };
        let entry = |value: &Value| {
            let [id, fields] = list(value)? else {
                return None;
            };
            // Whatever else somebody has written there is odd, and read as nothing.
            let field = list(fields).and_then(|fields| bytes(fields.get(1)?));
            Some(Entry {
                mark: mark(text(id)?)?,
                bytes: field.unwrap_or_default(),
            })
        };
        list(entries)?.iter().map(entry).collect::<Option<_>>()
    };
    read().ok_or_else(strange)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_going_is_read_as_it_was_written() {
        let mark = |time| Mark { time, number: 3 };
        for given in [
            Going::default(),
            Going {
                marks: vec![mark(1), mark(u64::MAX)],
                keys: Vec::new(),
            },
            Going {
                marks: Vec::new(),
                keys: vec![0, u64::MAX],
            },
        ] {
            assert_eq!(going(&going_text(&given)), given);
        }
        assert_eq!(going("x 1-2-3 |zz"), Going::default());
    }
}
