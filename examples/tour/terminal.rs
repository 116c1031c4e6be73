//! Output of the tour, in eighty columns.

use logout::sandbox::Message;

pub(crate) const COLUMNS: usize = 80;

pub(crate) fn print(message: &Message) {
    let mentions = message.mentions().join(", ");
    let calls = if mentions.is_empty() {
        String::new()
    } else {
        format!(", calls {mentions}")
    };
    println!("┌ {}{calls}", message.platform());
    for line in message
        .text()
        .lines()
        .flat_map(|line| wrapped(line, COLUMNS - 2))
    {
        println!("│ {line}");
    }
    println!("└");
}

/// Breaks a text into lines of so many characters, at spaces where there are some, all of them
/// indented as the text is.
pub(crate) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let words = text.trim_start();
    let indent = " ".repeat(text.len() - words.len());
    let mut lines = Vec::new();
    let mut line = indent.clone();
    for word in words.split(' ') {
        let is_begun = line.len() > indent.len();
        if is_begun && line.chars().count() + 1 + word.chars().count() > columns {
            lines.push(std::mem::replace(&mut line, indent.clone()));
        } else if is_begun {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}
