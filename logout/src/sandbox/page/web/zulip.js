/* ---- Zulip ---- */

const ZULIP = [
  // As many backticks as opened it close a span.
  ["(?<!`)(?<ticks>`+)(?!`)[^]*?[^`]\\k<ticks>(?!`)", (all, groups) => el("code", "", all.slice(groups.ticks.length, -groups.ticks.length).trim())],
  ["<time:[^<>\\n]+>", (all) => zulipTime(all.slice(6, -1))],
  ["\\[[^\\[\\]\\n]+\\]\\([^\\s()]+\\)", (all) => link(zulipMarkdown(all.slice(1, all.indexOf("]("))), all.slice(all.indexOf("](") + 2, -1))],
  ["https?://[^\\s<>`]+", (all) => link(all, all)],
  ["&(?:#\\d{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|nbsp);", zulipReference],
  ["@_?\\*\\*[^*\\n]+\\*\\*|@_?\\*[^*\\n]+\\*", (all) => el("span", "mention", `@${all.replace(/[@_*]/g, "")}`)],
  ["\\*\\*[^*\\n]+\\*\\*", (all) => el("b", "", zulipMarkdown(all.slice(2, -2)))],
  ["~~[^~\\n]+~~", (all) => el("s", "", zulipMarkdown(all.slice(2, -2)))],
  ["\\*[^*\\s][^*\\n]*\\*", (all) => el("i", "", zulipMarkdown(all.slice(1, -1)))],
];
const zulipMarkdown = (source) => inline(source, ZULIP);

/** The server hands character references on, and a browser shows the characters. */
function zulipReference(source) {
  const named = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&nbsp;": "\u00a0" }[source];
  if (named) return named;
  const number = Number(source.slice(2, -1).replace(/^x/i, "0x"));
  return number <= 0x10ffff ? String.fromCodePoint(number) : source;
}

function zulipTime(source) {
  const when = new Date(source);
  if (Number.isNaN(when.getTime())) return source;
  const made = el("time", "", `🕒 ${when.toLocaleDateString("en", { weekday: "short", month: "short", day: "numeric" })}, ${clock(when)}`);
  made.dateTime = when.toISOString();
  return made;
}

/** Fences, lists and paragraphs. A fence closes on a line that equals its opening run. */
function zulipBlocks(source, files) {
  const made = [];
  const lines = source.split("\n");
  let paragraph = [];
  let items = [];
  const flush = () => {
    if (paragraph.length) made.push(el("div", "p", zulipMarkdown(paragraph.join("\n"))));
    if (items.length) made.push(el("ul", "", items.map((item) => el("li", "", zulipMarkdown(item)))));
    paragraph = [];
    items = [];
  };
  for (let at = 0; at < lines.length; at += 1) {
    const fence = /^(?<run>`{3,}|~{3,})[ \t]*(?<language>[\w+\-./#{}]*)[ \t]*(?<header>[^`~]*)$/.exec(lines[at]);
    if (fence) {
      flush();
      const { run, language, header } = fence.groups;
      const end = lines.findIndex((line, index) => index > at && line.trimEnd() === run);
      const inner = lines.slice(at + 1, end < 0 ? undefined : end).join("\n");
      at = end < 0 ? lines.length : end;
      if (language === "spoiler") made.push(el("details", "spoiler", el("summary", "", zulipMarkdown(header || "Spoiler")), el("div", "", zulipBlocks(inner))));
      else if (language === "quote") made.push(el("blockquote", "", zulipBlocks(inner)));
      else made.push(preformatted(inner));
    } else if (/^[*+-] /.test(lines[at])) {
      if (paragraph.length) flush();
      items.push(lines[at].slice(2));
    } else if (lines[at].trim() === "") {
      flush();
    } else {
      if (items.length) flush();
      paragraph.push(lines[at]);
    }
  }
  flush();
  return made;
}

function showZulip(message, at) {
  const { stream, topic, content } = message.details;
  return [
    el("div", "recipient", el("b", "", `# ${stream}`), el("span", "", topic || "(direct message)")),
    el("div", "inner",
      el("div", "avatar", "lo"),
      el("div", "body",
        el("div", "", el("span", "when", short(at)), el("span", "who", "logout"), el("span", "app", "🤖")),
        zulipBlocks(content), message.files.map(file), notes(message))),
  ];
}

addChat("zulip", "Zulip", showZulip);

