//! Code generation, from the [`model`](crate::model) to items.
//!
//! Everything that the program wrote is emitted once and in its own place, so that editors and
//! rustc find it once. Anything that changes while a word is being typed comes after that word: an
//! editor expands the block twice, as it is and with a word of its own at the cursor, and completes
//! only if both are the same up to there. So the entries come first and are numbered, a missing
//! level leaves a level in its place, and an instance's options end with a use of the adapter.

mod dispatch;
mod documentation;
pub(crate) mod duplicate_guard;
mod fleet;
mod instance;
#[cfg(test)]
mod tests;

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token, parse_quote};

use crate::model::{Instance, Model};
use crate::names::{call_site_at, local_ident};

/// Generates the items of a block, in reading order.
pub(crate) fn block(model: &Model) -> TokenStream {
    let entries = model
        .instances
        .iter()
        .map(|instance| instance::entry_items(instance, model));
    let fleet = fleet::entry_items(model);
    let imports = imports(model);
    let declaration = struct_items(model);
    let instance_id_type = instance_id_type(model);
    let constructors = inherent_impl(model);
    let dispatch = dispatch::dispatch_impls(model);
    let assertions = const_assertions(model);
    let warnings = warnings(model);
    quote! {
        #(#entries)*
        #fleet
        #imports
        #declaration
        #instance_id_type
        #constructors
        #dispatch
        #assertions
        #warnings
    }
}

/// Imports the built-in adapters and brokers and the type of levels, for names that the program has
/// neither imported nor declared.
fn imports(model: &Model) -> TokenStream {
    let (library, conditions) = (&model.library, &model.conditions);
    let adapters = model.instances.iter().any(|instance| instance.is_bare);
    let adapters = adapters.then(|| quote!(adapters));
    let levels = model.names_level_filter.then(|| quote!(levels));
    let has_bare_broker = model.fleet.as_ref().is_some_and(|fleet| fleet.is_bare);
    let brokers = has_bare_broker.then(|| quote!(brokers));
    let modules = adapters.into_iter().chain(brokers).chain(levels);
    let modules = modules.map(|module| {
        quote! {
            #(#conditions)*
            #[allow(unused_imports, reason = "the program's own imports go before these")]
            use #library::__private::#module::*;
        }
    });
    modules.collect()
}

/// Generates the struct, with a field per instance.
fn struct_items(model: &Model) -> TokenStream {
    let Model {
        library,
        conditions,
        attributes,
        visibility,
        keyword,
        name,
        block_type,
        warnings,
        ..
    } = model;
    let map = documentation::struct_docs(model);
    let at = call_site_at(keyword.span);
    let private = quote!(#library::__private);
    let debug = quote_spanned!(at=> impl #private::Debug for #block_type);
    let (formatter, label) = (local_ident("formatter"), block_type.to_string());
    let fields = model
        .instances
        .iter()
        .map(|instance| instance::struct_field(instance, model))
        .chain(fleet::struct_field(model));
    let attributes = attributes.iter().filter_map(|attribute| {
        if attribute.path().is_ident("expect") && !warnings.is_empty() {
            expectation(attribute, Expects::OfStruct)
        } else {
            Some(attribute.clone())
        }
    });
    // For rustc, the struct is then where the program wrote it.
    let mut fields = Group::new(Delimiter::Brace, quote!(#(#fields,)*));
    fields.set_span(model.braces);
    quote! {
        #(#conditions)*
        #(#attributes)*
        #map
        #[allow(
            rustdoc::private_intra_doc_links,
            reason = "an adapter that only the program can see is named and not linked"
        )]
        #visibility #keyword #name #fields

        #(#conditions)*
        #[automatically_derived]
        #debug {
            fn fmt(&self, #formatter: &mut #private::Formatter<'_>) -> #private::FormatResult {
                #formatter.debug_struct(#label).finish_non_exhaustive()
            }
        }
    }
}

/// Generates the type that names the instances: a constant for each, of a hidden enum.
///
/// It is not an enum itself, because for an unknown type rustc would suggest the variant of that
/// name, which an adapter without a name of its own has.
fn instance_id_type(model: &Model) -> TokenStream {
    let Model {
        library,
        conditions,
        visibility,
        instance_id_type,
        index_type,
        block_type,
        ..
    } = model;
    let at = call_site_at(block_type.span());
    let private = quote_spanned!(at=> #library::__private);
    let docs =
        format!(" The instances of [`{block_type}`], for the calls of its handle that name one.");
    let derives = quote_spanned! {at=>
        #[derive(
            #private::Clone,
            #private::Copy,
            #private::PartialEq,
            #private::Eq,
            #private::Hash,
        )]
    };
    let variants = model.instances.iter().map(instance::index_variant);
    let constants = model
        .instances
        .iter()
        .map(|instance| instance::instance_constant(instance, model));
    let debug = debug_impl(model);
    quote_spanned! {at=>
        #(#conditions)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, reason = "an index has the names of what it counts")]
        #derives
        enum #index_type {
            #(#variants,)*
        }

        #(#conditions)*
        #[doc = #docs]
        #[allow(dead_code, reason = "a block without adapters has no instances")]
        #derives
        #visibility struct #instance_id_type(#index_type);

        #(#conditions)*
        #[allow(
            non_upper_case_globals,
            rustdoc::private_intra_doc_links,
            reason = "each is read as a name; an adapter that only the program can see is not linked"
        )]
        impl #instance_id_type {
            #(#constants)*
        }

        #debug
    }
}

