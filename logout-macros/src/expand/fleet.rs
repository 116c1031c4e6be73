//! The generated code for the fleet, if the block has one.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::instance::{given_options, mutability, option_assignment, returned};
use crate::model::{Fleet, Model};
use crate::names::{call_site_at, local_ident};

/// Generates the type that stands for the fleet, the only place that names its broker.
pub(super) fn entry_items(model: &Model) -> Option<TokenStream> {
    let (library, conditions) = (&model.library, &model.conditions);
    let Fleet { entry, broker, .. } = model.fleet.as_ref()?;
    let private = quote!(#library::__private);
    let at = call_site_at(entry.span());
    let declared = quote_spanned!(at=> enum #entry {});
    let head = quote_spanned!(at=> impl #library::__private::FleetEntry for #entry);
    let broker = returned(broker, library);
    Some(quote! {
        #(#conditions)*
        #[doc(hidden)]
        #declared

        #(#conditions)*
        #head {
            #private::if_fleet! {
                type Broker = #broker;
            }
        }
    })
}

/// Generates the field of the struct for the broker.
pub(super) fn struct_field(model: &Model) -> Option<TokenStream> {
    let library = &model.library;
    let entry = &model.fleet.as_ref()?.entry;
    Some(quote! {
        #[doc(hidden)]
        __fleet: #library::__private::BrokerOf<#entry>
    })
}

/// Generates the statement that reads the broker from the configuration and its options.
pub(super) fn read_statement(model: &Model) -> Option<TokenStream> {
    let library = &model.library;
    let Fleet { entry, options, .. } = model.fleet.as_ref()?;
    let private = quote!(#library::__private);
    let (config, section, adapter, fleet) = (
        local_ident("config"),
        local_ident("section"),
        local_ident("adapter"),
        local_ident("fleet"),
    );
    let statements = options.iter().map(option_assignment);
    let (given, mutable) = (given_options(options), mutability(options));
    Some(quote! {
        let #fleet = #private::if_fleet!({
            let mut #section = #config.fleet(OPTIONS, DOCS);
            let #mutable #adapter = #private::broker::<#entry>(&mut #section);
            #(#statements)*
            let _ = &#adapter;
            const OPTIONS: #private::Options = &[#given];
            const DOCS: #private::OptionDocs = {
                #[allow(unused_imports, reason = "wanted by brokers whose fields say nothing")]
                use #private::NoOptionDocs as _;
                <<#entry as #private::FleetEntry>::Broker>::__LOGOUT_OPTION_DOCS
            };
            #private::finish::<#entry>(#section, #adapter)
        } else {
            #private::without_broker::<#entry>()
        });
    })
}

/// Generates the value of the field.
pub(super) fn field_value(model: &Model) -> Option<TokenStream> {
    let fleet = local_ident("fleet");
    model.fleet.as_ref().map(|_| quote!(__fleet: #fleet))
}

/// Generates the functions of the dispatcher that use the broker.
pub(super) fn broker_items(model: &Model) -> Option<TokenStream> {
    let library = &model.library;
    let private = quote!(#library::__private);
    let (worker, fleet) = (local_ident("worker"), local_ident("fleet"));
    model.fleet.as_ref()?;
    Some(quote! {
        #private::if_fleet! {
            async fn speak<T: #library::transport::Transport, C: #private::Clock>(
                &self,
                #worker: &#private::Worker<T, C>,
            ) {
                #private::speak(&self.__fleet, #worker).await
            }

            async fn verify_broker(&self, #fleet: #private::String) -> #private::Verified {
                let block = const { &<Self as #private::BlockDefinition>::BLOCK };
                #private::verify_broker(&self.__fleet, block, #fleet).await
            }
        }
    })
}
