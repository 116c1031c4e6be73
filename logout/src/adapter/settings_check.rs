//! What is wrong with several settings of an adapter, a line each.

/// Joins what was found wrong, as [`Adapter::check`](crate::Adapter::check) gives it back.
pub(crate) fn joined(found: impl IntoIterator<Item = Option<String>>) -> Result<(), String> {
    let lines: Vec<_> = found.into_iter().flatten().collect();
    match lines.is_empty() {
        true => Ok(()),
        false => Err(lines.join("\n")),
    }
}

/// Returns the segments of an address's path.
pub(crate) fn segments(url: &crate::transport::Url) -> impl Iterator<Item = &str> {
    let path = url.path_and_query().split(['?', '#']).next();
    path.unwrap_or_default()
        .split('/')
        .filter(|segment| !segment.is_empty())
}
