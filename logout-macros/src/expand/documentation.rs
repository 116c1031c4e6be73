//! The documentation of the generated items.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Meta;

use crate::built_in;
use crate::model::{Instance, Model};

/// Returns the struct's table of instances.
pub(super) fn struct_docs(model: &Model) -> TokenStream {
    let first = (!model.documented).then(|| {
        let line = " Sends the program's warnings, errors and panics to these destinations.";
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
            /// | instance | adapter | level | variables |
            /// | --- | --- | --- | --- |
        }
    };
    let rows = model.instances.iter().map(|instance| {
        let (label, constant) = (&instance.label, &instance.constant);
        let row = format!(
            " | [`{label}`]({}::{constant}) | {} | `{}` | {} |",
            model.instance_id_type,
            linked_type(instance),
            level(instance, model),
            variables(instance, model),
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

/// Returns the documentation of an instance: its type, and the sources of its settings.
pub(super) fn instance_docs(instance: &Instance, model: &Model) -> TokenStream {
    let line = format!(
        " {}, from level `{}` up, configured by {}.",
        linked_type(instance),
        level(instance, model),
        variables(instance, model)
    );
    let blank = (!instance.docs.is_empty()).then(|| quote!(#[doc = ""]));
    quote!(#blank #[doc = #line])
}

/// Returns the adapter's type, with a link to its page if there can be one.
fn linked_type(instance: &Instance) -> String {
    match &instance.documented_type {
        Some((name, Some(link))) => format!("[`{name}`](type@{link})"),
        Some((name, None)) => format!("`{name}`"),
        None => "an adapter".to_owned(),
    }
}

/// Returns the level of an instance, which is the block's unless it has its own.
fn level<'a>(instance: &'a Instance, model: &'a Model) -> &'a str {
    instance
        .documented_level
        .as_deref()
        .unwrap_or(&model.documented_level)
}

/// Returns the variables of an instance: `SLACK_WEBHOOK_URL`, `LOGOUT_SLACK__…`.
fn variables(instance: &Instance, model: &Model) -> String {
    let pattern = format!("`{}`", variable_pattern(instance, model));
    well_known_variables(instance)
        .map(|variable| format!("`{variable}`"))
        .chain([pattern])
        .collect::<Vec<_>>()
        .join(", ")
}

/// Returns the well-known variables that a built-in adapter without a name of its own reads.
///
/// The word in the block decides, since no macro knows what a name refers to: a type of the program
/// that is called `Slack` gets those of Slack here, and nowhere else.
fn well_known_variables(instance: &Instance) -> impl Iterator<Item = &'static str> {
    let known = instance.documented_type.as_ref().and_then(|(name, link)| {
        let link = link.as_ref()?;
        let is_built_in = link == name || *link == format!("logout::{name}");
        built_in::find(name).filter(|_| instance.unnamed && is_built_in)
    });
    let options = known.into_iter().flat_map(|adapter| adapter.options);
    options.filter_map(|option| option.variable)
}

/// Returns the pattern of an instance's variables: `LOGOUT_OPS__…`.
fn variable_pattern(instance: &Instance, model: &Model) -> String {
    let prefix = model.env_prefix.as_deref().unwrap_or("…");
    format!("{prefix}{}__…", instance.label.to_uppercase())
}
