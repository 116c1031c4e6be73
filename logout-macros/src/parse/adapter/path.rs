//! The type of an adapter.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use strsim::osa_distance;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative as _;
use syn::{AngleBracketedGenericArguments, LitStr, Token, TypePath};

use crate::ast::AdapterPath;
use crate::errors::Errors;
use crate::names::{camel, invented_at, is_identifier, nearest, text};
use crate::parse::list::skip_to_comma;
use crate::parse::{next_span, skip_one};

/// The types that come with `logout`, as somebody might misspell them.
const BUILT_IN: [&str; 4] = ["slack", "discord", "telegram", "zulip"];

/// What is wrong with `Slack::new(…)` and `new Slack`.
const CONSTRUCTED: &str = "an adapter is declared by its type, and logout makes it";

/// What of a path has been read.
#[derive(Default)]
struct Typed {
    tokens: TokenStream,
    /// The path as documentation links to it.
    link: String,
    /// Whether documentation cannot link to it.
    unlinked: bool,
    /// The segment read last, which may be its end.
    last: Option<Ident>,
}

impl Typed {
    fn push(&mut self, segment: Ident) {
        let word = segment.to_string();
        self.unlinked |= word == "$crate";
        self.link.push_str(&word);
        segment.to_tokens(&mut self.tokens);
        self.last = Some(segment);
    }

    fn separate(&mut self, colons: impl ToTokens) {
        colons.to_tokens(&mut self.tokens);
        self.link.push_str("::");
    }

    fn finish(self) -> Option<AdapterPath> {
        Some(AdapterPath {
            tokens: self.tokens,
            last: self.last?,
            link: (!self.unlinked).then_some(self.link),
            half: false,
        })
    }

    /// Ends a path after its `::`, so that an editor still finds it: that looks for the end where
    /// the missing name will be.
    fn finish_half(mut self, at: Span, errors: &mut Errors) -> AdapterPath {
        let typed = self.tokens.to_string().replace(' ', "");
        let wrong = format!("expected a name after `{typed}`");
        errors.at(&self.tokens, wrong, "write the adapter's type behind it");
        let last = invented_at("Missing", at);
        last.to_tokens(&mut self.tokens);
        AdapterPath {
            tokens: self.tokens,
            last,
            link: None,
            half: true,
        }
    }
}

/// Reads the adapter's type. Nothing, or an error where the rest of the entry is of no use, after a
/// mistake, which is reported.
pub(super) fn path(
    input: ParseStream<'_>,
    name: Option<&Ident>,
    errors: &mut Errors,
) -> Result<Option<AdapterPath>, ()> {
    let at = next_span(input);
    something(input, name, errors)?;
    no_quotes(input, errors)?;
    if input.peek(Token![<]) {
        return qualified(input)
            .map(Some)
            .ok_or_else(|| not_a_path(at, errors));
    }
    let mut typed = Typed::default();
    loop {
        if let Ok(colons) = input.parse::<Token![::]>() {
            if input.peek(Token![<]) {
                colons.to_tokens(&mut typed.tokens);
                generics(input, &mut typed.tokens, errors)?;
                continue;
            }
            typed.separate(colons);
            if !input.peek(Ident::peek_any) {
                return Ok(Some(typed.finish_half(at, errors)));
            }
        } else if typed.last.is_some() {
            break;
        }
        let segment = input
            .call(Ident::parse_any)
            .map_err(|_| not_a_path(at, errors))?;
        let word = segment.to_string();
        if word == "new" && input.peek(syn::Ident) {
            errors.at(segment, CONSTRUCTED, "remove the word");
            continue;
        }
        of_a_type(input, &segment, &typed, errors)?;
        typed.push(segment);
        if input.peek(Token![<]) {
            generics(input, &mut typed.tokens, errors)?;
        }
        if separated(input, &typed.tokens, &word, errors)? {
            typed.separate(quote!(::));
            typed.last = None;
        } else if !input.peek(Token![::]) {
            break;
        }
    }
    typed.finish().map(Some).ok_or(())
}

/// Reports an entry that ends before its adapter.
fn something(input: ParseStream<'_>, name: Option<&Ident>, errors: &mut Errors) -> Result<(), ()> {
    if !input.is_empty() && !input.peek(Token![,]) && !input.peek(Token![;]) {
        return Ok(());
    }
    match name {
        Some(name) => errors.at(
            name,
            format!("instance `{}` needs an adapter", text(name)),
            format!("write `{}: Slack`", text(name)),
        ),
        None => errors.span(
            next_span(input),
            "expected an adapter",
            "write `Slack`, or `ops: Slack { … }`",
        ),
    }
    Err(())
}

