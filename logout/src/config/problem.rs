//! What is wrong with a configuration, for the person who has to mend it.

use std::fmt;

/// One thing that is wrong with the configuration.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The name of the block.
    pub(crate) block: &'static str,
    /// One line, without any configured value.
    pub(crate) text: String,
    /// Whether it is no problem by itself and may explain another.
    pub(crate) is_hint: bool,
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let note = if self.is_hint { "note: " } else { "" };
        write!(f, "{note}{}", self.text)
    }
}

/// One sentence for a single problem; else a heading and a line for each.
pub(crate) fn write_problems(f: &mut fmt::Formatter<'_>, problems: &[Problem]) -> fmt::Result {
    let (hints, wrong): (Vec<_>, Vec<_>) = problems.iter().partition(|problem| problem.is_hint);
    match wrong.as_slice() {
        [] => f.write_str("the configuration is wrong")?,
        [Problem { block, text, .. }] => {
            write!(f, "the configuration of {block} has a problem: {text}")?;
        }
        [Problem { block, .. }, ..] => {
            write!(
                f,
                "the configuration of {block} has {} problems:",
                wrong.len()
            )?;
            for problem in wrong {
                write!(f, "\n  {problem}")?;
            }
        }
    }
    hints.iter().try_for_each(|hint| write!(f, "\n  {hint}"))
}
