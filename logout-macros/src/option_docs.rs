//! The derive macro `OptionDocs`: the documentation of an adapter's fields, for templates.
//!
//! `logout!` sees the path of an adapter and not its fields, and a macro cannot read the source of
//! another item. The derive is on the struct itself and can. It writes an associated constant of
//! the type and names nothing of `logout`, so that it works under whatever name the program gave
//! it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Fields, ItemStruct, LitStr, Meta, Token};

use crate::ast::text_literal;

/// Returns the constant that `logout!` looks for.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let item: ItemStruct = match syn::parse2(input) {
        Ok(item) => item,
        Err(error) => {
            let text = "`OptionDocs` is for structs, whose fields are options";
            return syn::Error::new(error.span(), text).to_compile_error();
        }
    };
    let rename_all = SerdeAttributes::of(&item.attrs).rename_all;
    let fields = match item.fields {
        Fields::Named(fields) => fields.named,
        _ => Punctuated::new(),
    };
    let options = fields.iter().filter_map(|field| {
        let serde = SerdeAttributes::of(&field.attrs);
        let ident = field.ident.as_ref()?.unraw().to_string();
        let name = match serde.rename {
            Some(name) => name,
            None => rename_all
                .as_deref()
                .map_or(ident.clone(), |rule| rename(&ident, rule)),
        };
        let text = first_paragraph(&field.attrs);
        (!serde.is_skipped && !text.is_empty()).then(|| quote!((#name, #text)))
    });
    let (name, generics) = (&item.ident, &item.generics);
    let (parameters, arguments, conditions) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #parameters #name #arguments #conditions {
            #[doc(hidden)]
            #[allow(dead_code, unreachable_pub, reason = "read by the block that names the adapter")]
            pub const __LOGOUT_OPTION_DOCS: &'static [(&'static str, &'static str)] = &[#(#options),*];
        }
    }
}

/// Returns the documentation up to its first blank line, as one line.
fn first_paragraph(attributes: &[Attribute]) -> String {
    let lines = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => {
                text_literal(&pair.value).map(LitStr::value)
            }
            _ => None,
        });
    let text: Vec<_> = lines.collect();
    let text = text.join("\n");
    let lines = text
        .lines()
        .map(str::trim)
        .skip_while(|line| line.is_empty());
    let paragraph: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    without_links(&paragraph.join(" "))
}

/// Returns the text without links: ``[`Url`](crate::Url)`` becomes `` `Url` ``.
fn without_links(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[`") {
        plain.push_str(before);
        let Some((name, after)) = after.split_once("`]") else {
            plain.push_str("[`");
            rest = after;
            continue;
        };
        plain.push_str(&format!("`{name}`"));
        rest = match after
            .strip_prefix('(')
            .and_then(|target| target.split_once(')'))
        {
            Some((_, after)) => after,
            None => after,
        };
    }
    plain.push_str(rest);
    plain
}

/// Serde's attributes about a name.
#[derive(Default)]
struct SerdeAttributes {
    rename: Option<String>,
    rename_all: Option<String>,
    /// Whether the configuration cannot set it.
    is_skipped: bool,
}

impl SerdeAttributes {
    fn of(attributes: &[Attribute]) -> Self {
        let mut serde = Self::default();
        let lists = attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("serde"));
        for entries in lists.filter_map(|attribute| {
            let parser = Punctuated::<RenameAttribute, Token![,]>::parse_terminated;
            attribute.parse_args_with(parser).ok()
        }) {
            for entry in entries {
                serde.read(&entry);
            }
        }
        serde
    }

    fn read(&mut self, entry: &RenameAttribute) {
        let value = || entry.value.as_ref().map(LitStr::value);
        match entry.name.as_str() {
            "rename" => self.rename = value(),
            "rename_all" => self.rename_all = value(),
            "skip" | "skip_deserializing" | "flatten" => self.is_skipped = true,
            _ => {}
        }
    }
}

/// `rename = "type"`, or `rename(deserialize = "type")`.
struct RenameAttribute {
    name: String,
    value: Option<LitStr>,
}

impl Parse for RenameAttribute {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let meta: Meta = input.parse()?;
        let name = meta.path().get_ident().map(ToString::to_string);
        let value = match &meta {
            Meta::NameValue(pair) => text_literal(&pair.value).cloned(),
            Meta::List(list) => {
                let parser = Punctuated::<Self, Token![,]>::parse_terminated;
                let inner = list.parse_args_with(parser).unwrap_or_default();
                let read = inner.into_iter().find(|entry| entry.name == "deserialize");
                read.and_then(|entry| entry.value)
            }
            Meta::Path(_) => None,
        };
        Ok(Self {
            name: name.unwrap_or_default(),
            value,
        })
    }
}

/// Renames a field by serde's rule.
fn rename(field: &str, rule: &str) -> String {
    let camel = || crate::names::to_camel_case(field);
    match rule {
        "UPPERCASE" | "SCREAMING_SNAKE_CASE" => field.to_uppercase(),
        "kebab-case" => field.replace('_', "-"),
        "SCREAMING-KEBAB-CASE" => field.to_uppercase().replace('_', "-"),
        "PascalCase" => camel(),
        "camelCase" => {
            let camel = camel();
            let mut letters = camel.chars();
            let first = letters.next().map(|first| first.to_lowercase().to_string());
            first.unwrap_or_default() + letters.as_str()
        }
        _ => field.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    /// Returns the entries of the constant that is derived for a struct.
    fn pairs(item: proc_macro2::TokenStream) -> String {
        let text = super::derive(item).to_string();
        let (_, list) = text.split_once("= & [").unwrap();
        list.split_once("] ;").unwrap().0.to_owned()
    }

    #[test]
    fn a_field_is_listed_by_the_name_that_serde_reads() {
        let list = pairs(quote! {
            #[serde(rename_all = "camelCase", default)]
            struct Pager<T> {
                /// The team
                /// that is called.
                ///
                /// More of it.
                team_name: String,
                /// Its kind.
                #[serde(rename(deserialize = "type", serialize = "kind"))]
                kind: T,
                #[serde(rename = "plain")]
                undocumented: u8,
                /// Never read.
                #[serde(skip)]
                cache: u8,
            }
        });
        let expected = r#"("teamName" , "The team that is called.") , ("type" , "Its kind.")"#;
        assert_eq!(list, expected);
    }

    #[test]
    fn links_are_told_by_their_words() {
        let list = pairs(quote! {
            struct Pager {
                /// A [`Url`] or a [`Span`](crate::Span), in [brackets].
                url: Url,
            }
        });
        assert_eq!(list, r#"("url" , "A `Url` or a `Span`, in [brackets].")"#);
    }

    #[test]
    fn an_enum_is_refused_by_its_word() {
        let text = super::derive(quote!(
            enum Tone {
                Loud,
            }
        ))
        .to_string();
        assert!(text.contains("is for structs"), "{text}");
    }
}
