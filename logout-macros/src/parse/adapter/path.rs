//! The type of an adapter.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use strsim::osa_distance;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{AngleBracketedGenericArguments, GenericArgument, LitStr, Token, TypePath};

use super::foreign_syntax;
use crate::ast::AdapterPath;
use crate::built_in;
use crate::errors::Errors;
use crate::names::{generated_ident_at, ident_text, is_identifier, nearest, to_camel_case};
use crate::parse::list::skip_to_comma;
use crate::parse::{next_span, skip_token};

/// The types that come with `logout`, for suggestions.
#[rustfmt::skip]
const WORDS: [&str; 11] = [
    "slack", "discord", "telegram", "zulip", "slack_bot", "teams", "mattermost", "google_chat",
    "ntfy", "pager_duty", "webhook",
];

/// The error for `Slack::new(…)` and `new Slack`.
const CONSTRUCTED: &str = "an adapter is declared by its type, and logout constructs it";

/// A path that is being parsed.
#[derive(Default)]
struct PartialPath {
    tokens: TokenStream,
    /// The path for a link in documentation.
    link: String,
    /// Whether documentation cannot link to it.
    unlinked: bool,
    /// The segment read last.
    last: Option<Ident>,
}

impl PartialPath {
    fn push(&mut self, segment: Ident) {
        let word = segment.to_string();
        self.unlinked |= word == "$crate";
        self.link.push_str(&word);
        segment.to_tokens(&mut self.tokens);
        self.last = Some(segment);
    }

    fn push_separator(&mut self, colons: impl ToTokens) {
        colons.to_tokens(&mut self.tokens);
        self.link.push_str("::");
    }

    fn finish(self) -> Option<AdapterPath> {
        Some(AdapterPath {
            tokens: self.tokens,
            last: self.last?,
            link: (!self.unlinked).then_some(self.link),
            incomplete: false,
        })
    }

    /// Ends a path after its `::` in such a way that an editor can complete it: the end has the
    /// span of the missing name.
    fn finish_incomplete(mut self, at: Span, errors: &mut Errors) -> AdapterPath {
        let typed = self.tokens.to_string().replace(' ', "");
        let wrong = format!("expected a name after `{typed}`");
        errors.push(
            &self.tokens,
            wrong,
            "write the type of the adapter after it",
        );
        let last = generated_ident_at("Missing", at);
        last.to_tokens(&mut self.tokens);
        AdapterPath {
            tokens: self.tokens,
            last,
            link: None,
            incomplete: true,
        }
    }
}

/// Parses the adapter's type. A reported mistake gives `None`, or an error if the rest of the entry
/// is useless.
pub(super) fn parse_path(
    input: ParseStream<'_>,
    name: Option<&Ident>,
    errors: &mut Errors,
) -> Result<Option<AdapterPath>, ()> {
    let at = next_span(input);
    require_adapter(input, name, errors)?;
    reject_quotes(input, errors)?;
    foreign_syntax::reject_shape(input, name, errors)?;
    if input.peek(Token![<]) {
        return parse_qualified(input)
            .map(Some)
            .ok_or_else(|| report_no_path(at, errors));
    }
    let mut typed = PartialPath::default();
    loop {
        if let Ok(colons) = input.parse::<Token![::]>() {
            if input.peek(Token![<]) {
                colons.to_tokens(&mut typed.tokens);
                parse_generics(input, &mut typed.tokens, errors)?;
                continue;
            }
            typed.push_separator(colons);
            if !input.peek(Ident::peek_any) {
                return Ok(Some(typed.finish_incomplete(at, errors)));
            }
        } else if typed.last.is_some() {
            break;
        }
        let segment = input
            .call(Ident::parse_any)
            .map_err(|_| report_no_path(at, errors))?;
        let word = segment.to_string();
        if word == "new" && input.peek(syn::Ident) {
            errors.push(segment, CONSTRUCTED, "remove the word");
            continue;
        }
        check_segment(input, &segment, &typed, errors)?;
        foreign_syntax::reject_wrapper(input, &segment, errors)?;
        typed.push(segment);
        if input.peek(Token![<]) {
            parse_generics(input, &mut typed.tokens, errors)?;
        }
        if skip_wrong_separator(input, &typed.tokens, &word, errors)? {
            typed.push_separator(quote!(::));
            typed.last = None;
        } else if !input.peek(Token![::]) {
            break;
        }
    }
    typed.finish().map(Some).ok_or(())
}

/// Reports an entry without its adapter.
fn require_adapter(
    input: ParseStream<'_>,
    name: Option<&Ident>,
    errors: &mut Errors,
) -> Result<(), ()> {
    if !input.is_empty() && !input.peek(Token![,]) && !input.peek(Token![;]) {
        return Ok(());
    }
    match name {
        Some(name) => errors.push(
            name,
            format!("instance `{}` needs an adapter", ident_text(name)),
            format!("write `{}: Slack`", ident_text(name)),
        ),
        None => errors.push_at(
            next_span(input),
            "expected an adapter",
            "write `Slack`, or `ops: Slack { … }`",
        ),
    }
    Err(())
}

/// Reports `"slack"`.
fn reject_quotes(input: ParseStream<'_>, errors: &mut Errors) -> Result<(), ()> {
    if let Some((text, known)) = suggest_quoted(input) {
        let help = format!("write `{}`", to_camel_case(known));
        errors.push(text, "an adapter is written as its type", help);
        return Err(());
    }
    Ok(())
}

/// Returns the text that comes next, and the adapter that is meant.
pub(super) fn suggest_quoted(input: ParseStream<'_>) -> Option<(LitStr, &'static str)> {
    let text: LitStr = input.fork().parse().ok()?;
    let known = nearest(&text.value(), WORDS)?;
    Some((text, known))
}

