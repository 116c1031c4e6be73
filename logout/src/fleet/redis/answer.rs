//! Answers of the scripts.

use redis::Value;

use crate::fleet::broker::{
    BrokerFault, Entry, Lead, LeadAnswer, Mark, Place, PutAnswer, PutOutcome, Takeover,
};

fn unexpected() -> BrokerFault {
    let text = "it answers what logout does not understand: is it Redis 6.2 or later, or Valkey?";
    BrokerFault::unanswered(text)
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
    read().ok_or_else(unexpected)
}

pub(super) fn lead(value: &Value) -> Result<LeadAnswer, BrokerFault> {
    let read = || {
        let (state, rest) = list(value)?.split_first()?;
        let lead = match (text(state)?, rest) {
            ("kept", _) => Lead::Kept,
            ("other", _) => Lead::Other,
            ("taken", [_, _, _, _, epoch, left, known]) => Lead::Taken(Takeover {
                epoch: number(epoch)?,
                going: bytes(left)?,
                known: list(known)?.iter().filter_map(bytes).collect(),
            }),
            _ => return None,
        };
        let place = place(rest)?;
        Some(LeadAnswer { lead, place })
    };
    read().ok_or_else(unexpected)
}

fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::BulkString(bytes) => Some(bytes.clone()),
        _ => None,
    }
}

/// Parses the answer of `XREAD` for one stream.
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
            // An entry of another shape was written by somebody else, and is treated as empty.
            let field = list(fields).and_then(|fields| bytes(fields.get(1)?));
            Some(Entry {
                mark: Mark::parse(text(id)?)?,
                bytes: field.unwrap_or_default(),
            })
        };
        list(entries)?.iter().map(entry).collect::<Option<_>>()
    };
    read().ok_or_else(unexpected)
}
