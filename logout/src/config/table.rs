//! The keys of one instance, or of the block, read as one struct.

use std::cell::Cell;

use figment::value::{Dict, Value};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor,
};

use super::fail::Fail;
use super::fields::{Field, fields};
use super::stand_in::{Seen, StandIn};
use super::surroundings::Surroundings;
use super::value::{Reader, texts};

/// What is wrong, and with which key; no key when it is the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) key: Option<String>,
    pub(crate) fail: Fail,
}

impl Wrong {
    pub(crate) fn new(key: &str, fail: Fail) -> Self {
        Self {
            key: Some(key.to_owned()),
            fail,
        }
    }
}

/// Reads a `T` out of `dict`, or tells everything that keeps it from being read.
///
/// Keys in `later` are assigned by the caller afterwards, so they need not be there.
pub(crate) fn read<T: DeserializeOwned>(
    dict: &Dict,
    later: &[&str],
    surroundings: &Surroundings,
) -> Result<T, Vec<Wrong>> {
    match read_all(dict, later, surroundings) {
        (Some(read), wrong) if wrong.is_empty() => Ok(read),
        (_, wrong) => Err(wrong),
    }
}

/// Reads a `T` in which something else stands for what is absent or wrong, where that can be, and
/// tells all of it.
pub(crate) fn read_all<T: DeserializeOwned>(
    dict: &Dict,
    later: &[&str],
    surroundings: &Surroundings,
) -> (Option<T>, Vec<Wrong>) {
    let Some(fields) = fields::<T>() else {
        return match read_whole(dict, surroundings) {
            Ok(read) => (Some(read), Vec::new()),
            Err(wrong) => (None, wrong),
        };
    };
    let mut wrong = Vec::new();
    let mut answers: Vec<(&str, Answer<'_>)> = Vec::new();
    let seen = Seen::default();
    for field in &fields {
        let given: Vec<_> = field
            .names()
            .filter_map(|name| Some((name, dict.get(name)?)))
            .collect();
        let stand_in = field
            .stand_in
            .map(|text| (field.name, Answer::StandIn(StandIn { text, seen: &seen })));
        match given.as_slice() {
            [] if is_missing(field, later) => {
                wrong.push(Wrong::new(field.name, Fail::Missing(field.name)));
                answers.extend(stand_in);
            }
            [] if field.required => answers.extend(stand_in),
            [] => {}
            [(name, value)] => {
                let reader = Reader::new(value, surroundings, field.secret);
                match Table::new([(*name, Answer::Value(reader))]).refusal::<T>() {
                    None => answers.push((name, Answer::Value(reader))),
                    Some(fail) => {
                        wrong.push(Wrong::new(name, told(fail, field, value)));
                        answers.extend(stand_in);
                    }
                }
            }
            [(name, _), (other, _), ..] => {
                let fail = Fail::Told(format!("it is the same as `{other}`; keep one"));
                wrong.push(Wrong::new(name, fail));
                answers.extend(stand_in);
            }
        }
    }
    match T::deserialize(&Table::new(answers)) {
        Ok(read) => (Some(read), wrong),
        Err(Fail::Missing(key)) if later.contains(&key) => {
            let why = "its field needs `#[serde(default)]` to be given in the block";
            (None, vec![Wrong::new(key, Fail::Told(why.to_owned()))])
        }
        Err(fail) if wrong.is_empty() => (None, vec![whole(fail, dict)]),
        Err(_) => (None, wrong),
    }
}

/// Reads what can be read of a `T` whose keys are all optional, and adds the rest to `wrong`.
pub(crate) fn read_partly<T: DeserializeOwned + Default>(dict: &Dict, wrong: &mut Vec<Wrong>) -> T {
    let surroundings = Surroundings::default();
    read(dict, &[], &surroundings).unwrap_or_else(|found| {
        let mut dict = dict.clone();
        dict.retain(|key, _| !found.iter().any(|wrong| wrong.key.as_ref() == Some(key)));
        wrong.extend(found);
        read(&dict, &[], &surroundings).unwrap_or_default()
    })
}

/// What is wrong when no single value was refused.
fn whole(fail: Fail, dict: &Dict) -> Wrong {
    let key = match fail {
        Fail::Missing(key) => Some(key.to_owned()),
        _ => None,
    };
    let fail = fail.without(&dict.values().flat_map(texts).collect::<Vec<_>>());
    Wrong { key, fail }
}

/// Whether an absent field is a mistake. A secret always is, since the default that the rest of
/// a struct may have would be an empty one.
fn is_missing(field: &Field, later: &[&str]) -> bool {
    field.is_required_secret()
        || (field.required && !field.names().any(|name| later.contains(&name)))
}

/// `fail` without the value; what an adapter says about a secret is not passed on at all.
fn told(fail: Fail, field: &Field, value: &Value) -> Fail {
    match fail {
        Fail::Foreign(_) if field.secret => Fail::Told("it is not accepted".to_owned()),
        fail => fail.without(&texts(value)),
    }
}

fn read_whole<T: DeserializeOwned>(
    dict: &Dict,
    surroundings: &Surroundings,
) -> Result<T, Vec<Wrong>> {
    // Behind serde's back nothing says which of the texts are secrets.
    for text in dict.values().flat_map(texts) {
        surroundings.keep_token(&text);
    }
    let answers = dict.iter().map(|(key, value)| {
        (
            key.as_str(),
            Answer::Value(Reader::new(value, surroundings, true)),
        )
    });
    T::deserialize(&Table::new(answers)).map_err(|fail| vec![whole(fail, dict)])
}

/// What a key is answered with.
#[derive(Clone, Copy)]
pub(crate) enum Answer<'a> {
    Value(Reader<'a>),
    StandIn(StandIn<'a>),
}

/// A set of keys as a struct asks for them.
pub(crate) struct Table<'a> {
    answers: Vec<(&'a str, Answer<'a>)>,
    /// Set when an answer was refused, as opposed to the lack of one.
    refused: Cell<bool>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(answers: impl IntoIterator<Item = (&'a str, Answer<'a>)>) -> Self {
        Self {
            answers: answers.into_iter().collect(),
            refused: Cell::new(false),
        }
    }

    /// Why an answer of this table cannot be a field's value.
    pub(crate) fn refusal<T: DeserializeOwned>(&self) -> Option<Fail> {
        T::deserialize(self).err().filter(|_| self.refused.get())
    }

    pub(crate) fn accepts<T: DeserializeOwned>(&self) -> bool {
        self.refusal::<T>().is_none()
    }
}

impl<'de> Deserializer<'de> for &Table<'_> {
    type Error = Fail;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fail> {
        visitor.visit_map(Rows {
            table: self,
            next: 0,
        })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fail> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fail> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Rows<'t, 'a> {
    table: &'t Table<'a>,
    next: usize,
}

impl<'de> MapAccess<'de> for Rows<'_, '_> {
    type Error = Fail;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fail> {
        let Some((name, _)) = self.table.answers.get(self.next) else {
            return Ok(None);
        };
        seed.deserialize(IntoDeserializer::<Fail>::into_deserializer(*name))
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fail> {
        let answer = self.table.answers.get(self.next).map(|(_, answer)| *answer);
        self.next += 1;
        let value = match answer {
            Some(Answer::Value(reader)) => seed.deserialize(reader),
            Some(Answer::StandIn(stand_in)) => seed.deserialize(stand_in),
            None => Err(Fail::Empty),
        };
        value.inspect_err(|_| self.table.refused.set(true))
    }
}
