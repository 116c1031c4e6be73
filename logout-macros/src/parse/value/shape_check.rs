//! Checks of a value's shape, where rustc's error would not say what to write instead.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{Expr, Lit, LitInt, UnOp};

use super::{Key, NONE_WORDS, level, quantity, single_ident, text as written_text};
use crate::errors::Errors;
use crate::names::ident_text;
use crate::settings::{RELEASE, Shape};

/// An error message, and what to write instead.
pub(super) type Mistake = (String, String);

/// Words for `infinity` elsewhere.
const NO_LIMIT: [&str; 6] = [
    "infinity",
    "infinite",
    "unlimited",
    "max",
    "forever",
    "never",
];

/// Returns whether `value` may have this `shape`; reports it if not.
pub(super) fn check_shape(shape: Shape, value: &Expr, key: Key<'_>, errors: &mut Errors) -> bool {
    let mistake = match (shape, value) {
        // It finds the place in the expression.
        (Shape::Level, value) if level::report_level_in_expression(value, &key.name(), errors) => {
            return false;
        }
        // Its own parser reports every mistake.
        (Shape::MentionWhen, _) => None,
        (_, Expr::Lit(literal)) => literal_mistake(shape, &literal.lit, key),
        _ => expression_mistake(shape, value, key),
    };
    if let Some((wrong, help)) = mistake {
        errors.push(value, wrong, help);
        return false;
    }
    true
}

/// Reports `8 kB` or `100 ms`, which are two tokens; returns whether it did.
pub(super) fn report_unquoted_quantity(
    input: ParseStream<'_>,
    shape: Shape,
    key: Key<'_>,
    errors: &mut Errors,
) -> bool {
    let ahead = input.fork();
    let (Ok(number), Ok(unit)) = (ahead.parse::<LitInt>(), ahead.parse::<Ident>()) else {
        return false;
    };
    let quantity = format!("{}{unit}", number.base10_digits());
    let Some((wrong, help)) = quantity_mistake(shape, &quantity, key) else {
        return false;
    };
    let mut tokens = number.to_token_stream();
    unit.to_tokens(&mut tokens);
    errors.push(tokens, wrong, help);
    input.advance_to(&ahead);
    true
}

/// Returns a description of the values that the setting takes.
fn describe_shape(shape: Shape) -> &'static str {
    match shape {
        Shape::Level => "the name of a level",
        Shape::Text => "text in quotes",
        Shape::Count => "a whole number",
        Shape::Size => "a size in quotes, or a whole number of bytes",
        Shape::Limit => "a size in quotes, a whole number of bytes, or `infinity`",
        Shape::Flag => "`true` or `false`",
        Shape::Directory => "a directory in quotes, or `true`",
        Shape::Duration => "a duration in quotes, or a `Duration`",
        Shape::Format => "a template in quotes or a function",
        Shape::MentionWhen => "`New` or `Always`",
        Shape::Steps => "durations in brackets, or `off`",
        Shape::Fleet => "`Redis`, or a broker of your own, with its options in braces",
        Shape::Trail => "a number of events, or its parts in braces",
        Shape::Adapters
        | Shape::Metadata
        | Shape::Rules
        | Shape::Fingerprints
        | Shape::Links
        | Shape::Notices
        | Shape::Mask
        | Shape::Scrub => "a list in brackets",
    }
}

