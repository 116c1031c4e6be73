//! The guide: links that lead to a heading, and a complete and correct reference of settings.

#![allow(
    unused_qualifications,
    reason = "the examples stand here as on the page"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use logout::figment::Figment;
use logout::figment::providers::{Format as _, Toml};
use logout::logout;

const SETTINGS: &str = include_str!("../logout/docs/settings.md");

fn plates(text: &str) -> std::borrow::Cow<'_, str> {
    text.into()
}

logout! {
    /// The examples of the page, each as it stands there.
    struct Examples {
        project_name: "Corner Shop",
        environment: "production",
        release: "1.10.2",
        level: INFO,
        adapters: [Slack, ops: Slack { level: ERROR }],
        metadata_filter: [target: "shop", team: "billing"],
        ignore: [target: "shop::noisy", fingerprint: "3fa9c1"],
        mute: ["3fa9c1"],
        spans: DEBUG,
        metadata: [order, http.status],
        mask: [iban, card.number, -auth],
        scrub: [default, crate::plates],
        format: "$time $level $message",
        links: [wiki: "https://wiki.example.org/errors/{fingerprint}"],
        trail: 20,
        utc_log: true,
        remind: ["5m", "1h"],
        remind_from: INFO,
        quiet: "5m",
        quiet_notice: true,
        mention_when: Always,
        mention_every: "30m",
        sync_threshold: 50,
        sync_timeout: "0s",
        discard_threshold: 2_000,
        discard_threshold_periodic_check: "1m",
        max_age: "6h",
        spool: "/var/lib/shop/alerts",
        spool_sync: false,
        notices: [Crashed],
        fleet: Redis { name: "shop" },
        truncate: "16 KiB",
        memory_limit: "4 MiB",
        shutdown_timeout: "5s",
        panic_timeout: "0s",
        env_prefix: "SHOP_ALERTS_",
    }
}

logout! {
    struct Defaults {
        adapters: [Slack, ops: Slack, warnings: Slack { max_level: WARN }],
    }
}

logout! {
    /// A block with a fleet, since only such a block has its keys.
    struct Replicas { adapters: [Slack], fleet: Redis }
}

/// Returns the rows of each setting's table.
fn settings() -> BTreeMap<&'static str, BTreeMap<&'static str, &'static str>> {
    let mut settings = BTreeMap::new();
    for section in SETTINGS.split("\n## `").skip(1) {
        let (name, section) = section.split_once('`').unwrap();
        let section = section.split("\n# ").next().unwrap();
        let rows = section
            .lines()
            .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
            .filter_map(|row| row.split_once(" | "))
            .take_while(|(first, _)| !first.starts_with('`'));
        let rows: BTreeMap<_, _> = rows.collect();
        assert!(settings.insert(name, rows).is_none(), "{name} stands twice");
    }
    settings
}

fn examples(rows: &BTreeMap<&'static str, &'static str>) -> Vec<&'static str> {
    let examples = rows["example"].split(" · ");
    examples.map(|code| code.trim_matches('`')).collect()
}

#[test]
fn every_setting_has_a_heading_with_default_unit_example_and_cost() {
    let settings = settings();
    for key in Defaults::keys() {
        let is_adapters = ["url", "thread_ts", "mention"].contains(&key.name());
        assert!(
            is_adapters || settings.contains_key(key.name()),
            "{} has no heading",
            key.path()
        );
    }
    for (name, rows) in &settings {
        for row in ["default", "unit", "set in", "example", "cost"] {
            assert!(rows.contains_key(row), "{name} has no row `{row}`");
        }
        assert!(
            SETTINGS.contains(&format!("[`{name}`](#{name})")),
            "{name} is not in the list at the top"
        );
    }
}

#[test]
fn the_defaults_are_those_of_a_block_that_sets_nothing() {
    let plain = |text: &str| text.replace(['[', ']', '"', '`'], "");
    let settings = settings();
    for key in Defaults::keys() {
        let (None, Some(default)) = (key.instance(), key.default()) else {
            continue;
        };
        if ["project_name", "release"].contains(&key.name()) {
            continue;
        }
        let stated = plain(settings[key.name()]["default"]);
        assert!(
            stated.to_lowercase().starts_with(&default.to_lowercase()),
            "{}: {stated}, and not {default}",
            key.name()
        );
    }
}

#[test]
fn the_examples_for_the_block_compile() {
    let source = include_str!("guide.rs");
    for (name, rows) in settings() {
        let examples = examples(&rows);
        let mut of_block = examples
            .iter()
            .filter(|code| code.starts_with(&format!("{name}: ")));
        let run_time_only = ["enabled", "dry_run", "allow_http"].contains(&name);
        let example = of_block.next();
        assert_eq!(example.is_none(), run_time_only, "{name}");
        assert!(
            example.is_none_or(|code| source.contains(code)),
            "{name}: the example is not in the block above"
        );
    }
    let keys = Examples::keys();
    let limit = keys.iter().find(|key| key.path() == "memory_limit");
    assert_eq!(limit.and_then(|key| key.default()), Some("4 MiB"));
    assert_eq!(plates("B-AB 123"), "B-AB 123");
}

