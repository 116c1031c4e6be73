//! The syntax tree of a block, with spans.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{Attribute, BinOp, Expr, Lit, LitStr, Token, TypePath, Visibility};

use crate::names::ident_text;
use crate::settings::{DEFAULT_ENV_PREFIX, ENV_PREFIX, Setting};
use crate::template::Segment;

/// `attributes visibility struct Name { settings }`
pub(crate) struct Block {
    /// `$crate`, passed on by the library's macro.
    pub(crate) library: TokenStream,
    /// Documentation, `cfg` and lints, for the struct.
    pub(crate) attributes: Vec<Attribute>,
    /// The visibility of what is generated.
    pub(crate) visibility: Visibility,
    /// The word `struct`, so that rustc can point at the head of the block.
    pub(crate) keyword: Token![struct],
    /// The struct's name.
    pub(crate) name: Ident,
    /// The braces after the name.
    pub(crate) braces: Span,
    /// `name: value`, in the order of the source; `adapters` without its value, which is below.
    pub(crate) settings: Vec<Pair>,
    /// The entries of `adapters`.
    pub(crate) instances: Vec<ParsedInstance>,
}

/// A setting, or an option that every adapter has, with its value.
pub(crate) struct Pair {
    /// The name in the block.
    pub(crate) key: Ident,
    /// The setting's description.
    pub(crate) setting: &'static Setting,
    /// `None` if the value is missing or wrong, which has been reported.
    pub(crate) value: Option<Value>,
}

/// The value of a setting.
pub(crate) enum Value {
    /// `WARN`: the name of a level.
    Level(Ident),
    /// An expression whose type rustc checks.
    Constant(Expr),
    /// `"1h"`
    Duration(Duration, LitStr),
    /// `"16 MiB"`, in bytes.
    Size(u64, LitStr),
    /// `infinity`
    Infinity,
    /// The pieces of a `format` template.
    Template(Vec<Segment>),
    /// A function that returns the text.
    Function(Expr),
    /// `metadata: all`
    All,
    /// The names of `metadata: [order, http.status]`.
    Fields(Vec<String>),
    /// The names of fields, of any form.
    Names(Vec<String>),
    /// `[target: "my_app"]`
    Rules(Vec<Rule>),
    /// `scrub: [default, crate::plates]`: `None` for `default`, or a function.
    Scrubbers(Vec<Option<Expr>>),
    /// `mute: ["3fa9c1"]`
    Fingerprints(Vec<Expr>),
    /// `links: [trace: "https://…/{trace_id}"]`
    Links(Vec<Link>),
    /// `fleet: Redis { name: "shop" }`
    Fleet(ParsedFleet),
    /// `trail: { events: 20, level: DEBUG }`
    Trail(Trail),
    /// `remind: ["1m", "5m"]`; empty for `off`.
    Steps(Vec<Step>),
    /// `Always`: the name of a `MentionWhen`.
    MentionWhen(Ident),
    /// `notices: [Crashed]`: the names of `NoticeOf`s.
    Notices(Vec<Ident>),
    /// `true`, or an expression that names a directory.
    Directory(Expr),
}

/// `Redis { name: "shop" }` in `fleet`.
pub(crate) struct ParsedFleet {
    /// The type of the broker.
    pub(crate) broker: TypePath,
    /// The options that every fleet has, by name.
    pub(crate) settings: Vec<(Ident, Value)>,
    /// Options that are fields of the broker.
    pub(crate) options: Vec<ParsedOption>,
}

impl ParsedFleet {
    /// Returns whether the broker is a single name, with or without arguments.
    pub(crate) fn is_bare(&self) -> bool {
        let TypePath { qself, path, .. } = &self.broker;
        qself.is_none() && path.leading_colon.is_none() && path.segments.len() == 1
    }
}

/// The parts of `trail`, with values like those of settings.
#[derive(Default)]
pub(crate) struct Trail {
    pub(crate) events: Option<Expr>,
    /// `level`, `bytes` and `span`, by name.
    pub(crate) parts: Vec<(Ident, Value)>,
}

