//! Telegram's three markups.

use super::styled::Styled;

pub(super) fn html(_: &str) -> Result<Styled, String> {
    Err("x".into())
}
pub(super) fn markdown_v2(_: &str) -> Result<Styled, String> {
    Err("x".into())
}
pub(super) fn markdown(_: &str) -> Result<Styled, String> {
    Err("x".into())
}
