//! The known name that a misspelt one was meant to be.

/// Returns the one of `names` of which `name` is a misspelling.
pub(crate) fn nearest<'n>(name: &str, names: &[&'n str]) -> Option<&'n str> {
    names
        .iter()
        .map(|known| (distance(name, known), *known))
        .filter(|(distance, known)| *distance <= max_distance(known))
        .min()
        .map(|(_, known)| known)
}

/// Returns how many letters of a name of this length may be wrong.
fn max_distance(name: &str) -> usize {
    match name.len() {
        0..3 => 0,
        3..6 => 1,
        _ => 2,
    }
}

/// Returns how many letters must be changed, added, removed or swapped with their neighbour to get
/// from one to the other, ignoring case.
fn distance(from: &str, to: &str) -> usize {
    strsim::osa_distance(&from.to_ascii_lowercase(), &to.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_of_the_finger_are_recognised() {
        let known = ["url", "level", "bot_token", "chat_id"];
        for (written, meant) in [
            ("ulr", Some("url")),
            ("Level", Some("level")),
            ("lvel", Some("level")),
            ("bot_tokne", Some("bot_token")),
            ("chatid", Some("chat_id")),
            ("port", None),
            ("service_host", None),
        ] {
            assert_eq!(nearest(written, &known), meant, "{written}");
        }
    }
}
