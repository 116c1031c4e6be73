//! The documentation of what is generated: a map of the program's alarms.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Meta;

use crate::model::{Instance, Model};

/// Returns the struct's table of instances.
pub(super) fn struct_docs(model: &Model) -> TokenStream {
    let first = (!model.documented).then(|| {
        let line = format!(" Where `{}` tells what goes wrong.", model.block_type);
        quote!(#[doc = #line])
    });
    let head = if model.instances.is_empty() {
        quote! {
            ///
            /// It has no adapters yet.
        }
    } else {
        quote! {
            ///
            /// | Adapter | Type | Variables |
            /// | --- | --- | --- |
        }
    };
    let rows = model.instances.iter().map(|instance| {
        let Instance { label, variant, .. } = instance;
        let row = format!(
            " | [`{label}`]({}::{variant}) | {} | `{}` |",
            model.adapter_enum,
            type_name(instance),
            variable_pattern(instance, model),
        );
        let conditions = instance
            .conditions
            .iter()
            .filter_map(|attribute| match &attribute.meta {
                Meta::List(list) => Some(&list.tokens),
                _ => None,
            });
        if instance.conditions.is_empty() {
            quote!(#[doc = #row])
        } else {
            quote!(#[cfg_attr(all(#(#conditions),*), doc = #row)])
        }
    });
    quote!(#first #head #(#rows)*)
}

/// Returns the documentation of a variant: its type, and where its settings come from.
pub(super) fn variant_docs(instance: &Instance, model: &Model) -> TokenStream {
    let line = match &instance.documented_type {
        Some((name, Some(link))) => format!("[`{name}`](type@{link})"),
        _ => type_name(instance),
    };
    let line = format!(
        " {line}, configured by `{}`.",
        variable_pattern(instance, model)
    );
    let blank = (!instance.docs.is_empty()).then(|| quote!(#[doc = ""]));
    quote!(#blank #[doc = #line])
}

fn type_name(instance: &Instance) -> String {
    instance
        .documented_type
        .as_ref()
        .map_or_else(|| "an adapter".to_owned(), |(name, _)| format!("`{name}`"))
}

/// Returns what the variables of an instance begin with: `LOGOUT_OPS__…`.
fn variable_pattern(instance: &Instance, model: &Model) -> String {
    let prefix = model.env_prefix.as_deref().unwrap_or("…");
    format!("{prefix}{}__…", instance.label.to_uppercase())
}