/// Generates `Debug`, which shows an instance by its constant's name.
fn debug_impl(model: &Model) -> TokenStream {
    let Model {
        library,
        conditions,
        instance_id_type,
        index_type,
        ..
    } = model;
    let at = call_site_at(instance_id_type.span());
    let private = quote_spanned!(at=> #library::__private);
    let formatter = local_ident("formatter");
    let arms = model.instances.iter().map(|instance| {
        let Instance {
            conditions,
            constant,
            entry,
            ..
        } = instance;
        let name = constant.to_string();
        quote!(#(#conditions)* #index_type::#entry => #formatter.write_str(#name),)
    });
    let head = quote_spanned!(at=> impl #private::Debug for #instance_id_type);
    quote! {
        #(#conditions)*
        #[automatically_derived]
        #head {
            fn fmt(&self, #formatter: &mut #private::Formatter<'_>) -> #private::FormatResult {
                match self.0 { #(#arms)* }
            }
        }
    }
}

/// Generates the functions that build a dispatcher, and those that describe it.
fn inherent_impl(model: &Model) -> TokenStream {
    let (conditions, block_type) = (&model.conditions, &model.block_type);
    let builders = builder_functions(model);
    let listings = listing_functions(model);
    quote_spanned! {call_site_at(block_type.span())=>
        #(#conditions)*
        impl #block_type {
            #builders
            #listings
        }
    }
}

/// Generates the functions with which a program starts or tests its block.
fn builder_functions(model: &Model) -> TokenStream {
    let (library, visibility, block_type) = (&model.library, &model.visibility, &model.block_type);
    let at = call_site_at(block_type.span());
    let private = quote_spanned!(at=> #library::__private);
    let result = quote_spanned!(at=> #private::Result<#library::Builder<Self>, #library::Error>);
    quote_spanned! {at=>
        /// Reads `logout.toml` and the environment.
        ///
        /// Nothing runs yet: call `start` on the builder it returns.
        ///
        /// # Errors
        ///
        /// One error that lists every setting that is missing or wrong, with the variable to set.
        /// It quotes no value.
        #visibility fn from_env() -> #result {
            #library::Builder::from_env()
        }

        /// Reads a figment of yours instead of `logout.toml` and the environment: for programs that
        /// have their own configuration, and for tests.
        ///
        /// The settings are at its top level, those of an instance in a table of its name.
        ///
        /// # Errors
        ///
        /// One error that lists every setting that is missing or wrong. It quotes no value.
        #visibility fn from_figment(provider: impl #private::Provider) -> #result {
            #library::Builder::from_figment(provider)
        }

        #private::if_preview! {
            /// Returns what the chats would get, as text, for tests. Reads no configuration.
            ///
            /// # Errors
            ///
            /// One error that lists what is wrong with the options of the block.
            #visibility fn preview() -> #private::Result<#library::preview::Previewer<Self>, #library::Error> {
                #private::preview()
            }
        }
    }
}

