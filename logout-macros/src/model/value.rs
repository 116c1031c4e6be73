//! The values of settings as constant expressions.

use std::time::Duration;

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, Lit, LitStr};

use crate::ast::{Link, LinkPiece, Rule, Step, Trail, Value};
use crate::names::generated_ident;
use crate::settings::COMMIT_VARIABLES;
use crate::template::Segment;

/// Returns a constant expression of the type that the setter takes.
pub(super) fn value_tokens(value: Value, library: &TokenStream) -> TokenStream {
    let private = quote!(#library::__private);
    match value {
        Value::Level(name) => quote!(#private::LevelFilter::#name),
        Value::Constant(value) => value.into_token_stream(),
        Value::Duration(span, literal) => duration(span, &literal, &private),
        Value::Size(bytes, literal) => {
            let mut bytes = Literal::u64_unsuffixed(bytes);
            bytes.set_span(literal.span());
            bytes.into_token_stream()
        }
        Value::Infinity => quote!(#private::primitive::usize::MAX),
        Value::Template(segments) => {
            let segments = segments.iter().map(|segment| match segment {
                Segment::Text(text) => quote!(#private::Segment::Text(#text)),
                Segment::Word(variant) => {
                    let variant = generated_ident(variant);
                    quote!(#private::Segment::#variant)
                }
            });
            quote!(#private::Format::Template(&[#(#segments),*]))
        }
        Value::Function(function) => quote!(#private::Format::Function(#function)),
        Value::All => quote!(#private::Metadata::All),
        Value::Names(names) => quote!(&[#(#names),*]),
        Value::Fields(fields) => quote!(#private::Metadata::Only(&[#(#fields),*])),
        Value::Rules(rules) => {
            let rules = rules
                .iter()
                .map(|Rule { key, value }| quote!(#private::Rule { key: #key, value: #value }));
            quote!(const { &[#(#rules),*] })
        }
        Value::Links(links) => {
            let links = links.into_iter().map(|Link { name, pieces }| {
                let pieces = pieces.iter().map(|piece| link_piece(piece, &private));
                quote!(#private::Link { name: #name, pieces: const { &[#(#pieces),*] } })
            });
            quote!(#private::links(const { &[#(#links),*] }))
        }
        Value::Trail(Trail { events, parts }) => {
            let events = events.map_or_else(
                || quote!(#private::TRAIL_EVENTS),
                ToTokens::into_token_stream,
            );
            let parts = parts.into_iter().map(|(name, part)| {
                let part = value_tokens(part, library);
                quote!(.#name(#part))
            });
            quote!(#private::Trail::new(#events) #(#parts)*)
        }
        Value::Fleet(fleet) => {
            let settings = fleet.settings.into_iter().map(|(name, value)| {
                let value = value_tokens(value, library);
                quote!(.#name(#value))
            });
            quote!(#private::Fleet::defaults() #(#settings)*)
        }
        Value::Steps(steps) => {
            let steps = steps.into_iter().map(|step| match step {
                Step::Known(span, literal) => duration(span, &literal, &private),
                Step::Constant(value) => value.into_token_stream(),
            });
            quote!(const { &[#(#steps),*] })
        }
        Value::Notices(names) => quote!(&[#(#private::NoticeOf::#names),*]),
        Value::Directory(value) => match &value {
            Expr::Lit(literal) if matches!(&literal.lit, Lit::Bool(known) if known.value) => {
                quote!(#private::Spool::Standard)
            }
            Expr::Lit(literal) if matches!(&literal.lit, Lit::Bool(_)) => {
                quote!(#private::Spool::Off)
            }
            _ => quote!(#private::Spool::Directory(#value)),
        },
        Value::MentionWhen(name) => quote!(#private::MentionWhen::#name),
        Value::Scrubbers(scrubbers) => {
            let scrubbers = scrubbers.iter().map(|function| match function {
                Some(function) => quote!(#private::Scrub::Function(#function)),
                None => quote!(#private::Scrub::Default),
            });
            quote!(const { &[#(#scrubbers),*] })
        }
        Value::Fingerprints(fingerprints) => quote!(const { &[#(#fingerprints),*] }),
    }
}

fn duration(span: Duration, literal: &LitStr, private: &TokenStream) -> TokenStream {
    let (seconds, nanoseconds) = (span.as_secs(), span.subsec_nanos());
    quote_spanned!(literal.span()=> #private::Duration::new(#seconds, #nanoseconds))
}

fn link_piece(piece: &LinkPiece, private: &TokenStream) -> TokenStream {
    match piece {
        LinkPiece::Text(text) => quote!(#private::LinkPiece::Text(#text)),
        LinkPiece::Field(name) => quote!(#private::LinkPiece::Field(#name)),
        LinkPiece::Word(variant) => {
            let variant = generated_ident(variant);
            quote!(#private::LinkPiece::#variant)
        }
        LinkPiece::Commit => {
            let variables = COMMIT_VARIABLES.map(|name| quote!(#private::option_env!(#name)));
            quote!(#private::commit(&[#(#variables),*]))
        }
    }
}
