//! A single error for two blocks of one name in a module, which rustc would report once per item
//! and implementation.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Token;

use crate::errors::Errors;
use crate::model::Model;
use crate::names::{call_site_at, generated_ident_at};

/// Returns `items` as the argument of a macro that is called like the block. Names of macros are
/// resolved before anything else, so with two blocks of one name the first macro answers both calls:
/// its own with the items, the other with the error. `facade` is the place of the keyword
/// that the first item begins with.
pub(crate) fn wrap(model: &Model, items: &TokenStream, facade: Span) -> TokenStream {
    let (conditions, name, block_type) = (&model.conditions, &model.name, &model.block_type);
    let place = source_position(model);
    let guard = generated_ident_at(&format!("__{block_type}"), name.span());
    let mut errors = Errors::default();
    let wrong = format!("this module already has a block named `{block_type}`");
    errors.push(name, wrong, "rename one of the two");
    let twice = errors.into_tokens();
    let head = quote_spanned!(call_site_at(name.span())=> mod #guard);
    let first = first_item(model, &place, facade);
    let mut body = Group::new(
        Delimiter::Brace,
        quote! {
            macro_rules! block {
                (#place { $($items:tt)* } $twice:tt) => { $($items)* };
                ($place:tt $items:tt { $($twice:tt)* }) => { $($twice)* };
            }
            pub(super) use block;
        },
    );
    // So rustc points at the name, and not at the whole block.
    body.set_span(call_site_at(name.span()));
    quote! {
        #first
        #(#conditions)*
        #[doc(hidden)]
        #head #body
        #(#conditions)*
        #guard::block! { #place { #items } { #twice } }
    }
}

/// Returns an unused struct for the case that the block stands where an expression is expected. There
/// rustc points at the first keyword and names the macro it came from. So that keyword has the place
/// of a word of the block, and the macro's name says what to do.
///
/// Nothing else can carry a message: a macro does not know where it is called, and no tokens are
/// both an expression and an item.
fn first_item(model: &Model, place: &str, facade: Span) -> TokenStream {
    let (conditions, block_type, keyword) = (&model.conditions, &model.block_type, &model.keyword);
    let unique = format!("__{block_type}_at_{}", place.replace(':', "_"));
    let name = generated_ident_at(&unique, keyword.span);
    let keyword = Token![struct](facade.located_at(keyword.span));
    let item = quote_spanned!(call_site_at(model.keyword.span)=> #keyword #name;);
    quote! {
        #(#conditions)*
        #[doc(hidden)]
        #[allow(dead_code, non_camel_case_types, reason = "rustc reads it, and nobody else")]
        #item
    }
}

/// Returns line and column of the block's name, which are unique.
fn source_position(model: &Model) -> String {
    if proc_macro::is_available() {
        let span = model.name.span().unwrap();
        format!("{}:{}", span.line(), span.column())
    } else {
        String::new()
    }
}