/// Generates the functions that list a block's settings.
fn listing_functions(model: &Model) -> TokenStream {
    let (library, visibility, block_type) = (&model.library, &model.visibility, &model.block_type);
    let at = call_site_at(block_type.span());
    let private = quote_spanned!(at=> #library::__private);
    quote_spanned! {at=>
        /// Lists every key that files and variables can set, for the `--help` of a program or a
        /// check at deployment.
        #[must_use]
        #visibility fn keys() -> #private::Vec<#library::config::Key> {
            #private::keys::<Self>()
        }

        /// Writes every key as a commented file of variables (`.env`) to fill in. Required keys are
        /// uncommented; all others are behind `#`, with the value from the block.
        #[must_use]
        #visibility fn env_template() -> #private::String {
            #private::env_template::<Self>()
        }

        /// Writes every key as a commented `logout.toml` to fill in. Secrets are named with their
        /// variables, because files are often checked in.
        #[must_use]
        #visibility fn toml_template() -> #private::String {
            #private::toml_template::<Self>()
        }
    }
}

/// Generates the checks of values that only rustc knows.
fn const_assertions(model: &Model) -> TokenStream {
    let (library, conditions, block_type) = (&model.library, &model.conditions, &model.block_type);
    let assertions = model.assertions.iter().map(|assertion| {
        let (first, last) = assertion.at;
        // For rustc, the call is where the value is.
        let function = Ident::new(assertion.function, first);
        let mut block = Group::new(
            Delimiter::Parenthesis,
            quote!(&<#block_type as BlockDefinition>::BLOCK),
        );
        block.set_span(last);
        quote! {
            #(#conditions)*
            const _: () = {
                use #library::__private::BlockDefinition;
                use #library::__private::#function;
                #function #block
            };
        }
    });
    assertions.collect()
}

/// A place where an `#[expect]` before the block is fulfilled.
#[derive(Clone, Copy, PartialEq)]
enum Expects {
    OfStruct,
    OfWarnings,
}

/// Returns the part of an `#[expect(…)]` that is fulfilled there. Elsewhere rustc would call the
/// expectation unfulfilled.
fn expectation(attribute: &Attribute, part: Expects) -> Option<Attribute> {
    let list = attribute.meta.require_list().ok();
    let lints = list.and_then(|list| {
        let lints = Punctuated::<Meta, Token![,]>::parse_terminated;
        list.parse_args_with(lints).ok()
    });
    let Some(lints) = lints else {
        // rustc reports it once.
        return (part == Expects::OfStruct).then(|| attribute.clone());
    };
    let is_reason = |lint: &Meta| lint.path().is_ident("reason");
    let is_of_part = |lint: &Meta| {
        lint.path().is_ident("deprecated") == (part == Expects::OfWarnings) || is_reason(lint)
    };
    let lints: Vec<_> = lints.into_iter().filter(is_of_part).collect();
    if lints.iter().all(is_reason) {
        return None;
    }
    Some(parse_quote!(#[expect(#(#lints),*)]))
}

/// Generates the warnings. On stable Rust a deprecation is the only warning that a macro can word.
fn warnings(model: &Model) -> TokenStream {
    let Model {
        conditions,
        attributes,
        warnings,
        ..
    } = model;
    let levels: Vec<_> = attributes
        .iter()
        .filter_map(|attribute| {
            let path = attribute.path();
            if path.is_ident("expect") {
                return expectation(attribute, Expects::OfWarnings);
            }
            let is_level = ["allow", "warn", "deny", "forbid"]
                .iter()
                .any(|level| path.is_ident(level));
            is_level.then(|| attribute.clone())
        })
        .collect();
    let warnings = warnings.iter().map(|warning| {
        let note = format!(
            "{}, or write `#[allow(deprecated)]` before `struct` if this is meant",
            warning.note
        );
        // rustc hides lints in macros of other crates. So the name has the span of a word in the
        // block.
        let name = Ident::new(warning.name, warning.at);
        quote! {
            #(#conditions)*
            #(#levels)*
            const _: () = {
                #[deprecated(note = #note)]
                const #name: () = ();
                #name
            };
        }
    });
    warnings.collect()
}
