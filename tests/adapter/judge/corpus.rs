//! Texts that were made to do harm in a chat, the longest of them too.

use logout::testing::{LINKS, MENTIONS, hostile};

/// Returns several hundred hostile texts.
pub(crate) fn texts() -> Vec<String> {
    let mut texts: Vec<String> = hostile().map(str::to_owned).collect();
    for mention in MENTIONS {
        texts.push(format!("`{mention}`"));
        texts.push(format!("```\n{mention}\n```\n{mention}"));
    }
    for link in LINKS {
        texts.push(format!("``` {link} ```"));
    }
    for length in (1..=12).chain([15, 16, 17, 18, 31, 49, 50]) {
        for sign in ["`", "~"] {
            let run = sign.repeat(length);
            texts.push(run.clone());
            texts.push(format!("a\n{run}\n@**all** <!channel>\n{run}text\nb"));
            texts.push(format!("{run}quote\n@**all**\n  {run}\n {run} \n\t{run}"));
        }
    }
    texts.extend([
        "`".repeat(9_000),
        "`a".repeat(4_000),
        "``\n".repeat(3_000),
        "&".repeat(5_000),
        "<>".repeat(3_000),
        "@".repeat(5_000),
        "🔥".repeat(6_000),
        "👩‍👩‍👧‍👦".repeat(10_000),
        format!("a{}", "\u{301}".repeat(20_000)),
        format!("{}x", "e\u{301}\u{30a}".repeat(3_000)),
        "\u{202e}".repeat(3_000),
        "\0".repeat(9_000),
        "\n".repeat(9_000),
        "x\n".repeat(9_000),
        "\r\n".repeat(4_000),
        " ".repeat(9_000),
        "\t".repeat(3_000),
        "@everyone ".repeat(1_000),
        "https://evil.example/ ".repeat(600),
        "[".repeat(5_000),
        "(".repeat(5_000),
        "\\".repeat(5_001),
        "|".repeat(5_000),
        "> ".repeat(3_000),
        "𝕏".repeat(4_097),
        "ｗ".repeat(10_001),
        "word ".repeat(4_000),
        "x".repeat(70_000),
    ]);
    texts
}
