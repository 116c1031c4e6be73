//! Parsing of errors' Debug texts: anyhow's, eyre's and color-eyre's.
//!
//! None of these formats is guaranteed, so parsing never fails and loses nothing: unknown lines are
//! kept among the notes.

use crate::text::backtrace;

/// A parsed Debug text of an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ErrorReport {
    /// The text before all sections: the error itself.
    pub(super) text: String,
    pub(super) causes: Vec<String>,
    /// Everything else: suggestions, warnings, and unknown lines.
    pub(super) notes: String,
    /// The place where the error was made, after `at`.
    pub(super) location: String,
    pub(super) backtrace: String,
    pub(super) span_trace: String,
}

/// A section of such a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReportSection {
    Head,
    Causes,
    Location,
    Backtrace,
    SpanTrace,
    /// Instructions to enable backtraces.
    Hint,
    Notes,
}

/// Parses the text, if it has one of these formats.
pub(super) fn parse(text: &str) -> Option<ErrorReport> {
    let mut report = ErrorReport::default();
    let mut section = ReportSection::Head;
    let mut chain: Vec<String> = Vec::new();
    let mut is_report = false;
    let mut is_after_blank = false;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let next = lines.peek().copied().unwrap_or_default();
        if let Some(begun) = heading(line, next) {
            // A hint alone makes no report, and what follows a report is another text's.
            is_report |=
                !matches!(begun, ReportSection::Hint | ReportSection::Notes) || !chain.is_empty();
            section = begun;
            if begun == ReportSection::Notes {
                push_line(&mut report.notes, line.trim_end());
            }
            is_after_blank = false;
            continue;
        }
        if line.trim().is_empty() {
            is_after_blank = true;
            if section == ReportSection::Head && !chain.is_empty() {
                section = ReportSection::Notes;
            } else if section == ReportSection::Head && !report.text.is_empty() {
                report.text.push('\n');
            }
            continue;
        }
        let is_indented = line.starts_with([' ', '\t']);
        let is_over = is_after_blank
            && !is_indented
            && matches!(
                section,
                ReportSection::Causes | ReportSection::Location | ReportSection::Hint
            );
        if is_over {
            section = ReportSection::Notes;
        }
        is_after_blank = false;
        match section {
            ReportSection::Head => push_head(&mut report.text, &mut chain, line),
            ReportSection::Causes => push_cause(&mut report.causes, line),
            ReportSection::Location if report.location.is_empty() => {
                report.location = format!("at {}", line.trim());
            }
            ReportSection::Backtrace => push_line(&mut report.backtrace, line),
            ReportSection::SpanTrace => push_line(&mut report.span_trace, line),
            ReportSection::Hint | ReportSection::Location | ReportSection::Notes => {
                push_line(&mut report.notes, line.trim_end());
            }
        }
    }
    if !is_report {
        return None;
    }
    report.text.truncate(report.text.trim_end().len());
    let mut chain = chain.into_iter();
    if let Some(first) = chain.next() {
        if !report.text.is_empty() {
            report.text.push(' ');
        }
        report.text.push_str(&first);
    }
    report.causes.splice(..0, chain);
    Some(report)
}

/// The beginnings of lines that say how to see a backtrace.
const HINTS: [&str; 3] = [
    "Backtrace omitted",
    "Run with RUST_BACKTRACE=",
    "Run with COLORBT_SHOW_HIDDEN=",
];

/// Returns the section that begins with this line.
fn heading(line: &str, next: &str) -> Option<ReportSection> {
    if backtrace::is_title(line) {
        return Some(ReportSection::Backtrace);
    }
    let is_indented = line.starts_with([' ', '\t']);
    let text = line.trim();
    let title = text.trim_matches('━');
    if title.len() < text.len() {
        return (title.trim() == "SPANTRACE").then_some(ReportSection::SpanTrace);
    }
    if is_indented {
        return None;
    }
    let word = text.split_once(':').map(|(word, _)| word);
    match text {
        "Caused by:" => Some(ReportSection::Causes),
        "Location:" if is_place(next.trim()) => Some(ReportSection::Location),
        _ if HINTS.iter().any(|hint| text.starts_with(hint)) => Some(ReportSection::Hint),
        _ if matches!(word, Some("Suggestion" | "Note" | "Warning" | "Help")) => {
            Some(ReportSection::Notes)
        }
        _ => None,
    }
}

