//! The model of the generated code: names are decided, values are tokens, and nothing is left to
//! interpret.

mod value;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, Lit, Token, TypePath, UnOp, Visibility};

use self::value::value_tokens;
use crate::ast::{self, Pair, Value};
use crate::check::{Warning, instance_name};
use crate::names::{generated_ident, generated_ident_at, ident_text, to_camel_case};
use crate::settings::{
    ADAPTERS, DEFAULT_LEVEL, DISCARD_THRESHOLD, ENV_PREFIX, LEVEL, MAX_AGE, MAX_LEVEL,
    MEMORY_LIMIT, MENTION_EVERY, QUIET, RELEASE, REMIND, REPORT_PERIOD, SYNC_THRESHOLD, Shape,
};

/// A block.
pub(crate) struct Model {
    /// The path of `logout`.
    pub(crate) library: TokenStream,
    /// The conditions of the whole block, for every item.
    pub(crate) conditions: Vec<Attribute>,
    /// All other attributes of the struct.
    pub(crate) attributes: Vec<Attribute>,
    /// Whether the program has documented the struct.
    pub(crate) documented: bool,
    /// The visibility of the struct and of everything else.
    pub(crate) visibility: Visibility,
    /// The word `struct`.
    pub(crate) keyword: Token![struct],
    /// The braces of the block, which become those of the struct.
    pub(crate) braces: Span,
    /// `Alerts`
    pub(crate) name: Ident,
    /// `Alerts`, for uses of it.
    pub(crate) block_type: Ident,
    /// `AlertsAdapter`
    pub(crate) instance_id_type: Ident,
    /// `__AlertsIndex`
    pub(crate) index_type: Ident,
    /// The prefix of the variables, if it is known here.
    pub(crate) env_prefix: Option<String>,
    /// The level of the block, for documentation.
    pub(crate) documented_level: String,
    /// The setters of the block.
    pub(crate) setters: Vec<Setter>,
    /// Whether a value names `LevelFilter`, which the program may not have imported.
    pub(crate) names_level_filter: bool,
    /// Checks of constants, whose values only rustc knows.
    pub(crate) assertions: Vec<ConstAssertion>,
    /// The instances, in the order of the source.
    pub(crate) instances: Vec<Instance>,
    /// The fleet, if the block has one.
    pub(crate) fleet: Option<Fleet>,
    /// Warnings about what is valid and probably a mistake.
    pub(crate) warnings: Vec<Warning>,
}

/// A constant assertion about the block.
pub(crate) struct ConstAssertion {
    /// The function that asserts.
    pub(crate) function: &'static str,
    /// The first and the last span of the value at which rustc points if it fails.
    pub(crate) at: (Span, Span),
}

/// `.level(LevelFilter::WARN)`
pub(crate) struct Setter {
    pub(crate) name: Ident,
    pub(crate) value: TokenStream,
}

/// One adapter.
pub(crate) struct Instance {
    /// The program's documentation.
    pub(crate) docs: Vec<Attribute>,
    /// `#[cfg(…)]`, for all items of the instance.
    pub(crate) conditions: Vec<Attribute>,
    /// Whether the instance is named after its type.
    pub(crate) unnamed: bool,
    /// `"ops"`
    pub(crate) label: String,
    /// `ops`, with the span of the name in the block, if it has one.
    pub(crate) field_declaration: Ident,
    /// `ops`, for uses of it.
    pub(crate) field: Ident,
    /// `Ops`, the constant of the type that names the instances.
    pub(crate) constant: Ident,
    /// `__Alerts_0`, also its variant of the index.
    pub(crate) entry: Ident,
    /// The adapter's type.
    pub(crate) adapter: TokenStream,
    /// Whether it is a single name, with or without arguments.
    pub(crate) is_bare: bool,
    /// The type's name in documentation, and the path of a link to it.
    pub(crate) documented_type: Option<(String, Option<String>)>,
    /// Its own level, for documentation.
    pub(crate) documented_level: Option<String>,
    /// The setters of the declaration.
    pub(crate) setters: Vec<Setter>,
    /// The options that are fields of the adapter.
    pub(crate) options: Vec<AdapterOption>,
}

/// The broker of a fleet.
pub(crate) struct Fleet {
    /// `__AlertsFleet`
    pub(crate) entry: Ident,
    /// The type of the broker.
    pub(crate) broker: TypePath,
    /// Whether it is a single name, with or without arguments.
    pub(crate) is_bare: bool,
    /// The options that are fields of the broker.
    pub(crate) options: Vec<AdapterOption>,
}

/// `adapter.topic = "alerts"`
pub(crate) struct AdapterOption {
    /// `"topic"`
    pub(crate) label: String,
    pub(crate) field: Ident,
    /// The span of the colon.
    pub(crate) colon: Span,
    /// `None` while it is being typed.
    pub(crate) value: Option<TokenStream>,
    /// The value as a variable would hold it; empty if it is no literal.
    pub(crate) display_value: String,
}