#[test]
fn the_examples_for_a_file_are_read() {
    let urls = "[slack]\nurl = 'https://hooks.slack.com/services/T0/B0/x'\n\
                [ops]\nurl = 'https://hooks.slack.com/services/T0/B0/y'\nOPS\n\
                [warnings]\nurl = 'https://hooks.slack.com/services/T0/B0/z'\n";
    let mut read = 0;
    for (name, rows) in settings() {
        for code in examples(&rows) {
            if !code.starts_with(&format!("{name} = ")) {
                continue;
            }
            let file = match name {
                "allow_http" => urls.replace("OPS", code),
                // What the instance for warnings has beside it would let nothing pass.
                "level" => format!("{code}\n{}", urls.replace("OPS", ""))
                    .replace("[warnings]", "[warnings]\nenabled = false"),
                _ => format!("{code}\n{}", urls.replace("OPS", "")),
            };
            let settings = Figment::from(Toml::string(&file));
            if let Err(error) = Defaults::from_figment(settings) {
                panic!("{code}: {error}");
            }
            read += 1;
        }
    }
    assert!(read > 20, "{read}");
}

#[test]
fn the_variables_of_the_examples_exist() {
    let keys = [Defaults::keys(), Replicas::keys()].concat();
    let known: BTreeSet<String> = keys
        .iter()
        .flat_map(|key| key.variables().to_vec())
        .collect();
    let mut seen = 0;
    for (name, rows) in settings() {
        for code in examples(&rows) {
            let Some((variable, _)) = code.split_once('=') else {
                continue;
            };
            if variable.starts_with("LOGOUT_") {
                assert!(known.contains(variable), "{name}: {variable} is unknown");
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

/// Returns the anchors of a page, as rustdoc makes them of its headings.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut is_code = false;
    let mut anchors = BTreeSet::new();
    for line in page.lines() {
        if line.starts_with("```") {
            is_code = !is_code;
        }
        let title = line.trim_start_matches('#');
        if is_code || title.len() == line.len() || !title.starts_with(' ') {
            continue;
        }
        let id: String = title
            .trim()
            .to_lowercase()
            .chars()
            .filter_map(|letter| match letter {
                ' ' | '-' => Some('-'),
                letter if letter.is_alphanumeric() || letter == '_' => Some(letter),
                _ => None,
            })
            .collect();
        anchors.insert(id);
    }
    anchors
}

#[test]
fn every_link_to_a_heading_of_the_guide_leads_to_one() {
    let page = |chapter: &str| fs::read_to_string(format!("logout/docs/{chapter}.md"));
    let mut texts: Vec<(String, String)> = Vec::new();
    for entry in fs::read_dir("logout/docs").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            texts.push((
                path.display().to_string(),
                fs::read_to_string(&path).unwrap(),
            ));
        }
    }
    for source in ["logout/src/worker/change.rs", "logout/src/lib.rs"] {
        texts.push((source.to_owned(), fs::read_to_string(source).unwrap()));
    }
    let mut followed = 0;
    for (place, text) in &texts {
        for link in text.split("guide::").skip(1) {
            let link = link.split([')', ']', '`', ' ', ';', '\n']).next().unwrap();
            let Some((chapter, anchor)) = link.split_once('#') else {
                continue;
            };
            let page = page(chapter).unwrap_or_else(|_| panic!("{place}: no chapter {chapter}"));
            assert!(
                anchors(&page).contains(anchor),
                "{place}: {chapter} has no heading {anchor}"
            );
            followed += 1;
        }
        let own = anchors(text);
        for anchor in text.split("](#").skip(1) {
            let anchor = anchor.split(')').next().unwrap();
            assert!(own.contains(anchor), "{place}: no heading {anchor}");
            followed += 1;
        }
    }
    assert!(followed > 60, "{followed}");
}

#[test]
fn the_front_page_lists_every_recipe() {
    let front = include_str!("../logout/docs/guide.md");
    let recipes = include_str!("../logout/docs/recipes.md");
    let titles: Vec<_> = anchors(recipes).into_iter().collect();
    assert_eq!(titles.len(), 15, "{titles:?}");
    for title in titles {
        assert!(
            front.contains(&format!("guide::recipes#{title})")),
            "{title}"
        );
    }
}

#[test]
fn every_example_that_a_page_names_exists() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let examples = fs::read_dir(root.join("examples")).unwrap();
    let examples = examples.map(|entry| entry.unwrap().path());
    let is_one = |path: &PathBuf| {
        path.extension().is_some_and(|end| end == "rs") || path.join("main.rs").exists()
    };
    let names: BTreeSet<_> = examples
        .filter(is_one)
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let mut pages = vec![root.join("README.md"), root.join("logout/CONTRIBUTING.md")];
    for folder in ["logout/docs", "examples"] {
        let entries = fs::read_dir(root.join(folder)).unwrap();
        pages.extend(entries.map(|entry| entry.unwrap().path()));
    }
    pages.retain(|page| page.is_file() && page.extension().is_some_and(|end| end != "toml"));
    for page in pages {
        let Ok(text) = fs::read_to_string(&page) else {
            continue;
        };
        for named in text.split("--example ").skip(1) {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let name: String = named.chars().take_while(|c| is_name(*c)).collect();
            let is_known = names.contains(&name) || name.is_empty();
            assert!(is_known, "{} names the example {name}", page.display());
        }
    }
}