/// `trace: "https://…/{trace_id}"` in `links`.
pub(crate) struct Link {
    pub(crate) name: String,
    pub(crate) pieces: Vec<LinkPiece>,
}

/// A piece of a link's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LinkPiece {
    /// Text as it stands.
    Text(String),
    /// A variant of `logout`'s `LinkPiece`.
    Word(&'static str),
    /// `{commit}`, which is known at compile time.
    Commit,
    /// A field of the event or of a span.
    Field(String),
}

/// `"5m"` in `remind`, or a constant expression of type `Duration`.
pub(crate) enum Step {
    Known(Duration, LitStr),
    Constant(Expr),
}

/// `target: "my_app"` in `metadata_filter` or `ignore`.
pub(crate) struct Rule {
    /// `target`, `fingerprint`, or the name of a field.
    pub(crate) key: String,
    /// A constant expression of type `&'static str`.
    pub(crate) value: Expr,
}

/// `#[cfg(…)] name: Path { options }`
pub(crate) struct ParsedInstance {
    /// Documentation.
    pub(crate) docs: Vec<Attribute>,
    /// `#[cfg(…)]`
    pub(crate) conditions: Vec<Attribute>,
    /// The name, if the entry gives one.
    pub(crate) name: Option<Ident>,
    /// The adapter's type; `None` if it is missing, which has been reported.
    pub(crate) path: Option<AdapterPath>,
    /// Options that every adapter has.
    pub(crate) settings: Vec<Pair>,
    /// Options that are fields of the adapter.
    pub(crate) options: Vec<ParsedOption>,
}

/// The path of an adapter's type.
pub(crate) struct AdapterPath {
    /// The tokens in the block.
    pub(crate) tokens: TokenStream,
    /// The last segment, which names an instance without a name of its own.
    pub(crate) last: Ident,
    /// The path for a link in documentation, if there can be one.
    pub(crate) link: Option<String>,
    /// Whether the last segment is missing, which has been reported.
    pub(crate) incomplete: bool,
}

impl AdapterPath {
    /// Returns what the type is called; where it is missing, as an example is.
    pub(crate) fn name(path: Option<&Self>) -> String {
        path.map_or_else(|| "Slack".to_owned(), |path| ident_text(&path.last))
    }

    /// Returns whether it is a single name, with or without arguments.
    pub(crate) fn is_bare(&self) -> bool {
        let tokens = self.tokens.clone().into_iter();
        let mut tokens = tokens.map(|token| token.to_string());
        let first = tokens.next();
        let second = tokens.find(|token| token != ":");
        first.is_some_and(|first| first != ":") && second.is_none_or(|second| second == "<")
    }
}

/// `topic: "alerts"`
pub(crate) struct ParsedOption {
    /// The field.
    pub(crate) key: Ident,
    /// The colon after it, or the token in its place.
    pub(crate) colon: Span,
    /// `None` if the value is missing or wrong, which has been reported.
    pub(crate) value: Option<Expr>,
}

impl Value {
    /// Returns the integer, if the value is one, an arithmetic expression, or a size in quotes.
    pub(crate) fn as_integer(&self) -> Option<u64> {
        match self {
            Self::Constant(value) => evaluate_integer(value),
            Self::Size(bytes, _) => Some(*bytes),
            _ => None,
        }
    }

    /// Returns whether the macro knows its value.
    pub(crate) fn is_known(&self) -> bool {
        matches!(self, Self::Duration(..))
            || self.as_integer().is_some()
            || self.literal_text().is_some()
    }

    /// Returns the first and the last span of an expression.
    pub(crate) fn span_ends(&self) -> Option<(Span, Span)> {
        let value = match self {
            Self::Constant(value) => value,
            Self::Steps(steps) => steps.iter().find_map(|step| match step {
                Step::Constant(value) => Some(value),
                Step::Known(..) => None,
            })?,
            _ => return None,
        };
        let mut tokens = value.to_token_stream().into_iter();
        let first = tokens.next()?.span();
        Some((first, tokens.last().map_or(first, |last| last.span())))
    }

