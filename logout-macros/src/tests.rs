//! Tests that a block expands to its items while it is being typed.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;
use syn::{File, Item};

fn block() -> TokenStream {
    quote! {
        /// The shop's alerts.
        #[cfg(unix)]
        pub(crate) struct Alerts {
            project_name: concat!("shop", " alarms"),
            level: WARN,
            spans: LevelFilter::INFO,
            metadata_filter: [target: "shop", http.status: "500"],
            mute: ["3fa9c1"],
            metadata: [order, customer],
            format: "$time $message",
            truncate: infinity,
            sync_threshold: 20,
            max_age: Duration::from_secs(60),
            remind: ["1m", "5m"],
            links: [trace: "https://a.example/{trace_id}", wiki: "https://b.example/{commit}"],
            trail: { level: DEBUG, events: 20 },
            mention_when: Always,
            adapters: [
                Slack,
                /// Wakes somebody.
                #[cfg(feature = "pager")]
                oncall: crate::pager::Pager<u8> { level: ERROR, topic: 5 + 5, r#type: ident_text().len() },
                <Alerts as Chosen>::Discord { metadata: all, remind: off },
            ],
        }
    }
}

/// Returns variants of `tokens`, each with one token changed by `edit`, at every place and depth.
fn edited(
    tokens: &TokenStream,
    edit: &impl Fn(&[TokenTree], usize) -> Vec<TokenTree>,
) -> Vec<TokenStream> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut all = Vec::new();
    for (index, tree) in trees.iter().enumerate() {
        all.push(edit(&trees, index).into_iter().collect());
        let TokenTree::Group(group) = tree else {
            continue;
        };
        for inner in edited(&group.stream(), edit) {
            let mut whole = trees.clone();
            whole[index] = TokenTree::Group(Group::new(group.delimiter(), inner));
            all.push(whole.into_iter().collect());
        }
    }
    all
}

/// Asserts that the items can be parsed, and include the struct if it still has a name.
fn check(block: &TokenStream) {
    let items = crate::compile(quote!((logout) #block), |_, items| items.clone());
    let file: File = match syn::parse2(items) {
        Ok(file) => file,
        Err(error) => panic!("{error} in the expansion of {block}"),
    };
    let has_struct = file
        .items
        .iter()
        .any(|item| matches!(item, Item::Struct(item) if item.ident == "Alerts"));
    let begun = block.to_string().contains("struct Alerts");
    assert!(
        has_struct || !begun,
        "no struct in the expansion of {block}"
    );
}

#[test]
fn the_struct_outlives_every_missing_token() {
    for block in edited(&block(), &|trees, index| {
        let mut trees = trees.to_vec();
        trees.remove(index);
        trees
    }) {
        check(&block);
    }
}

#[test]
fn the_struct_outlives_every_end_of_typing() {
    for block in edited(&block(), &|trees, index| trees[..index].to_vec()) {
        check(&block);
    }
}

#[test]
fn the_struct_outlives_every_stray_token() {
    let strays = [",", ";", ":", "::", "<", "#", "x", "\"x\"", "{}"];
    let check_each = |stray: &str| {
        let stray: TokenStream = stray.parse().unwrap();
        for block in edited(&block(), &|trees, index| {
            let mut trees = trees.to_vec();
            trees.splice(index..index, stray.clone());
            trees
        }) {
            check(&block);
        }
    };
    // The longest test of this crate, so it uses all cores.
    std::thread::scope(|scope| {
        for stray in strays {
            scope.spawn(move || check_each(stray));
        }
    });
}

/// Returns the errors about the value of `scrub`, each with the token that it points at.
fn mistakes_of_scrub(list: &TokenStream) -> String {
    let block = quote!(struct Alerts { scrub: #list, adapters: [Slack] });
    let items = crate::compile(quote!((logout) #block), |_, items| items.clone());
    items.to_string()
}

#[test]
fn a_wrong_word_in_the_list_of_scrubbers_is_told() {
    for (list, told) in [
        (quote!([defualt]), "there is no scrubber `defualt`"),
        (
            quote!([Default, crate::plates]),
            "there is no scrubber `Default`",
        ),
        (
            quote!(["default"]),
            "a scrubber is `default` or the path of a function",
        ),
        (
            quote!([default, |text| text]),
            "a scrubber is `default` or the path of a function",
        ),
        (
            quote!([-default]),
            "a scrubber is `default` or the path of a function",
        ),
        (
            quote!([crate::plates()]),
            "the function is named here and not called\\nhelp: write `crate::plates`",
        ),
        (quote!(["iban"]), "write `mask: [iban]`"),
        (quote!(default), "`scrub` takes a list in brackets"),
        (quote!(none), "write `scrub: []`"),
    ] {
        let items = mistakes_of_scrub(&list);
        assert!(items.contains(told), "{list}: {items}");
    }
    for list in [
        quote!([]),
        quote!([default]),
        quote!([plates, crate::plates, default]),
    ] {
        let items = mistakes_of_scrub(&list);
        assert!(!items.contains("compile_error"), "{list}: {items}");
    }
}