/// Reports `"slack"`.
fn no_quotes(input: ParseStream<'_>, errors: &mut Errors) -> Result<(), ()> {
    if let Ok(text) = input.fork().parse::<LitStr>()
        && let Some(known) = nearest(&text.value(), BUILT_IN)
    {
        let help = format!("write `{}`", camel(known));
        errors.at(text, "an adapter is written as its type", help);
        return Err(());
    }
    Ok(())
}

/// Reports a word that no adapter's type has in its path.
fn of_a_type(
    input: ParseStream<'_>,
    segment: &Ident,
    before: &Typed,
    errors: &mut Errors,
) -> Result<(), ()> {
    let word = segment.to_string();
    if matches!(word.as_str(), "dyn" | "impl" | "fn" | "str") {
        let wrong = format!("`{word}` begins no type of a size that is known");
        let help = "write the path of a struct that implements `Adapter`";
        errors.at(segment, wrong, help);
    } else if before.tokens.is_empty()
        && !input.peek(Token![::])
        && let Some(known) = in_lower_case(&word)
    {
        let wrong = "an adapter is written as its type";
        errors.at(segment, wrong, format!("write `{}`", camel(known)));
    } else if !is_identifier(&word) && !is_path_keyword(&word) {
        keyword(input, segment, errors);
    } else if before.last.is_some()
        && input.peek(syn::token::Paren)
        && word.starts_with(char::is_lowercase)
    {
        let adapter = before.link.trim_end_matches("::");
        errors.at(segment, CONSTRUCTED, format!("write `{adapter} {{ … }}`"));
    } else {
        return Ok(());
    }
    Err(())
}

/// Passes over `:` or `.` where the parts of a path are separated by `::`; reports it.
fn separated(
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
        let wrong = "an adapter's options stand in braces behind its type";
        errors.span(
            at,
            wrong,
            format!("write `{before} {{ {}: … }}`", text(&next)),
        );
        return Err(());
    }
    if last.starts_with(char::is_uppercase) {
        return Ok(false);
    }
    let help = format!("write `{before}::{}`", text(&next));
    errors.span(at, "the parts of a path are separated by `::`", help);
    skip_one(input);
    Ok(true)
}

/// Whether this is the type of an adapter that comes with `logout`.
pub(in crate::parse) fn is_built_in(name: &str) -> bool {
    BUILT_IN.iter().any(|known| camel(known) == name)
}

/// Returns the adapter of `logout` that is meant, if `word` is no type by its looks.
fn in_lower_case(word: &str) -> Option<&'static str> {
    BUILT_IN.into_iter().find(|known| {
        word.starts_with(char::is_lowercase) && osa_distance(word, known) <= known.len() / 5
    })
}

fn is_path_keyword(word: &str) -> bool {
    matches!(word, "crate" | "self" | "super" | "$crate")
}

/// Reports a keyword that no path begins with.
fn keyword(input: ParseStream<'_>, word: &Ident, errors: &mut Errors) {
    if matches!(text(word).as_str(), "if" | "match") {
        let wrong = "an adapter is left out by an attribute before it";
        errors.at(word, wrong, "write `#[cfg(debug_assertions)] Slack`");
        return skip_to_comma(input);
    }
    let wrong = format!("`{word}` begins no path of an adapter's type");
    errors.at(word, wrong, "write `Slack`, or `ops: Slack { … }`");
}

fn not_a_path(at: Span, errors: &mut Errors) {
    let help = "write `Slack`, or `ops: Slack { … }`";
    errors.span(at, "expected the path of an adapter's type", help);
}

/// Reads `<Alerts as Chosen>::Adapter`.
fn qualified(input: ParseStream<'_>) -> Option<AdapterPath> {
    let path: TypePath = input.parse().ok()?;
    Some(AdapterPath {
        last: path.path.segments.last()?.ident.clone(),
        tokens: path.into_token_stream(),
        link: None,
        half: false,
    })
}

/// Reads `<u8>`; an error after a mistake, which is reported.
fn generics(
    input: ParseStream<'_>,
    tokens: &mut TokenStream,
    errors: &mut Errors,
) -> Result<(), ()> {
    let ahead = input.fork();
    let arguments: syn::Result<AngleBracketedGenericArguments> = ahead.parse();
    if let Ok(arguments) = arguments {
        input.advance_to(&ahead);
        arguments.to_tokens(tokens);
        return Ok(());
    }
    let help = "close them with `>`, or remove them";
    errors.span(next_span(input), "these parameters are not whole", help);
    Err(())
}
