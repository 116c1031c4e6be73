//! The impls behind `Dispatch`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::{fleet, instance};
use crate::model::{Instance, Model};
use crate::names::{call_site_at, local_ident};

pub(super) fn dispatch_impls(model: &Model) -> TokenStream {
    let Model {
        library,
        conditions,
        block_type,
        instance_id_type,
        ..
    } = model;
    let block = block_const(model);
    let option_docs = option_docs_const(model);
    let index = index_fn(model);
    let read = read_fn(model);
    let run = run_fn(model);
    let succeed = succeed_fn(model);
    let broker = fleet::broker_items(model);
    let (declared, dispatcher) = (
        quote_spanned!(call_site_at(block_type.span())=> impl #library::__private::BlockDefinition for #block_type),
        quote_spanned!(call_site_at(block_type.span())=> impl #library::__private::Dispatcher for #block_type),
    );
    quote! {
        #(#conditions)*
        #[automatically_derived]
        #[doc(hidden)]
        #declared {
            #block

            #option_docs

            type Instance = #instance_id_type;

            #index
        }

        #(#conditions)*
        #[automatically_derived]
        #[doc(hidden)]
        #dispatcher {
            #read

            #run

            #succeed

            #broker
        }
    }
}

/// Builds the `BLOCK` constant. Lists become constants of their own, because temporaries of const
/// fns are not promoted.
fn block_const(model: &Model) -> TokenStream {
    let (library, setters) = (&model.library, &model.setters);
    let private = quote!(#library::__private);
    let name = model.block_type.to_string();
    let declarations = model
        .instances
        .iter()
        .map(|instance| instance::declaration_expr(instance, model));
    let names = setters.iter().map(|setter| &setter.name);
    let values = setters.iter().map(|setter| &setter.value);
    quote! {
        const BLOCK: #private::Block = #private::Block::new(
            #name,
            #private::env!("CARGO_PKG_NAME"),
            const { &[#(#declarations,)*] },
        )#(.#names(#values))*;
    }
}

/// Builds the documentation of each adapter's options: the type's own constant, or the empty one
/// that every type has by a trait.
fn option_docs_const(model: &Model) -> TokenStream {
    let private = {
        let library = &model.library;
        quote!(#library::__private)
    };
    if model.instances.is_empty() {
        return TokenStream::new();
    }
    let docs = model.instances.iter().map(|instance| {
        let (conditions, entry) = (&instance.conditions, &instance.entry);
        quote!(#(#conditions)* <<#entry as #private::AdapterEntry>::Adapter>::__LOGOUT_OPTION_DOCS)
    });
    quote! {
        const OPTION_DOCS: &'static [#private::OptionDocs] = {
            #[allow(unused_imports, reason = "wanted by adapters whose fields say nothing")]
            use #private::NoOptionDocs as _;
            &[#(#docs,)*]
        };
    }
}

/// Builds `fn index`. It is a match, because an enum without variants cannot be cast.
fn index_fn(model: &Model) -> TokenStream {
    let (library, index_type) = (&model.library, &model.index_type);
    let usize = quote!(#library::__private::primitive::usize);
    let instance = local_ident("instance");
    let arms = model.instances.iter().map(|instance| {
        let (conditions, entry) = (&instance.conditions, &instance.entry);
        quote!(#(#conditions)* #index_type::#entry => #index_type::#entry as #usize,)
    });
    quote! {
        fn index(#instance: Self::Instance) -> #usize {
            match #instance.0 { #(#arms)* }
        }
    }
}

/// Builds `fn read`, which builds every instance.
fn read_fn(model: &Model) -> TokenStream {
    let library = &model.library;
    let config = local_ident("config");
    let reads = model
        .instances
        .iter()
        .map(|instance| instance::read_statement(instance, model));
    let fields = model.instances.iter().map(|instance| {
        let (conditions, field) = (&instance.conditions, &instance.field);
        quote!(#(#conditions)* #field)
    });
    let fleet = fleet::read_statement(model);
    let fields = fields.chain(fleet::field_value(model));
    quote! {
        fn read(#config: &mut #library::__private::Config) -> Self {
            #fleet
            #(#reads)*
            Self { #(#fields,)* }
        }
    }
}

/// Builds `fn succeed`, by which a new adapter takes over what the old one keeps.
fn succeed_fn(model: &Model) -> TokenStream {
    let library = &model.library;
    let next = local_ident("next");
    let succeed = model.instances.iter().map(|instance| {
        let (conditions, field, entry) = (&instance.conditions, &instance.field, &instance.entry);
        quote! {
            #(#conditions)*
            #library::__private::succeed::<#entry>(&self.#field, &#next.#field);
        }
    });
    quote! {
        fn succeed(&self, #next: &Self) {
            #(#succeed)*
        }
    }
}

/// Builds `fn run`, which polls every lane until all are closed.
fn run_fn(model: &Model) -> TokenStream {
    let library = &model.library;
    let private = quote!(#library::__private);
    let (worker, context, open) = (
        local_ident("worker"),
        local_ident("cx"),
        local_ident("open"),
    );
    let lanes = model
        .instances
        .iter()
        .map(|instance| lane_statement(instance, model));
    let polls = model.instances.iter().map(|instance| {
        let (conditions, field) = (&instance.conditions, &instance.field);
        let lane = local_ident(&field.to_string());
        quote! {
            #(#conditions)*
            let #open = #private::poll_lane(&mut #lane, #context) || #open;
        }
    });
    quote! {
        async fn run<T: #library::transport::Transport, C: #private::Clock>(
            &self,
            #worker: &#private::Worker<T, C>,
        ) {
            #(#lanes)*
            #private::poll_fn(|#context| {
                let #open = false;
                #(#polls)*
                if #open {
                    #private::Poll::Pending
                } else {
                    #private::Poll::Ready(())
                }
            })
            .await;
        }
    }
}

/// Builds the lane of an instance, under its field's name.
fn lane_statement(instance: &Instance, model: &Model) -> TokenStream {
    let (library, instance_id_type) = (&model.library, &model.instance_id_type);
    let Instance {
        conditions,
        field,
        constant,
        entry,
        ..
    } = instance;
    let private = quote!(#library::__private);
    let (worker, lane) = (local_ident("worker"), local_ident(&field.to_string()));
    quote! {
        #(#conditions)*
        let mut #lane = #private::Some(#private::lane::<#entry, T, C>(
            #worker,
            #instance_id_type::#constant.0 as #private::primitive::usize,
            &self.#field,
        ));
    }
}
