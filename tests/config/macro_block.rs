//! Contents of a `logout!` block that are visible without starting it.

#![expect(
    clippy::allow_attributes,
    reason = "it is what is written before a block without adapters"
)]

use logout::__private::BlockDefinition as _;
use logout::adapter::{Request, Step};
use logout::{Adapter, Notice, logout};

/// An adapter of this crate.
#[derive(Debug, Default, serde::Deserialize)]
struct Pager {
    #[serde(default)]
    topic: String,
}

impl Adapter for Pager {
    fn render(&self, _: &Notice, _: Step<'_>, request: &mut Request) {
        request.json(&serde_json::json!({ "topic": self.topic }));
    }
}

logout! {
    #[allow(deprecated, reason = "it has no adapters on purpose")]
    struct Nobody {}
}

logout! {
    /// The shop's alerts.
    struct Alerts {
        project_name: "shop",
        level: ERROR,
        truncate: infinity,
        format: "[$level] $message",
        metadata: [order, http.status],
        ignore: [target: "shop::noisy"],
        mute: ["3fa9c1"],
        mask: [default, card.number],
        adapters: [
            logout::Slack { level: WARN },
            #[cfg(any())]
            absent: Nowhere { topic: 5 },
            ops: logout::Slack,
            Pager { topic: "alerts" },
        ],
    }
}

logout! {
    struct Dozen {
        adapters: [
            a: Pager, b: Pager, c: Pager { topic: "c" }, d: Pager,
            e: Pager, f: Pager, g: Pager, h: Pager,
            i: Pager, j: Pager, k: Pager, l: Pager,
        ],
    }
}

#[test]
fn positions_are_those_in_the_block_without_what_is_not_compiled() {
    let positions = [
        AlertsAdapter::Slack,
        AlertsAdapter::Ops,
        AlertsAdapter::Pager,
    ]
    .map(Alerts::index);
    assert_eq!(positions, [0, 1, 2]);
    assert_eq!(Dozen::index(DozenAdapter::L), 11);
}

#[test]
fn the_block_carries_what_it_was_given() {
    let block = format!("{:?}", Alerts::BLOCK);
    for part in [
        r#"name: "Alerts""#,
        r#"project_name: "shop""#,
        "level: LevelFilter::ERROR",
        "truncate: 18446744073709551615",
        r#"format: Template([Text("["), Level, Text("] "), Message])"#,
        r#"metadata: Only(["order", "http.status"])"#,
        r#"ignore: [Rule { key: "target", value: "shop::noisy" }]"#,
        r#"mute: ["3fa9c1"]"#,
        r#"mask: ["default", "card.number"]"#,
        r#"Declaration { name: "slack", unnamed: true, level: Some(LevelFilter::WARN)"#,
        r#"Declaration { name: "ops", unnamed: false, level: None"#,
        r#"Declaration { name: "pager", unnamed: true"#,
    ] {
        assert!(block.contains(part), "{part} is not in {block}");
    }
    assert!(!block.contains("absent"), "{block}");
}

#[test]
fn the_project_is_called_by_its_package_unless_named() {
    let block = format!("{:?}", Nobody::BLOCK);
    let name = format!("project_name: {:?}", env!("CARGO_PKG_NAME"));
    assert!(block.contains(&name), "{block}");
    assert!(block.contains("instances: []"), "{block}");
}

#[test]
fn instances_can_be_compared_and_told_apart() {
    let instance = AlertsAdapter::Ops;
    let copy = instance;
    assert_eq!(instance, copy);
    assert_ne!(instance, AlertsAdapter::Slack);
    assert_eq!(format!("{instance:?}"), "Ops");
}
