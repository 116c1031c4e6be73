//! The generated code for one instance.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::documentation;
use crate::model::{AdapterOption, Instance, Model};
use crate::names::{call_site_at, local_ident};

/// Generates the type that stands for the instance, the only place that names its adapter.
///
/// It is an associated type and not an alias, so that rustc checks only here whether it is an
/// adapter.
pub(super) fn entry_items(instance: &Instance, model: &Model) -> TokenStream {
    let library = &model.library;
    let (entry, adapter) = (&instance.entry, &instance.adapter);
    let conditions = item_conditions(instance, model);
    let at = call_site_at(entry.span());
    let declared = quote_spanned!(at=> enum #entry {});
    let head = quote_spanned!(at=> impl #library::__private::AdapterEntry for #entry);
    let adapter = returned(adapter, library);
    quote! {
        #conditions
        #[doc(hidden)]
        #declared

        #conditions
        #head {
            type Adapter = #adapter;
        }
    }
}

/// Names a type by way of a function that returns it. For a type with a lifetime rustc then
/// suggests `Pager<'static>`, and not a lifetime for the struct of the block.
pub(super) fn returned(written: &impl ToTokens, library: &TokenStream) -> TokenStream {
    let written = written.to_token_stream();
    let mut tokens = written.clone().into_iter().map(|token| token.span());
    let first = tokens.next().unwrap_or_else(Span::call_site);
    let last = tokens.last().unwrap_or(first);
    // Errors about the type then point at the program's own tokens.
    let open = quote_spanned!(call_site_at(first)=> <);
    let close = quote_spanned!(call_site_at(last)=> >::Type);
    quote!(#open fn() -> #written as #library::__private::Returned #close)
}

/// Generates its field in the struct: `ops: Instance<…>`. The field is hidden, because the struct's
/// documentation has a table instead.
pub(super) fn struct_field(instance: &Instance, model: &Model) -> TokenStream {
    let library = &model.library;
    let Instance {
        conditions,
        field_declaration,
        entry,
        ..
    } = instance;
    quote! {
        #(#conditions)*
        #[doc(hidden)]
        #field_declaration: #library::__private::Instance<<#entry as #library::__private::AdapterEntry>::Adapter>
    }
}

/// Generates its variant of the index.
pub(super) fn index_variant(instance: &Instance) -> TokenStream {
    let (conditions, entry) = (&instance.conditions, &instance.entry);
    quote!(#(#conditions)* #entry)
}

/// Generates its constant of the type that names the instances: `Ops`.
pub(super) fn instance_constant(instance: &Instance, model: &Model) -> TokenStream {
    let (visibility, index_type) = (&model.visibility, &model.index_type);
    let Instance {
        docs,
        conditions,
        constant,
        entry,
        ..
    } = instance;
    let generated = documentation::instance_docs(instance, model);
    quote! {
        #(#conditions)*
        #(#docs)*
        #generated
        #visibility const #constant: Self = Self(#index_type::#entry);
    }
}

/// Generates its declaration: `Declaration::new("ops", false).level(…)`
pub(super) fn declaration_expr(instance: &Instance, model: &Model) -> TokenStream {
    let library = &model.library;
    let Instance {
        conditions,
        unnamed,
        label,
        setters,
        ..
    } = instance;
    let names = setters.iter().map(|setter| &setter.name);
    let values = setters.iter().map(|setter| &setter.value);
    quote! {
        #(#conditions)*
        #library::__private::Declaration::new(#label, #unnamed)#(.#names(#values))*
    }
}

/// Generates the statement that reads the instance from the configuration and its options.
pub(super) fn read_statement(instance: &Instance, model: &Model) -> TokenStream {
    let (library, instance_id_type) = (&model.library, &model.instance_id_type);
    let private = quote!(#library::__private);
    let Instance {
        conditions,
        field,
        constant,
        entry,
        options,
        ..
    } = instance;
    let (config, section, adapter) = (
        local_ident("config"),
        local_ident("section"),
        local_ident("adapter"),
    );
    let statements = options.iter().map(option_assignment);
    let (given, mutable) = (given_options(options), mutability(options));
    quote! {
        #(#conditions)*
        let #field = {
            let mut #section = #config.section(#instance_id_type::#constant.0 as #private::primitive::usize, OPTIONS);
            let #mutable #adapter = #private::adapter::<#entry>(&mut #section);
            #(#statements)*
            let _ = &#adapter;
            const OPTIONS: #private::Options = &[#given];
            #private::instance::<#entry>(#section, #adapter)
        };
    }
}

/// Generates the options in the block: `("topic", "alerts")`, …
pub(super) fn given_options(options: &[AdapterOption]) -> TokenStream {
    let given = options.iter().filter(|option| option.value.is_some()).map(
        |AdapterOption {
             label,
             display_value,
             ..
         }| quote!((#label, #display_value)),
    );
    quote!(#(#given),*)
}

/// Returns `mut`, if something is assigned.
pub(super) fn mutability(options: &[AdapterOption]) -> Option<TokenStream> {
    let mut options = options.iter();
    options
        .any(|option| option.value.is_some())
        .then(|| quote!(mut))
}

/// Generates the assignment of an option; without a value only its name, for the editor.
pub(super) fn option_assignment(option: &AdapterOption) -> TokenStream {
    let (section, adapter, place) = (
        local_ident("section"),
        local_ident("adapter"),
        local_ident("field"),
    );
    let key = &option.field;
    let label = &option.label;
    match &option.value {
        Some(value) => {
            let assign = quote_spanned!(call_site_at(option.colon)=> #section.option);
            quote! {
                let #place = &mut #adapter.#key;
                #assign(#label, #place, #value);
            }
        }
        None => quote!(let _ = &#adapter.#key;),
    }
}

/// Returns the conditions of block and instance, for an item.
fn item_conditions(instance: &Instance, model: &Model) -> TokenStream {
    let block = &model.conditions;
    let own = &instance.conditions;
    quote!(#(#block)* #(#own)*)
}