fn literal_mistake(shape: Shape, literal: &Lit, key: Key<'_>) -> Option<Mistake> {
    let name = &*key.name();
    let like = key.help();
    let wrong = format!("`{name}` takes {}", describe_shape(shape));
    match (shape, literal) {
        (Shape::Level, Lit::Str(text)) => Some(level::quoted_mistake(&text.value(), name)),
        (Shape::Count | Shape::Size | Shape::Limit, Lit::Int(number)) => {
            if !matches!(number.suffix(), "" | "usize") {
                let quantity = format!("{}{}", number.base10_digits(), number.suffix());
                quantity_mistake(shape, &quantity, key)
            } else if number.base10_parse::<u64>().is_err() {
                Some(("this number is too large".to_owned(), like))
            } else {
                None
            }
        }
        (Shape::Duration, Lit::Int(number)) => {
            let quantity = format!("{}{}", number.base10_digits(), number.suffix());
            quantity_mistake(shape, &quantity, key).or(Some((wrong, like)))
        }
        (Shape::Trail, Lit::Int(number)) => {
            let quantity = format!("{}{}", number.base10_digits(), number.suffix());
            quantity_mistake(shape, &quantity, key)
        }
        (Shape::Count, Lit::Str(text)) => {
            quantity_mistake(shape, &text.value(), key).or(Some((wrong, like)))
        }
        (Shape::Duration | Shape::Size | Shape::Limit, Lit::Str(text)) => {
            let text = text.value();
            let is_no_limit = NO_LIMIT.contains(&text.to_lowercase().as_str());
            (is_no_limit && (shape, text.as_str()) != (Shape::Limit, "infinity")).then(|| {
                match shape {
                    Shape::Limit => (wrong, format!("write `{name}: infinity`")),
                    _ => (wrong, like),
                }
            })
        }
        (Shape::Directory, Lit::Str(text)) if ["true", "false"].contains(&&*text.value()) => {
            Some((wrong, format!("write `{name}: {}`", text.value())))
        }
        (Shape::Directory, Lit::Str(text)) if is_size_with_unit(&text.value()) => {
            Some((wrong, like))
        }
        (Shape::Text | Shape::Directory, Lit::Str(text)) => {
            written_text::shell_mistake(&text.value(), shape, &like)
        }
        (Shape::Format, Lit::Str(_)) | (Shape::Flag | Shape::Directory, Lit::Bool(_)) => None,
        (Shape::Text, Lit::Bool(_)) => Some((wrong, without(name, like))),
        (Shape::Text, literal) => {
            let help = written_text::quote_literal(literal)
                .map_or(like, |text| format!("write `{name}: {text}`"));
            Some((wrong, help))
        }
        _ => Some((wrong, like)),
    }
}

/// Returns what is wrong with a quantity without quotes, if this is one.
fn quantity_mistake(shape: Shape, quantity: &str, key: Key<'_>) -> Option<Mistake> {
    let end = quantity.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = quantity.split_at(end);
    if number.is_empty() {
        return None;
    }
    let wrong = format!("`{key}` takes {}", describe_shape(shape));
    let value = match shape {
        Shape::Duration => match quantity::parse_duration(quantity) {
            Some(_) => format!("{quantity:?}"),
            None => key.example.to_owned(),
        },
        // A suffix of a Rust literal, as in `8192u32`.
        Shape::Size | Shape::Limit if unit.starts_with(['i', 'u']) => number.to_owned(),
        Shape::Size | Shape::Limit => quantity::suggest_size(quantity)
            .map_or(key.example.to_owned(), |meant| format!("{meant:?}")),
        _ => number.to_owned(),
    };
    Some((wrong, format!("write `{key}: {value}`")))
}

fn expression_mistake(shape: Shape, value: &Expr, key: Key<'_>) -> Option<Mistake> {
    let (name, example) = (&*key.name(), key.example);
    let like = key.help();
    let wrong = format!("`{name}` takes {}", describe_shape(shape));
    let word = single_ident(value).map(ident_text);
    let is_one_of = |words: &[&str]| word.as_deref().is_some_and(|word| words.contains(&word));
    if let Expr::Call(call) = value
        && matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Some"))
    {
        let help = match call.args.first() {
            Some(Expr::Lit(inside)) => {
                format!("write `{name}: {}`", inside.to_token_stream())
            }
            _ => like,
        };
        return Some(("a value is written without `Some`".to_owned(), help));
    }
    match (shape, value) {
        (
            Shape::Flag | Shape::Count | Shape::Size | Shape::Limit | Shape::Duration,
            Expr::Array(_) | Expr::Tuple(_) | Expr::Range(_) | Expr::Closure(_),
        ) => Some((wrong, like)),
        (Shape::Trail, Expr::Tuple(_) | Expr::Range(_)) => {
            let help = format!(
                "write `{name}: {example}`, or `{name}: {{ events: {example}, level: DEBUG }}`"
            );
            Some((wrong, help))
        }
        (Shape::Flag, _) => {
            let word = word.as_deref()?;
            match parse_bool_word(word) {
                Some(truth) => Some((wrong, format!("write `{name}: {truth}`"))),
                None => NONE_WORDS
                    .contains(&word)
                    .then(|| (wrong, "remove it to keep the default".to_owned())),
            }
        }
        (Shape::Directory, Expr::Array(_)) => Some((wrong, like)),
        (Shape::Trail, Expr::Struct(_)) => {
            let help = format!("write `{name}: {example}`, or `{name}: {{ events: {example} }}`");
            Some((wrong, help))
        }
        (Shape::Trail, _) if word.as_deref().and_then(parse_bool_word) == Some(true) => {
            Some((wrong, like))
        }
        (Shape::Duration, value) if is_arithmetic(value) => Some((wrong, like)),
        (Shape::Count | Shape::Size | Shape::Limit | Shape::Duration, value)
            if is_call_on_number(value) =>
        {
            Some((wrong, like))
        }
        (Shape::Directory, value) if !is_one_of(&NONE_WORDS) => {
            match word.as_deref().and_then(parse_bool_word) {
                Some(truth) => Some((wrong, format!("write `{name}: {truth}`"))),
                None => written_text::text_mistake(value, name, &like),
            }
        }
        (Shape::Limit, value) if is_infinity_word(value) || is_one_of(&["None", "none"]) => {
            (!is_one_of(&["infinity"])).then(|| (wrong, format!("write `{name}: infinity`")))
        }
        (Shape::Count | Shape::Size | Shape::Duration, value) if is_infinity_word(value) => {
            Some((wrong, like))
        }
        (Shape::Level, _) => None,
        _ if is_one_of(&NONE_WORDS) => {
            let help = without(name, "remove it to keep the default".to_owned());
            Some((wrong, help))
        }
        (Shape::Text, value) => written_text::text_mistake(value, name, &like),
        (Shape::Format, value) => format_mistake(value, wrong, name, like),
        (Shape::Count | Shape::Size | Shape::Limit, Expr::Unary(unary))
            if matches!(unary.op, UnOp::Neg(_)) =>
        {
            let help = match shape {
                Shape::Limit => format!("write `{name}: {example}`, or `infinity`"),
                _ => "write zero or a positive number".to_owned(),
            };
            Some((format!("`{name}` cannot be negative"), help))
        }
        _ => None,
    }
}