impl Model {
    /// Builds the model of a checked block.
    pub(crate) fn new(mut block: ast::Block, warnings: Vec<Warning>) -> Self {
        let name = ident_text(&block.name);
        let env_prefix = block.env_prefix();
        let assertions = const_assertions(&block);
        let fleet = take_fleet(&mut block);
        let names_level_filter = block.all_settings().flatten().any(names_level_filter);
        let (conditions, attributes): (Vec<_>, Vec<_>) = block
            .attributes
            .into_iter()
            .partition(|attribute| attribute.path().is_ident("cfg"));
        let library: TokenStream = block
            .library
            .into_iter()
            .map(|mut token| {
                token.set_span(token.span().located_at(block.keyword.span));
                token
            })
            .collect();
        Self {
            conditions,
            documented: attributes
                .iter()
                .any(|attribute| attribute.path().is_ident("doc")),
            attributes,
            visibility: block.visibility,
            keyword: block.keyword,
            braces: block.braces,
            block_type: generated_ident_at(&name, block.keyword.span),
            instance_id_type: generated_ident_at(&format!("{name}Adapter"), block.keyword.span),
            index_type: generated_ident_at(&format!("__{name}Index"), block.keyword.span),
            env_prefix,
            documented_level: documented_level(&block.settings)
                .unwrap_or_else(|| DEFAULT_LEVEL.to_owned()),
            setters: setters_of_block(block.settings, &library),
            names_level_filter,
            assertions,
            instances: block
                .instances
                .into_iter()
                .enumerate()
                .map(|(index, instance)| {
                    // Numbered, since a name may change while a type is being typed.
                    let entry = format!("__{name}_{index}");
                    let entry = generated_ident_at(&entry, block.keyword.span);
                    Instance::new(instance, entry, &library)
                })
                .collect(),
            fleet,
            name: block.name,
            library,
            warnings,
        }
    }
}

/// Takes the broker out of the block, and leaves the fleet's own settings there.
fn take_fleet(block: &mut ast::Block) -> Option<Fleet> {
    let entry = format!("__{}Fleet", ident_text(&block.name));
    let entry = generated_ident_at(&entry, block.keyword.span);
    block
        .settings
        .iter_mut()
        .find_map(|pair| match &mut pair.value {
            Some(Value::Fleet(fleet)) => Some(Fleet {
                entry: entry.clone(),
                is_bare: fleet.is_bare(),
                broker: fleet.broker.clone(),
                options: adapter_options(std::mem::take(&mut fleet.options)),
            }),
            _ => None,
        })
}

fn adapter_options(options: Vec<ast::ParsedOption>) -> Vec<AdapterOption> {
    let options = options.into_iter().map(|option| AdapterOption {
        label: ident_text(&option.key),
        colon: option.colon,
        field: option.key,
        display_value: option
            .value
            .as_ref()
            .and_then(literal_text)
            .unwrap_or_default(),
        value: option.value.map(ToTokens::into_token_stream),
    });
    options.collect()
}

/// Returns whether the value of a level is `LevelFilter::WARN`.
fn names_level_filter(pair: &Pair) -> bool {
    match &pair.value {
        Some(Value::Constant(Expr::Path(path))) if pair.setting.shape == Shape::Level => {
            let mut names = path.path.segments.iter().map(|segment| &segment.ident);
            names.next().is_some_and(|first| first == "LevelFilter")
        }
        _ => false,
    }
}

/// Returns checks for the values that the macro does not know.
fn const_assertions(block: &ast::Block) -> Vec<ConstAssertion> {
    let unjudged = |pairs: &[Pair], name, function| {
        let (_, value) = ast::value(pairs, name)?;
        let at = value.span_ends().filter(|_| !value.is_known())?;
        Some(ConstAssertion { function, at })
    };
    let of_block = |name, function| unjudged(&block.settings, name, function);
    let of_all = |name, function| {
        let mut all = block.all_settings();
        all.find_map(|pairs| unjudged(pairs, name, function))
    };
    let has_max_level = |pairs| ast::value(pairs, MAX_LEVEL).is_some();
    let levels = of_all(MAX_LEVEL, "check_levels").or_else(|| of_all(LEVEL, "check_levels"));
    of_block(SYNC_THRESHOLD, "check_thresholds")
        .or_else(|| of_block(DISCARD_THRESHOLD, "check_thresholds"))
        .into_iter()
        .chain(of_block(ENV_PREFIX, "check_env_prefix"))
        .chain(of_block(MEMORY_LIMIT, "check_memory_limit"))
        .chain(of_block(MAX_AGE, "check_max_age"))
        .chain(of_block(REPORT_PERIOD, "check_report_period"))
        .chain(levels.filter(|_| block.all_settings().any(has_max_level)))
        .chain(of_all(REMIND, "check_remind"))
        .chain(of_all(QUIET, "check_quiet"))
        .chain(of_all(MENTION_EVERY, "check_mention_every"))
        .chain(features(block))
        .collect()
}