/// Reports a word that cannot be in the path of an adapter's type.
fn check_segment(
    input: ParseStream<'_>,
    segment: &Ident,
    before: &PartialPath,
    errors: &mut Errors,
) -> Result<(), ()> {
    let word = segment.to_string();
    if matches!(word.as_str(), "dyn" | "impl" | "fn" | "str") {
        let wrong = "an adapter is a concrete type";
        errors.push(segment, wrong, foreign_syntax::OWN_TYPE_HELP);
    } else if before.tokens.is_empty()
        && !input.peek(Token![::])
        && let Some(known) = suggest_built_in(&word)
    {
        let wrong = "an adapter is written as its type";
        errors.push(segment, wrong, format!("write `{}`", to_camel_case(known)));
    } else if !is_identifier(&word) && !is_path_keyword(&word) {
        report_keyword(input, segment, errors);
    } else if let Some(adapter) = &before.last
        && input.peek(syn::token::Paren)
        && word.starts_with(char::is_lowercase)
    {
        if foreign_syntax::reject_wrapping(input, adapter, errors) {
            return Err(());
        }
        let adapter = before.link.trim_end_matches("::");
        errors.push(segment, CONSTRUCTED, format!("write `{adapter} {{ … }}`"));
    } else {
        return Ok(());
    }
    Err(())
}

/// Skips and reports `:` or `.` in place of `::`.
fn skip_wrong_separator(
    input: ParseStream<'_>,
    before: &TokenStream,
    last: &str,
    errors: &mut Errors,
) -> Result<bool, ()> {
    let ahead = input.fork();
    let sign = ahead.parse::<Token![.]>().is_ok()
        || (!ahead.peek(Token![::]) && ahead.parse::<Token![:]>().is_ok());
    let Some(next) = sign.then(|| ahead.call(Ident::parse_any).ok()).flatten() else {
        return Ok(false);
    };
    let before = before.to_string().replace(' ', "");
    let at = next_span(input);
    if ahead.peek(syn::token::Paren) {
        let wrong = "options go in braces after the type of the adapter";
        errors.push_at(
            at,
            wrong,
            format!("write `{before} {{ {}: … }}`", ident_text(&next)),
        );
        return Err(());
    }
    let next_text = ident_text(&next);
    if last.starts_with(char::is_uppercase) {
        if !input.peek(Token![.]) || !next_text.starts_with(char::is_uppercase) {
            return Ok(false);
        }
        // Elixir writes `LogOut.Slack`.
        let help = if is_built_in(&next_text) {
            format!("write `{next_text}`")
        } else {
            format!("write `{before}::{next_text}`")
        };
        errors.push_at(at, "the parts of a path are separated by `::`", help);
        return Err(());
    }
    let help = format!("write `{before}::{}`", ident_text(&next));
    errors.push_at(at, "the parts of a path are separated by `::`", help);
    skip_token(input);
    Ok(true)
}

/// Returns whether this is the type of an adapter that comes with `logout`.
pub(in crate::parse) fn is_built_in(name: &str) -> bool {
    built_in::find(name).is_some()
}

/// Returns the adapter of `logout` that is meant, if `word` does not look like a type.
fn suggest_built_in(word: &str) -> Option<&'static str> {
    WORDS.into_iter().find(|known| {
        word.starts_with(char::is_lowercase) && osa_distance(word, known) <= known.len() / 5
    })
}

fn is_path_keyword(word: &str) -> bool {
    matches!(word, "crate" | "self" | "super" | "$crate")
}

/// Reports a keyword that cannot begin a path.
fn report_keyword(input: ParseStream<'_>, word: &Ident, errors: &mut Errors) {
    if matches!(ident_text(word).as_str(), "if" | "match") {
        errors.push(word, LEFT_OUT, LEFT_OUT_HELP);
        return skip_to_comma(input);
    }
    let wrong = format!("`{word}` cannot begin the path of an adapter");
    errors.push(word, wrong, "write `Slack`, or `ops: Slack { … }`");
}

fn report_no_path(at: Span, errors: &mut Errors) {
    let help = "write `Slack`, or `ops: Slack { … }`";
    errors.push_at(at, "expected the type of an adapter", help);
}

/// The error for a condition on an adapter.
pub(super) const LEFT_OUT: &str = "an adapter is left out by an attribute";
pub(super) const LEFT_OUT_HELP: &str = "write `#[cfg(debug_assertions)] Slack`";

/// Parses `<Alerts as Chosen>::Adapter`.
fn parse_qualified(input: ParseStream<'_>) -> Option<AdapterPath> {
    let path: TypePath = input.parse().ok()?;
    Some(AdapterPath {
        last: path.path.segments.last()?.ident.clone(),
        tokens: path.into_token_stream(),
        link: None,
        incomplete: false,
    })
}

/// Parses `<u8>`; a mistake is reported and gives an error.
fn parse_generics(
    input: ParseStream<'_>,
    tokens: &mut TokenStream,
    errors: &mut Errors,
) -> Result<(), ()> {
    let ahead = input.fork();
    let arguments: syn::Result<AngleBracketedGenericArguments> = ahead.parse();
    if let Ok(arguments) = arguments {
        input.advance_to(&ahead);
        let lifetime = arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::Lifetime(lifetime) if lifetime.ident != "static" => Some(lifetime),
            _ => None,
        });
        if let Some(lifetime) = lifetime {
            let wrong = "an adapter cannot borrow, because it lives as long as the program";
            errors.push(lifetime, wrong, "write `'static`");
            return Err(());
        }
        arguments.to_tokens(tokens);
        return Ok(());
    }
    let help = "close them with `>`, or remove them";
    errors.push_at(
        next_span(input),
        "these type parameters are incomplete",
        help,
    );
    Err(())
}
