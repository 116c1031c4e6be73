/* ---- Mattermost ---- */

const MATTERMOST = [
  ["(?<!\\\\)(?<ticks>`+)(?!`)[^]*?[^`]\\k<ticks>(?!`)", (all, groups) => el("code", "", all.slice(groups.ticks.length, -groups.ticks.length).trim())],
  ["\\\\[`*{}\\[\\]()#+\\-.!_>|~\\\\]", (all) => all[1]],
  ["\\[[^\\[\\]\\n]+\\]\\([^\\s()]+\\)", (all) => link(mattermostMarkdown(all.slice(1, all.indexOf("]("))), all.slice(all.indexOf("](") + 2, -1))],
  ["https?://[^\\s<>`]+", (all) => link(all, all)],
  ["(?<![\\p{L}\\p{N}])@[\\p{L}\\p{N}][\\p{L}\\p{N}._-]*", (all) => el("span", "mention", all)],
  ["\\*\\*[^*\\n]+\\*\\*", (all) => el("b", "", mattermostMarkdown(all.slice(2, -2)))],
  ["~~[^~\\n]+~~", (all) => el("s", "", mattermostMarkdown(all.slice(2, -2)))],
  ["(?<![\\w*])\\*[^*\\s][^*\\n]*\\*(?!\\w)", (all) => el("i", "", mattermostMarkdown(all.slice(1, -1)))],
  ["&(?:amp|lt|gt|quot);", (all) => ({ "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"" })[all]],
];
const mattermostMarkdown = (source) => inline(source, MATTERMOST);

/** Fences and paragraphs. A fence closes on a line that is a run at least as long. */
function mattermostBlocks(source) {
  const made = [];
  const lines = source.split("\n");
  let paragraph = [];
  const flush = () => {
    if (paragraph.length) made.push(el("div", "p", mattermostMarkdown(paragraph.join("\n"))));
    paragraph = [];
  };
  for (let at = 0; at < lines.length; at += 1) {
    const fence = /^ {0,3}(`{3,}|~{3,})[^`~]*$/.exec(lines[at]);
    if (!fence) {
      paragraph.push(lines[at]);
      continue;
    }
    flush();
    const end = lines.findIndex((line, index) => index > at && line.trim().startsWith(fence[1]) && !line.trim().replaceAll(fence[1][0], ""));
    made.push(preformatted(lines.slice(at + 1, end < 0 ? undefined : end).join("\n")));
    at = end < 0 ? lines.length : end;
  }
  flush();
  return made;
}

function mattermostAttachment(it) {
  const inner = el("div", "attachment",
    it.title ? el("b", "", mattermostMarkdown(text(it.title))) : null,
    mattermostBlocks(text(it.text)),
    list(it.fields).map((field) => el("div", "p", el("b", "", text(field.title)), "\n", mattermostMarkdown(text(field.value)))),
    it.footer ? el("div", "quiet", text(it.footer)) : null);
  inner.style.borderInlineStartColor = /^#[0-9a-f]{6}$/i.test(text(it.color)) ? it.color : "";
  return [it.pretext ? el("div", "p", mattermostMarkdown(text(it.pretext))) : null, inner];
}

function showMattermost(message, at) {
  const { channel, text: said, attachments, card, username, silent } = message.details;
  const where = channel && !channel.startsWith("@") ? `~${channel}` : channel;
  return [
    el("div", "avatar", "lo"),
    el("div", "body",
      el("div", "", el("span", "who", username || "logout"), el("span", "app", "BOT"), el("span", "when", short(at)), where ? el("span", "when", where) : null, silent ? el("span", "when", "🔕") : null),
      mattermostBlocks(said), list(attachments).map(mattermostAttachment),
      card ? el("details", "file", el("summary", "", "ⓘ ", el("span", "quiet", "in the panel beside it")), mattermostBlocks(card)) : null,
      message.files.map(file), notes(message)),
  ];
}

addChat("mattermost", "Mattermost", showMattermost, { waits: true });