/// Returns checks for settings that need a feature, which only `logout` knows to be on.
fn features(block: &ast::Block) -> impl Iterator<Item = ConstAssertion> {
    let of = |name, function, needs: fn(&Value) -> bool| {
        let (key, _) = block.value(name).filter(|(_, value)| needs(value))?;
        let at = (key.span(), key.span());
        Some(ConstAssertion { function, at })
    };
    let spool = of(
        "spool",
        "check_spool",
        |value| !matches!(value, Value::Directory(Expr::Lit(literal)) if is_false(&literal.lit)),
    );
    let notices = of(
        "notices",
        "check_notices",
        |value| matches!(value, Value::Notices(names) if !names.is_empty()),
    );
    let crashes = of(
        "notices",
        "check_crashed",
        |value| matches!(value, Value::Notices(names) if names.iter().any(|name| name == "Crashed")),
    );
    let fleet = of("fleet", "check_fleet", |_| true);
    let kept = spool.into_iter().chain(fleet);
    kept.chain(notices).chain(crashes)
}

fn is_false(literal: &Lit) -> bool {
    matches!(literal, Lit::Bool(truth) if !truth.value)
}

impl Instance {
    fn new(instance: ast::ParsedInstance, entry: Ident, library: &TokenStream) -> Self {
        let label = instance_name(&instance);
        // Not the span of an unnamed instance's type, where an editor must find only the type.
        let word = instance
            .name
            .as_ref()
            .map_or_else(|| entry.span(), Ident::span);
        let field = generated_ident_at(&label, word);
        let documented_type = instance
            .path
            .as_ref()
            .map(|path| (ident_text(&path.last), path.link.clone()));
        Self {
            is_bare: instance.path.as_ref().is_some_and(|path| path.is_bare()),
            docs: instance.docs,
            conditions: instance.conditions,
            unnamed: instance.name.is_none(),
            field_declaration: instance.name.unwrap_or_else(|| field.clone()),
            constant: generated_ident_at(&to_camel_case(&label), word),
            entry,
            adapter: instance.path.map_or_else(
                || quote!(#library::__private::Unfinished),
                |path| path.tokens,
            ),
            documented_type,
            documented_level: documented_level(&instance.settings),
            setters: make_setters(instance.settings, library),
            options: adapter_options(instance.options),
            label,
            field,
        }
    }
}

/// Returns the level among these settings, as documentation shows it.
fn documented_level(settings: &[Pair]) -> Option<String> {
    match ast::value(settings, LEVEL)?.1 {
        Value::Level(name) => Some(ident_text(name)),
        Value::Constant(value) => {
            let written = value.to_token_stream().to_string().replace(' ', "");
            let level = written.rsplit("LevelFilter::").next();
            level.map(str::to_owned)
        }
        _ => None,
    }
}

/// Returns a literal's value, as a variable would hold it.
fn literal_text(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            Lit::Char(letter) => Some(letter.value().to_string()),
            Lit::Int(number) => Some(number.base10_digits().to_owned()),
            Lit::Float(number) => Some(number.base10_digits().to_owned()),
            Lit::Bool(truth) => Some(truth.value.to_string()),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
            literal_text(&unary.expr).map(|number| format!("-{number}"))
        }
        Expr::Array(list) => {
            let parts: Option<Vec<_>> = list.elems.iter().map(literal_text).collect();
            // A comma would split the part.
            parts
                .filter(|parts| !parts.iter().any(|part| part.contains(',')))
                .map(|parts| parts.join(", "))
        }
        _ => None,
    }
}

/// Returns the setters of the block. The release defaults to the program's version.
fn setters_of_block(pairs: Vec<Pair>, library: &TokenStream) -> Vec<Setter> {
    let is_given = pairs.iter().any(|pair| pair.setting.name == RELEASE);
    let version = (!is_given).then(|| Setter {
        name: generated_ident(RELEASE),
        value: quote!(#library::__private::env!("CARGO_PKG_VERSION")),
    });
    version
        .into_iter()
        .chain(make_setters(pairs, library))
        .collect()
}

fn make_setters(pairs: Vec<Pair>, library: &TokenStream) -> Vec<Setter> {
    pairs
        .into_iter()
        .filter(|pair| pair.setting.name != ADAPTERS)
        .filter_map(|pair| {
            let value = match pair.value {
                Some(written) => value_tokens(written, library),
                // An editor looks here for the name of a level.
                None if pair.setting.shape == Shape::Level => {
                    quote!(#library::__private::LevelFilter::WARN)
                }
                None => return None,
            };
            Some(Setter {
                name: pair.key,
                value,
            })
        })
        .collect()
}
