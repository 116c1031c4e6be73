//! The impls behind `Dispatch`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::instance;
use crate::model::{Instance, Model};
use crate::names::{local, located};

pub(super) fn implementation(model: &Model) -> TokenStream {
    let Model {
        library,
        conditions,
        itself,
        choice,
        ..
    } = model;
    let block = block(model);
    let index = index(model);
    let read = read(model);
    let run = run(model);
    let succeed = succeed(model);
    let (declared, dispatcher) = (
        quote_spanned!(located(itself.span())=> impl #library::__private::Declared for #itself),
        quote_spanned!(located(itself.span())=> impl #library::__private::Dispatcher for #itself),
    );
    quote! {
        #(#conditions)*
        #[automatically_derived]
        #declared {
            #block

            type Instance = #choice;

            #index
        }

        #(#conditions)*
        #[automatically_derived]
        #dispatcher {
            #read

            #run

            #succeed
        }
    }
}

/// Returns what the block fixes; lists of constants of their own, since what a program's function
/// returns lives no longer than the expression elsewhere.
fn block(model: &Model) -> TokenStream {
    let Model {
        library, setters, ..
    } = model;
    let private = quote!(#library::__private);
    let name = model.itself.to_string();
    let declarations = model
        .instances
        .iter()
        .map(|instance| instance::declaration(instance, model));
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

/// Returns the position of an instance; a match, because an enum without variants cannot be cast.
fn index(model: &Model) -> TokenStream {
    let Model {
        library, choice, ..
    } = model;
    let usize = quote!(#library::__private::primitive::usize);
    let instance = local("instance");
    let arms = model.instances.iter().map(
        |Instance {
             conditions,
             variant,
             ..
         }| { quote!(#(#conditions)* #choice::#variant => #choice::#variant as #usize,) },
    );
    quote! {
        fn index(#instance: Self::Instance) -> #usize {
            match #instance { #(#arms)* }
        }
    }
}

/// Builds every instance.
fn read(model: &Model) -> TokenStream {
    let library = &model.library;
    let config = local("config");
    let reads = model
        .instances
        .iter()
        .map(|instance| instance::read(instance, model));
    let fields = model.instances.iter().map(
        |Instance {
             conditions, field, ..
         }| { quote!(#(#conditions)* #field) },
    );
    quote! {
        fn read(#config: &mut #library::__private::Config) -> Self {
            #(#reads)*
            Self { #(#fields,)* }
        }
    }
}

/// Hands what an adapter keeps to the one that takes its place.
fn succeed(model: &Model) -> TokenStream {
    let library = &model.library;
    let next = local("next");
    let succeed = model.instances.iter().map(
        |Instance {
             conditions,
             field,
             entry,
             ..
         }| {
            quote! {
                #(#conditions)*
                #library::__private::succeed::<#entry>(&self.#field, &#next.#field);
            }
        },
    );
    quote! {
        fn succeed(&self, #next: &Self) {
            #(#succeed)*
        }
    }
}

/// Polls every lane until all are closed.
fn run(model: &Model) -> TokenStream {
    let library = &model.library;
    let private = quote!(#library::__private);
    let (worker, context, open) = (local("worker"), local("cx"), local("open"));
    let lanes = model.instances.iter().map(|instance| lane(instance, model));
    let polls = model.instances.iter().map(
        |Instance {
             conditions, field, ..
         }| {
            let lane = local(&field.to_string());
            quote! {
                #(#conditions)*
                let #open = #private::poll_lane(&mut #lane, #context) || #open;
            }
        },
    );
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

/// Returns the lane of an instance, by its field's name.
fn lane(instance: &Instance, model: &Model) -> TokenStream {
    let Model {
        library, choice, ..
    } = model;
    let Instance {
        conditions,
        field,
        variant,
        entry,
        ..
    } = instance;
    let private = quote!(#library::__private);
    let (worker, lane) = (local("worker"), local(&field.to_string()));
    quote! {
        #(#conditions)*
        let mut #lane = #private::Some(#private::lane::<#entry, T, C>(
            #worker,
            #choice::#variant as #private::primitive::usize,
            &self.#field,
        ));
    }
}
