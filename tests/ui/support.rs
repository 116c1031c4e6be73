//! An adapter for the cases beside this folder.

#[derive(Default, serde::Deserialize)]
pub struct Pager {
    pub topic: String,
    pub key: logout::adapter::Secret,
}

impl logout::Adapter for Pager {
    fn render(&self, _: &logout::Notice, _: logout::adapter::Step<'_>, _: &mut logout::adapter::Request) {}
}

#[allow(dead_code, reason = "only the case with half an expression calls it")]
pub fn text() -> &'static str {
    "incidents"
}
