/* ---- Discord ---- */

const DISCORD = [
  ["\\n?```[^]+?```\\n?", (all) => preformatted(fenced(all).replace(/^[\w+.#-]+\n(?=[^]*\S)/, ""))],
  ["``[^]+?``(?!`)|`[^`]+`", (all) => el("code", "", all.startsWith("``") ? all.slice(2, -2).trim() : all.slice(1, -1))],
  // A backslash before a letter, a digit or white space is one.
  ["\\\\[^0-9A-Za-z\\s]", (all) => all.slice(1)],
  ["\\[[^\\[\\]\\n]+\\]\\(https?:[^\\s()]+\\)", (all) => link(discordMarkdown(all.slice(1, all.indexOf("]("))), all.slice(all.indexOf("](") + 2, -1))],
  ["https?://[^\\s<>`|]+", (all) => link(all, all)],
  ["<t:\\d+(?::[a-zA-Z])?>", (all) => new Date(Number(/\d+/.exec(all)[0]) * 1000).toLocaleString("en-GB")],
  ["<(?:@[!&]?|#)\\d+>|@everyone|@here", (all) => el("span", "mention", all.startsWith("<") ? all.slice(1, -1) : all)],
  ["\\*\\*[^]+?\\*\\*(?!\\*)", (all) => el("b", "", discordMarkdown(all.slice(2, -2)))],
  ["__[^]+?__(?!_)", (all) => el("u", "", discordMarkdown(all.slice(2, -2)))],
  ["~~[^]+?~~", (all) => el("s", "", discordMarkdown(all.slice(2, -2)))],
  ["\\|\\|[^]+?\\|\\|", (all) => spoiler(discordMarkdown(all.slice(2, -2)))],
  ["\\*[^*\\s][^*\\n]*\\*|(?<!\\w)_[^_\\n]+_(?!\\w)", (all) => el("i", "", discordMarkdown(all.slice(1, -1)))],
];
const discordMarkdown = (source) => inline(source, DISCORD);

function discordEmbed(it) {
  const when = it.timestamp ? new Date(it.timestamp) : null;
  const footer = [text(it.footer?.text), when && !Number.isNaN(when.getTime()) ? discordDay(when) : ""].filter(Boolean);
  const made = el("article", "embed",
    it.author?.name ? el("b", "", it.author.name) : null,
    it.title ? el("h4", "", discordMarkdown(text(it.title))) : null,
    it.description ? el("div", "p description", discordMarkdown(text(it.description))) : null,
    list(it.fields).length ? el("div", "fields", list(it.fields).map((field) =>
      el("div", field.inline ? "field inline" : "field", el("b", "", discordMarkdown(text(field.name))),
        el("div", "p", discordMarkdown(text(field.value)))))) : null,
    footer.length ? el("footer", "", footer.join(" • ")) : null);
  if (Number.isInteger(it.color)) made.style.borderInlineStartColor = `#${it.color.toString(16).padStart(6, "0")}`;
  return made;
}

function discordDay(when) {
  const today = when.toDateString() === new Date().toDateString();
  return (today ? "Today at " : `${when.toLocaleDateString("en-GB")} `) + short(when);
}

function showDiscord(message, at) {
  const { content, embeds, username, silent } = message.details;
  return [
    el("div", "avatar", "lo"),
    el("div", "body",
      el("div", "", el("span", "who", username || "logout"), el("span", "app", "APP"), el("span", "when", silent ? "🔕 " : "", discordDay(new Date(at)))),
      content ? el("div", "p", discordMarkdown(content)) : null,
      list(embeds).map(discordEmbed), message.files.map(file), notes(message)),
  ];
}

addChat("discord", "Discord", showDiscord);

