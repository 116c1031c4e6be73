//! Variables that are read at compile time.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
use syn::{Expr, LitStr};

use crate::ast::{Block, Value};
use crate::names::{call_site_at, ident_text};

use super::options::{Variables, prefix};

/// Gives every `env!("NAME")` an error message for a missing variable: rustc's own advises to read
/// it at run time, which a block cannot do.
pub(super) fn complete(block: &mut Block) {
    let prefix = prefix(block);
    for pair in &mut block.settings {
        let key = ident_text(&pair.key);
        if let Some(Value::Constant(value)) = &mut pair.value {
            add_message(value, &key, &format!("{prefix}{}", key.to_uppercase()));
        }
    }
    for instance in &mut block.instances {
        let variables = Variables::new(instance, &prefix);
        for option in &mut instance.options {
            let key = ident_text(&option.key);
            if let Some(value) = &mut option.value {
                add_message(value, &key, &variables.of_key(&key));
            }
        }
    }
}

fn add_message(value: &mut Expr, key: &str, variable: &str) {
    let Expr::Macro(call) = value else {
        return;
    };
    let last = call.mac.path.segments.last();
    let name: Result<LitStr, _> = syn::parse2(call.mac.tokens.clone());
    let (Some(_), Ok(name)) = (last.filter(|last| last.ident == "env"), name) else {
        return;
    };
    let read = name.value();
    let message = format!(
        "`{read}` is not set while the program is compiled\nhelp: set it for the build, or remove `{key}` and \
         set the variable `{variable}`, which is read when the program starts"
    );
    let mut tokens: TokenStream = call.mac.tokens.clone();
    tokens.extend(quote_spanned!(call_site_at(name.span())=> , #message));
    call.mac.tokens = tokens.to_token_stream();
}
