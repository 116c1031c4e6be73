//! `parse_mode: MarkdownV2`.

use super::super::styled::Styled;
use super::{OpenEntity, Parsed};

/// Signs that must not stand unescaped outside of entities' own places.
const RESERVED: &str = "_*[]()~`>#+-=|{}.!\n";

/// A mark, what it makes, and how an error calls it.
const MARKS: [(&str, &str, &str); 8] = [
    ("```", "pre", "Pre"),
    ("__", "underline", "Underline"),
    ("||", "spoiler", "Spoiler"),
    ("*", "bold", "Bold"),
    ("_", "italic", "Italic"),
    ("~", "strikethrough", "Strikethrough"),
    ("`", "code", "Code"),
    ("[", "text_link", "TextUrl"),
];

/// A parser of `MarkdownV2`, with the rest of the text and the open entities.
struct MarkdownV2Parser<'t> {
    raw: &'t str,
    rest: &'t str,
    styled: Styled,
    open: Vec<(OpenEntity, &'static str, &'static str)>,
}

pub(in super::super) fn markdown_v2(raw: &str) -> Parsed {
    let mut reader = MarkdownV2Parser {
        raw,
        rest: raw,
        styled: Styled::default(),
        open: Vec::new(),
    };
    while !reader.rest.is_empty() {
        reader.step()?;
    }
    match reader.open.pop() {
        Some((open, _, name)) => Err(format!(
            "Can't find end of {name} entity at byte offset {}",
            open.at
        )),
        None => Ok(reader.styled),
    }
}

impl MarkdownV2Parser<'_> {
    fn at(&self) -> usize {
        self.raw.len() - self.rest.len()
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn step(&mut self) -> Result<(), String> {
        let Some(sign) = self.rest.chars().next() else {
            return Ok(());
        };
        let next = self.rest.get(1..).and_then(|rest| rest.chars().next());
        // Any ASCII sign may be escaped.
        if sign == '\\'
            && let Some(next) = next.filter(|next| ('\u{1}'..='\u{7e}').contains(next))
        {
            self.styled.text.push(next);
            self.skip(2);
            return Ok(());
        }
        let inner = self.open.last().map(|(open, mark, _)| (open.kind, *mark));
        match inner {
            Some(("pre" | "code", mark)) => {
                if self.rest.starts_with(mark) {
                    self.close();
                } else if sign == '`' {
                    return Err(reserved(sign));
                } else {
                    self.push(sign);
                }
                return Ok(());
            }
            Some(("text_link", _)) if sign == ']' => return self.link(),
            Some((_, mark))
                if mark != "[" && self.rest.starts_with(mark) && !self.is_underline(mark) =>
            {
                self.close();
                return Ok(());
            }
            _ => {}
        }
        if let Some((mark, kind, name)) = MARKS.iter().find(|mark| self.rest.starts_with(mark.0)) {
            return self.begin(mark, kind, name);
        }
        if RESERVED.contains(sign) && sign != '\n' && !self.begins_quote(sign) {
            return Err(reserved(sign));
        }
        self.push(sign);
        Ok(())
    }

    fn push(&mut self, sign: char) {
        self.styled.text.push(sign);
        self.skip(sign.len_utf8());
    }

    /// Returns whether a `>` begins a quote, which it does at the beginning of a line. The quote itself
    /// is not recorded.
    fn begins_quote(&self, sign: char) -> bool {
        sign == '>' && (self.styled.text.is_empty() || self.styled.text.ends_with('\n'))
    }

    /// Returns whether what looks like the end of an italic begins an underline within it.
    fn is_underline(&self, mark: &str) -> bool {
        mark == "_" && self.rest.starts_with("__") && self.open_position("__").is_none()
    }

    fn open_position(&self, mark: &str) -> Option<usize> {
        self.open.iter().position(|(_, open, _)| *open == mark)
    }

    fn begin(
        &mut self,
        mark: &'static str,
        kind: &'static str,
        name: &'static str,
    ) -> Result<(), String> {
        // No entity is nested in itself: a second mark ends the first, although others are open in it.
        if self.open_position(mark).is_some() {
            let open = self.open.last().map(|(open, _, name)| (open.at, *name));
            let (at, name) = open.unwrap_or((self.at(), name));
            return Err(format!(
                "Can't find end of {name} entity at byte offset {at}"
            ));
        }
        let mut open = self.styled.open(kind, self.at());
        self.skip(mark.len());
        if kind == "pre" {
            let named = super::language(self.rest)
                .map(|(language, _)| language)
                .filter(|language| !language.contains('`'));
            if let Some(language) = named {
                open.entity.language = Some(language.to_owned());
                self.skip(language.len());
            }
            if self.rest.starts_with('\n') {
                self.skip(1);
            }
        }
        self.open.push((open, mark, name));
        Ok(())
    }

    fn close(&mut self) {
        if let Some((open, mark, _)) = self.open.pop() {
            self.skip(mark.len());
            self.styled.close(open);
        }
    }

    /// Returns the address behind a label; a label without one is plain text.
    fn link(&mut self) -> Result<(), String> {
        let at = self.at();
        self.skip(1);
        let Some((mut open, ..)) = self.open.pop() else {
            return Ok(());
        };
        let Some(inner) = self.rest.strip_prefix('(') else {
            return Ok(());
        };
        let mut url = String::new();
        let mut signs = inner.char_indices();
        while let Some((index, sign)) = signs.next() {
            match sign {
                ')' => {
                    self.skip(index + 2);
                    open.entity.url = Some(url);
                    self.styled.close(open);
                    return Ok(());
                }
                '\\' => url.extend(signs.next().map(|(_, sign)| sign)),
                _ => url.push(sign),
            }
        }
        Err(format!("Can't find end of a URL at byte offset {at}"))
    }
}

fn reserved(sign: char) -> String {
    format!("Character '{sign}' is reserved and must be escaped with the preceding '\\'")
}