    /// Returns the text, if the value is a literal.
    pub(crate) fn literal_text(&self) -> Option<&LitStr> {
        match self {
            Self::Constant(value) => text_literal(value),
            _ => None,
        }
    }

    /// Returns the tokens of a value that the macro checks.
    pub(crate) fn written(&self) -> TokenStream {
        match self {
            Self::Constant(value) => value.to_token_stream(),
            Self::Duration(_, literal) | Self::Size(_, literal) => literal.to_token_stream(),
            _ => TokenStream::new(),
        }
    }
}

/// Returns the text, if the expression is a literal.
pub(crate) fn text_literal(value: &Expr) -> Option<&LitStr> {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Returns whether this is `std::env::var("…")`, with or without method calls.
pub(crate) fn reads_variable(value: &Expr) -> bool {
    match value {
        Expr::MethodCall(call) => {
            let receiver = call.receiver.to_token_stream().to_string();
            ["System", "Application", "os"].contains(&receiver.as_str())
                || reads_variable(&call.receiver)
        }
        Expr::Try(value) => reads_variable(&value.expr),
        Expr::Paren(value) => reads_variable(&value.expr),
        // `process.env.STAGE` and `ENV["STAGE"]`
        Expr::Field(field) => is_environment(&field.base),
        Expr::Index(index) => is_environment(&index.expr) && text_literal(&index.index).is_some(),
        Expr::Call(call) => {
            let function = call.func.to_token_stream().to_string().replace(' ', "");
            function.ends_with("env::var") || function.ends_with("env::var_os")
        }
        _ => false,
    }
}

/// Returns whether this is the environment in another language.
fn is_environment(value: &Expr) -> bool {
    let written = value.to_token_stream().to_string().replace(' ', "");
    ["process.env", "os.environ", "environ", "ENV"].contains(&written.as_str())
}

/// Evaluates `4 * 1024`.
fn evaluate_integer(value: &Expr) -> Option<u64> {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().ok(),
            _ => None,
        },
        Expr::Paren(inner) => evaluate_integer(&inner.expr),
        Expr::Binary(pair) => {
            let (left, right) = (
                evaluate_integer(&pair.left)?,
                evaluate_integer(&pair.right)?,
            );
            match pair.op {
                BinOp::Add(_) => left.checked_add(right),
                BinOp::Sub(_) => left.checked_sub(right),
                BinOp::Mul(_) => left.checked_mul(right),
                BinOp::Div(_) => left.checked_div(right),
                BinOp::Shl(_) => 1_u64
                    .checked_shl(right.try_into().ok()?)
                    .and_then(|factor| left.checked_mul(factor)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Returns the key and the value of the setting of this name, if it has a valid one.
pub(crate) fn value<'a>(pairs: &'a [Pair], name: &str) -> Option<(&'a Ident, &'a Value)> {
    let pair = pairs.iter().find(|pair| pair.setting.name == name)?;
    Some((&pair.key, pair.value.as_ref()?))
}

impl Block {
    /// Returns the key and the value of the setting of this name, if it has a valid one.
    pub(crate) fn value(&self, name: &str) -> Option<(&Ident, &Value)> {
        value(&self.settings, name)
    }

    /// Returns the prefix of the block's variables; `None` if only rustc knows it.
    pub(crate) fn env_prefix(&self) -> Option<String> {
        match self.value(ENV_PREFIX) {
            None => Some(DEFAULT_ENV_PREFIX.to_owned()),
            Some((_, value)) => value.literal_text().map(LitStr::value),
        }
    }

    /// Returns the settings of the block, then those of each instance.
    pub(crate) fn all_settings(&self) -> impl Iterator<Item = &[Pair]> {
        let instances = self.instances.iter();
        std::iter::once(&*self.settings).chain(instances.map(|instance| &*instance.settings))
    }
}
