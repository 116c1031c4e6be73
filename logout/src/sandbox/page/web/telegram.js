/* ---- Telegram ---- */

const TELEGRAM = {
  bold: (inner) => el("b", "", inner), italic: (inner) => el("i", "", inner),
  underline: (inner) => el("u", "", inner), strikethrough: (inner) => el("s", "", inner),
  code: (inner) => el("code", "", inner), spoiler,
  pre: (inner) => el("pre", "", inner),
  blockquote: (inner) => el("blockquote", "", inner),
  text_link: (inner, source, entity) => link(inner, text(entity.url)),
  // As old apps do, the text where there is nothing to show instead of it.
  date_time: (inner, source, entity) => {
    const made = el("time", "", telegramDate(entity) || source);
    made.title = source;
    return made;
  },
  expandable_blockquote: (inner, source) => {
    const block = el("blockquote", "", inner);
    return source.split("\n").length > 3 ? folded(block, source) : block;
  },
};
const TELEGRAM_BLOCKS = ["pre", "blockquote", "expandable_blockquote"];

/** `r`, or what of weekday, date and time is asked for: the small letter is the short form. */
function telegramDate({ unix_time: seconds, date_time_format: format }) {
  if (!Number.isInteger(seconds) || !format) return "";
  const when = new Date(seconds * 1000);
  if (format === "r") return when.toLocaleString("en-GB");
  const long = { day: "numeric", month: "long", year: "numeric" };
  const parts = {
    w: () => when.toLocaleDateString("en-GB", { weekday: "long" }),
    d: () => when.toLocaleDateString("en-GB"), D: () => when.toLocaleDateString("en-GB", long),
    t: () => short(when), T: () => clock(when),
  };
  return [...format].map((sign) => parts[sign]?.() ?? "").join(" ");
}

/** Entities count UTF-16 units, and so does this language. */
function telegramText(source, from, to, entities) {
  const parts = [];
  let at = from;
  let rest = entities;
  while (rest.length) {
    const [entity] = rest;
    const end = Math.min(entity.offset + entity.length, to);
    const block = TELEGRAM_BLOCKS.includes(entity.type);
    const inner = rest.slice(1).filter((other) => other.offset < end);
    // A block stands on lines of its own; the line ends around it are not shown twice.
    const before = source.slice(at, Math.max(at, entity.offset));
    parts.push(block ? before.replace(/\n$/, "") : before);
    const make = TELEGRAM[entity.type] ?? ((shown) => el("span", "auto", shown));
    parts.push(make(telegramText(source, entity.offset, end, inner), source.slice(entity.offset, end), entity));
    at = Math.max(at, end);
    if (block && source[at] === "\n") at += 1;
    rest = rest.slice(1 + inner.length);
  }
  parts.push(source.slice(at, to));
  return parts;
}

function showTelegram(message, at) {
  const { text: source, entities, silent } = message.details;
  const sorted = [...entities].sort((one, other) => one.offset - other.offset || other.length - one.length);
  return [
    el("div", "avatar", "lo"),
    el("div", "bubble",
      el("div", "", el("span", "who", "logout"), el("span", "role", "bot")),
      message.files.map(file),
      el("div", "p", telegramText(source, 0, source.length, sorted)),
      notes(message),
      el("span", "when", silent ? "🔕 " : "", short(at))),
  ];
}

addChat("telegram", "Telegram", showTelegram);