/// Returns what to write for no value: the empty release, or for other settings the default.
fn without(name: &str, otherwise: String) -> String {
    if name == RELEASE {
        format!("write `{name}: \"\"`, which shows none")
    } else {
        otherwise
    }
}

fn format_mistake(value: &Expr, wrong: String, name: &str, like: String) -> Option<Mistake> {
    match value {
        Expr::Macro(_) => {
            let wrong =
                "a template is text in quotes, because it is parsed when the program is compiled";
            Some((wrong.to_owned(), like))
        }
        Expr::Array(_) | Expr::Tuple(_) => Some((wrong, like)),
        Expr::Path(_)
            if single_ident(value).is_some_and(|word| LAYOUTS.contains(&&*ident_text(word))) =>
        {
            Some((wrong, like))
        }
        Expr::Call(call) if call.args.is_empty() => {
            let function = call.func.to_token_stream().to_string().replace(' ', "");
            let wrong = "the function is named here and not called".to_owned();
            Some((wrong, format!("write `{name}: {function}`")))
        }
        _ => None,
    }
}

/// Names for the layout of a log line elsewhere. In lower case it may be a function of the program.
const LAYOUTS: [&str; 5] = ["Compact", "Full", "JSON", "Json", "Pretty"];

/// Returns whether this is `16 MiB`, and not a directory named by a number.
fn is_size_with_unit(text: &str) -> bool {
    text.ends_with(char::is_alphabetic) && quantity::parse_size(text).is_some()
}

/// Returns the meaning of `yes` and the like.
fn parse_bool_word(word: &str) -> Option<bool> {
    match word.to_lowercase().as_str() {
        "yes" | "on" | "true" | "utc" => Some(true),
        "no" | "off" | "false" | "local" => Some(false),
        _ => None,
    }
}

/// Returns whether this is `6 * 60 * 60`.
fn is_arithmetic(value: &Expr) -> bool {
    match value {
        Expr::Binary(value) => is_arithmetic(&value.left) && is_arithmetic(&value.right),
        Expr::Paren(value) => is_arithmetic(&value.expr),
        Expr::Lit(literal) => matches!(literal.lit, Lit::Int(_) | Lit::Float(_)),
        _ => false,
    }
}

/// Returns whether this is `100.millis()` or `5.minutes`.
fn is_call_on_number(value: &Expr) -> bool {
    let receiver = match value {
        Expr::MethodCall(call) => &call.receiver,
        Expr::Field(field) => &field.base,
        _ => return false,
    };
    matches!(&**receiver, Expr::Lit(number) if matches!(number.lit, Lit::Int(_) | Lit::Float(_)))
}

/// Returns whether this is a word for `infinity`, or `f64::INFINITY`.
fn is_infinity_word(value: &Expr) -> bool {
    let Expr::Path(path) = value else {
        return false;
    };
    let last = path
        .path
        .segments
        .last()
        .map(|last| ident_text(&last.ident));
    let alone = path.path.segments.len() == 1;
    last.is_some_and(|last| {
        last == "INFINITY" || (alone && NO_LIMIT.contains(&last.to_lowercase().as_str()))
    })
}