/// Returns whether the text is a file with a line: `src/main.rs:12`.
fn is_place(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(file, line)| {
        !file.is_empty() && !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Adds a line before the first section: the next of color-eyre's numbered errors, more of the last
/// one, or text.
fn push_head(text: &mut String, chain: &mut Vec<String>, line: &str) {
    let is_first = text.is_empty() || text.trim_end().ends_with(':');
    let begins = line.starts_with("  ") && (!chain.is_empty() || is_first);
    if begins && let Some(said) = numbered(line, chain.len()) {
        chain.push(said.to_owned());
    } else if let Some(last) = chain.last_mut() {
        push_line(last, line.trim());
    } else if text.is_empty() {
        text.push_str(line.trim_end());
    } else {
        push_line(text, line.trim_end());
    }
}

/// Adds a line below `Caused by:`, where one cause has no number.
fn push_cause(causes: &mut Vec<String>, line: &str) {
    if let Some(said) = numbered(line, causes.len()) {
        causes.push(said.to_owned());
    } else if let Some(last) = causes.last_mut() {
        push_line(last, line.trim());
    } else {
        causes.push(line.trim().to_owned());
    }
}

/// Returns the text after this number.
fn numbered(line: &str, number: usize) -> Option<&str> {
    let (count, said) = line.trim().split_once(": ")?;
    (count.parse() == Ok(number)).then_some(said.trim_start())
}

fn push_line(text: &mut String, line: &str) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(line);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ErrorReport, parse};

    fn parts(text: &str) -> (String, Vec<String>) {
        let report = parse(text).unwrap();
        (report.text, report.causes)
    }

    fn owned(causes: &[&str]) -> Vec<String> {
        causes.iter().map(|&cause| cause.to_owned()).collect()
    }

    #[test]
    fn what_anyhow_and_eyre_write_is_taken_apart() {
        let one = "cannot pay\n\nCaused by:\n    card declined\n    by the bank";
        assert_eq!(
            parts(one),
            ("cannot pay".into(), owned(&["card declined\nby the bank"]))
        );
        let two = "cannot pay\n\nCaused by:\n    0: card declined\n       by the bank\n    1: refused\n\nLocation:\n    src/main.rs:12:5\n\nStack backtrace:\n   0: shop::pay\n             at src/pay.rs:3:4";
        let report = parse(two).unwrap();
        assert_eq!(report.text, "cannot pay");
        assert_eq!(
            report.causes,
            owned(&["card declined\nby the bank", "refused"])
        );
        assert_eq!(report.location, "at src/main.rs:12:5");
        assert_eq!(
            report.backtrace,
            "   0: shop::pay\n             at src/pay.rs:3:4"
        );
    }

    #[test]
    fn what_color_eyre_writes_is_taken_apart() {
        let text = "\n   0: cannot pay\n   1: card declined\n      by the bank\n\nLocation:\n   src/main.rs:12\n\n  ━━━━━━━ SPANTRACE ━━━━━━━\n\n   0: shop::request with id=7\n      at src/main.rs:5\n\n  ━━━━━━━ BACKTRACE ━━━━━━━\n        ⋮ 5 frames hidden ⋮        \n   6: shop::main::h0123456789abcdef\n      at src/main.rs:12\n\nSuggestion: try another card\n\nRun with COLORBT_SHOW_HIDDEN=1 environment variable to disable frame filtering.\nRun with RUST_BACKTRACE=full to include source snippets.";
        let report = parse(text).unwrap();
        assert_eq!(report.text, "cannot pay");
        assert_eq!(report.causes, owned(&["card declined\nby the bank"]));
        assert_eq!(report.location, "at src/main.rs:12");
        assert!(report.span_trace.contains("shop::request with id=7"));
        assert!(
            report.backtrace.contains("shop::main") && !report.backtrace.contains("Suggestion")
        );
        assert_eq!(report.notes, "Suggestion: try another card");
    }

    #[test]
    fn a_report_behind_other_words_joins_them() {
        let unwrapped = "called `Result::unwrap()` on an `Err` value: \n   0: cannot pay\n   1: refused\n\nLocation:\n   src/main.rs:12";
        let told = "called `Result::unwrap()` on an `Err` value: cannot pay";
        assert_eq!(parts(unwrapped), (told.into(), owned(&["refused"])));
        let logged = "giving up: cannot pay\n\nCaused by:\n    refused\n\nand more of it";
        let report = parse(logged).unwrap();
        assert_eq!(
            (&*report.text, &*report.notes),
            ("giving up: cannot pay", "and more of it")
        );
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "",
            "payment failed",
            "first\n\nsecond",
            "   0: one\n   1: two",
            "Location:\nBerlin",
            "Note: all is well",
            "it was Caused by: rain",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    fn line() -> impl Strategy<Value = String> {
        prop_oneof![
            Just(String::new()),
            Just("Caused by:".to_owned()),
            Just("Location:".to_owned()),
            Just("    src/main.rs:1:2".to_owned()),
            Just("Stack backtrace:".to_owned()),
            Just("  ━━━━ BACKTRACE ━━━━".to_owned()),
            Just("  ━━━━ SPANTRACE ━━━━".to_owned()),
            Just("Backtrace omitted. Run with RUST_BACKTRACE=1".to_owned()),
            Just("Suggestion: wait".to_owned()),
            "[ ]{0,7}[0-3]: [a-z:]{0,8}",
            "[ ]{0,7}[a-zé:]{1,8}",
            any::<String>(),
        ]
    }

    proptest! {
        #[test]
        fn every_line_is_in_one_of_the_parts(lines in prop::collection::vec(line(), 0..24)) {
            let text = lines.join("\n");
            let Some(report) = parse(&text) else { return Ok(()) };
            let ErrorReport { text: said, causes, notes, location, backtrace, span_trace } = report;
            let all = [said, causes.join("\n"), notes, location, backtrace, span_trace].join("\n");
            for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
                let is_heading = line.ends_with(':') || line.contains('━')
                    || line.starts_with("Backtrace omitted") || line.starts_with("Run with ");
                let is_found = || all.contains(line)
                    || line.split_once(": ").is_some_and(|(_, said)| all.contains(said.trim()));
                prop_assert!(is_heading || is_found(), "{:?} of {:?}", line, text);
            }
        }
    }
}
