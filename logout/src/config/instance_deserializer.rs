//! The keys of one instance read as one struct.

use std::cell::Cell;

use figment::value::{Dict, Value};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor,
};

use super::context::Context;
use super::field_probe::{Seen, StandIn};
use super::fields::Field;
use super::value::{Reader, texts};
use super::value_deserializer::Answer;
use super::value_error::ValueError;

/// What is wrong, and with which key; no key when it is the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) key: Option<String>,
    pub(crate) fail: ValueError,
}

impl Wrong {
    pub(crate) fn new(key: &str, fail: ValueError) -> Self {
        Self {
            key: Some(key.to_owned()),
            fail,
        }
    }
}

/// Reads a `T`, whose `fields` are those, out of `dict`, or tells everything that keeps it from
/// being read.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn read<T: DeserializeOwned>(
    dict: &Dict,
    fields: Option<&[Field]>,
    later: &[&str],
    surroundings: &Context,
) -> Result<T, Vec<Wrong>> {
    match read_all(dict, fields, later, surroundings) {
        (Some(read), wrong) if wrong.is_empty() => Ok(read),
        (_, wrong) => Err(wrong),
    }
}

/// Reads a `T`, whose `fields` are those, out of `dict`. Something else stands in it for what is
/// absent or wrong, where that can be, and all of that is told.
///
/// Keys in `later` are assigned by the caller afterwards, so they need not be there.
pub(crate) fn read_all<T: DeserializeOwned>(
    dict: &Dict,
    fields: Option<&[Field]>,
    later: &[&str],
    surroundings: &Context,
) -> (Option<T>, Vec<Wrong>) {
    let seen = Seen::default();
    let (table, wrong) = match fields {
        Some(fields) => answers(dict, fields, later, surroundings, &seen, trial::<T>),
        None => (whole(dict, surroundings), Vec::new()),
    };
    match T::deserialize(&table) {
        Ok(read) => (Some(read), wrong),
        Err(fail) if wrong.is_empty() => (None, vec![without_key(fail, dict, later)]),
        Err(_) => (None, wrong),
    }
}

/// What a type says to a table of answers. What is made of that is the same code for all types.
pub(crate) type Trial = fn(&Table<'_>) -> Result<(), ValueError>;

pub(crate) fn trial<T: DeserializeOwned>(table: &Table<'_>) -> Result<(), ValueError> {
    T::deserialize(table).map(drop)
}

/// An answer for each of `fields`, tried one by one, and what is wrong with the others.
fn answers<'a>(
    dict: &'a Dict,
    fields: &[Field],
    later: &[&str],
    surroundings: &'a Context,
    seen: &'a Seen,
    trial: Trial,
) -> (Table<'a>, Vec<Wrong>) {
    let mut wrong = Vec::new();
    let mut answers: Vec<(&str, Answer<'_>)> = Vec::new();
    for field in fields {
        let given: Vec<_> = field
            .names()
            .filter_map(|name| Some((name, dict.get(name)?)))
            .collect();
        let stand_in = field
            .stand_in
            .map(|text| (field.name, Answer::StandIn(StandIn { text, seen })));
        match given.as_slice() {
            [] if is_missing(field, later) => {
                wrong.push(Wrong::new(field.name, ValueError::Missing(field.name)));
                answers.extend(stand_in);
            }
            [] if field.required => answers.extend(stand_in),
            [] => {}
            [(name, value)] => {
                let answer = Answer::Value(Reader::new(value, surroundings, field.secret));
                match Table::new(vec![(*name, answer)]).refusal(trial) {
                    None => answers.push((name, answer)),
                    Some(fail) => {
                        wrong.push(Wrong::new(name, told(fail, field, value)));
                        answers.extend(stand_in);
                    }
                }
            }
            [(name, _), (other, _), ..] => {
                let fail = ValueError::Told(format!("it is the same as `{other}`; keep one"));
                wrong.push(Wrong::new(name, fail));
                answers.extend(stand_in);
            }
        }
    }
    (Table::new(answers), wrong)
}

/// What is wrong when no single value was refused.
fn without_key(fail: ValueError, dict: &Dict, later: &[&str]) -> Wrong {
    match fail {
        ValueError::Missing(key) if later.contains(&key) => {
            let why = "its field needs `#[serde(default)]` to be given in the block";
            Wrong::new(key, ValueError::Told(why.to_owned()))
        }
        ValueError::Missing(key) => Wrong::new(key, fail),
        _ => Wrong {
            key: None,
            fail: fail.without(&dict.values().flat_map(texts).collect::<Vec<_>>()),
        },
    }
}

/// Whether an absent field is a mistake. A secret always is, since the default that the rest of
/// a struct may have would be an empty one.
fn is_missing(field: &Field, later: &[&str]) -> bool {
    field.is_required_secret()
        || (field.required && !field.names().any(|name| later.contains(&name)))
}

/// `fail` without the value; what an adapter says about a secret is not passed on at all.
fn told(fail: ValueError, field: &Field, value: &Value) -> ValueError {
    match fail {
        ValueError::Foreign(_) if field.secret => ValueError::Told("it is not accepted".to_owned()),
        fail => fail.without(&texts(value)),
    }
}

/// Everything in `dict`, for a type that does not announce its fields.
fn whole<'a>(dict: &'a Dict, surroundings: &'a Context) -> Table<'a> {
    // Behind serde's back nothing says which of the texts are secrets.
    for text in dict.values().flat_map(texts) {
        surroundings.keep_token(&text);
    }
    let answers = dict.iter().map(|(key, value)| {
        let reader = Reader::new(value, surroundings, true);
        (key.as_str(), Answer::Value(reader))
    });
    Table::new(answers.collect())
}

/// A set of keys as a struct asks for them.
pub(crate) struct Table<'a> {
    answers: Vec<(&'a str, Answer<'a>)>,
    /// Set when an answer was refused, as opposed to the lack of one.
    refused: Cell<bool>,
    /// The names of the struct's fields, once it has said them.
    announced: Cell<Option<&'static [&'static str]>>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(answers: Vec<(&'a str, Answer<'a>)>) -> Self {
        Self {
            answers,
            refused: Cell::new(false),
            announced: Cell::new(None),
        }
    }

    /// Why an answer of this table cannot be a field's value.
    pub(crate) fn refusal(&self, trial: Trial) -> Option<ValueError> {
        trial(self).err().filter(|_| self.refused.get())
    }

    /// The names of the struct's fields, if it said them when it was tried.
    pub(crate) fn announced(&self) -> Option<&'static [&'static str]> {
        self.announced.get()
    }
}

impl<'de> Deserializer<'de> for &Table<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_map(Rows {
            table: self,
            next: 0,
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.announced.set(Some(fields));
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.announced.set(Some(&[]));
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct Rows<'t, 'a> {
    table: &'t Table<'a>,
    next: usize,
}

impl<'de> MapAccess<'de> for Rows<'_, '_> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ValueError> {
        let Some((name, _)) = self.table.answers.get(self.next) else {
            return Ok(None);
        };
        seed.deserialize(IntoDeserializer::<ValueError>::into_deserializer(*name))
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, ValueError> {
        let answer = self.table.answers.get(self.next).map(|(_, answer)| *answer);
        self.next += 1;
        let value = answer
            .ok_or(ValueError::Empty)
            .and_then(|answer| seed.deserialize(answer));
        value.inspect_err(|_| self.table.refused.set(true))
    }
}
