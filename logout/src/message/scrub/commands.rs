//! Credentials in arguments of commands and in configuration files.

use std::ops::Range;

use crate::block::mask::ambiguous_names::is_made_by_machine;

use super::credentials::{Scan, is_letter};
use super::named_values;
use super::sql::text_before;
use super::value::{is_telling, line_end, value};

/// Commands with an option of one letter that takes a password, that letter, and whether the
/// password must follow without a space: `mysql -p shop` names a database.
const COMMANDS: [(&str, u8, bool); 8] = [
    ("ldap", b'w', false),
    ("login", b'p', false),
    ("mariadb", b'p', true),
    ("mongo", b'p', false),
    ("mysql", b'p', true),
    ("redis-cli", b'a', false),
    ("sshpass", b'p', false),
    ("twine", b'p', false),
];

/// Options that take a user with a password.
const LOGINS: [&str; 4] = ["-u", "-U", "--user", "--proxy-user"];

/// Returns the value in `--name value` and `-p value`, in a shell command or in a list of strings.
pub(super) fn argument(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    let is_first = matches!(
        scan.before(at),
        0 | b' ' | b'\n' | b'"' | b'\'' | b'`' | b'['
    );
    let is_long = scan.byte(at + 1) == b'-';
    let name = at + 1 + usize::from(is_long);
    if !is_first || !scan.byte(name).is_ascii_alphabetic() {
        return None;
    }
    let end = scan.skip(name, |byte| is_letter(byte) || byte == b'-');
    let start = next_argument(scan, end);
    if LOGINS.contains(&scan.part(at..end)) && start > end {
        return login(scan, at, start);
    }
    let is_attached_login = scan.part(at..end).starts_with("-u") && scan.byte(end) == b':';
    if is_attached_login && text_before(scan, at).contains("curl") {
        return login(scan, at, at + 2);
    }
    if !is_long {
        return short_option(scan, at, start);
    }
    if start == end || b"-=".contains(&scan.byte(start)) || scan.is_cut(end) {
        return None;
    }
    let covered = scan.mask.find(scan.part(name..end))?;
    value(scan, start, |value, is_enclosed| {
        covered.hides(value) && (is_enclosed || is_telling(scan, start, value, "-"))
    })
}

/// Returns the start of the argument after one that ends at `end`, or `end` if there is none.
fn next_argument(scan: &Scan<'_>, end: usize) -> usize {
    let quote = scan.byte(end);
    if !b"\"'".contains(&quote) {
        return scan.skip(end, |byte| byte == b' ');
    }
    let next = scan.skip(end + 1, |byte| b", ".contains(&byte));
    if scan.byte(next) == quote { next } else { end }
}

/// Returns the password after an option of one letter at `at`, if the command takes it there.
fn short_option(scan: &Scan<'_>, at: usize, next: usize) -> Option<Range<usize>> {
    let option = scan.byte(at + 1);
    let mut commands = COMMANDS.iter().filter(|(_, known, _)| *known == option);
    let before = text_before(scan, at);
    let before = before.rsplit('\n').next().unwrap_or_default();
    let (.., is_attached) = commands.find(|(command, ..)| before.contains(command))?;
    let is_alone = b" \"'".contains(&scan.byte(at + 2));
    if is_alone && (*is_attached || next == at + 2) {
        return None;
    }
    let start = if is_alone { next } else { at + 2 };
    value(scan, start, |value, _| {
        !value.starts_with(['-', '$', '<', '{', '='])
    })
}

/// Returns the user and the password at `start`, which an option at `at` takes: `curl -u
/// ada:hunter2`. Other commands take a user with a group there.
fn login(scan: &Scan<'_>, at: usize, start: usize) -> Option<Range<usize>> {
    let is_of_http = text_before(scan, at).contains("curl");
    value(scan, start, |value, _| {
        let Some((user, password)) = value.split_once(':') else {
            return false;
        };
        let digits = password.bytes().filter(u8::is_ascii_digit).count();
        let is_group = digits == password.len() || password.starts_with(['$', '<', '{']);
        let is_login = is_of_http || (digits > 0 && password.len() >= 6);
        !user.is_empty() && !is_group && is_login
    })
}

/// Returns the value after a word at `at` without a separator: in files of netrc, of Redis and of
/// Docker, and where a variable is set.
pub(super) fn word(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    let end = scan.skip(at, is_letter);
    let mut start = scan.skip(end, |byte| byte == b' ');
    let is_known = start > end
        && match scan.part(at..end) {
            "requirepass" | "masterauth" => true,
            "password" => {
                let before = text_before(scan, at);
                before.contains("login ") && before.contains("machine ")
            }
            "ENV" | "set" | "setx" => {
                let name = scan.part(start..scan.skip(start, is_letter));
                let covered = scan.mask.find(name).filter(|covered| covered.is_last());
                let next = start + name.len();
                start = scan.skip(next, |byte| byte == b' ');
                covered.is_some() && start > next
            }
            name @ ("token" | "session" | "secret" | "key") => {
                return random_value(scan, name, at, start);
            }
            _ => false,
        };
    let is_hidden = |value: &str, is_enclosed| is_enclosed || is_telling(scan, start, value, "-");
    is_known.then(|| value(scan, start, is_hidden)).flatten()
}

/// Returns a random value after a word that names it: "invalid token `…`", "unknown session …".
fn random_value(scan: &Scan<'_>, name: &str, at: usize, start: usize) -> Option<Range<usize>> {
    named_values::covered(scan, (at, name)).filter(|(_, covered)| covered.is_last())?;
    let start = start + usize::from(b"`'\"".contains(&scan.byte(start)));
    let end = scan.skip(start, |byte| is_letter(byte) || b"-+/=".contains(&byte));
    let value = scan.part(start..end).split('…').next().unwrap_or_default();
    let end = start + value.len();
    // A JSON Web Token is recognised elsewhere.
    if value.starts_with("eyJ") {
        return None;
    }
    (is_made_by_machine(value) || (scan.is_cut(end) && !value.is_empty())).then_some(start..end)
}

/// Returns what follows `"AUTH"` where Redis logs its commands, at the quote `at`.
pub(super) fn authentication(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    let is_command = text_before(scan, at).ends_with("\"AUTH\" ");
    is_command.then(|| at + 1..line_end(scan, at))
}
