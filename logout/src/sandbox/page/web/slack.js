/* ---- Slack ---- */

/** Slack folds what is long; the other chats show it whole. */
function slackPreformatted(source) {
  const block = preformatted(source);
  return source.split("\n").length > SLACK_FOLDS ? folded(block, source) : block;
}

const unescaped = (source) => source.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

function slackControl(control) {
  const [target, label] = control.includes("|") ? [control.slice(0, control.indexOf("|")), control.slice(control.indexOf("|") + 1)] : [control, null];
  const date = /^!date\^(\d+)\^([^^]*)/.exec(target);
  if (date) return slackDate(Number(date[1]) * 1000, date[2]);
  if (target.startsWith("!")) return el("span", "mention", `@${unescaped(label ?? target.slice(1))}`);
  if (target.startsWith("@") || target.startsWith("#")) return el("span", "mention", target[0] + unescaped(label ?? target.slice(1)));
  return link(unescaped(label ?? target), unescaped(target));
}

function slackDate(at, format) {
  const day = new Date(at);
  const today = day.toDateString() === new Date().toDateString();
  const date = today ? "Today" : day.toLocaleDateString("en", { month: "short", day: "numeric", year: "numeric" });
  return format.replace(/\{date\w*\}/g, date).replace(/\{time_secs\}/g, clock(at)).replace(/\{time\}/g, short(at));
}

const MRKDWN = [
  ["\\n?```[^]+?```\\n?", (all) => slackPreformatted(unescaped(fenced(all)))],
  ["`[^`\\n]+`", (all) => el("code", "", unescaped(all.slice(1, -1)))],
  ["<[^<>\\n]*>", (all) => slackControl(all.slice(1, -1))],
  ["(?<![\\w*])\\*[^*\\n]+\\*(?![\\w*])", (all) => el("b", "", mrkdwn(all.slice(1, -1)))],
  ["(?<!\\w)_[^_\\n]+_(?!\\w)", (all) => el("i", "", mrkdwn(all.slice(1, -1)))],
  ["(?<!\\w)~[^~\\n]+~(?!\\w)", (all) => el("s", "", mrkdwn(all.slice(1, -1)))],
  ["&(?:lt|gt|amp);", (all) => unescaped(all)],
];
const mrkdwn = (source) => inline(source, MRKDWN);

const slackText = (object) =>
  (object?.type === "mrkdwn" ? mrkdwn(text(object.text)) : [text(object?.text)]);

function slackLeaf(leaf) {
  const shown = {
    text: () => text(leaf.text),
    link: () => link(text(leaf.text) || text(leaf.url), text(leaf.url)),
    emoji: () => (leaf.unicode ? String.fromCodePoint(...leaf.unicode.split("-").map((sign) => parseInt(sign, 16))) : `:${leaf.name}:`),
    date: () => slackDate(leaf.timestamp * 1000, text(leaf.format)),
    user: () => el("span", "mention", `@${leaf.user_id}`),
    usergroup: () => el("span", "mention", `@${leaf.usergroup_id}`),
    broadcast: () => el("span", "mention", `@${leaf.range}`),
    channel: () => el("span", "mention", `#${leaf.channel_id}`),
  }[leaf?.type]?.() ?? "";
  const style = leaf?.style ?? {};
  let made = shown;
  if (style.code) made = el("code", "", made);
  if (style.bold) made = el("b", "", made);
  if (style.italic) made = el("i", "", made);
  if (style.strike) made = el("s", "", made);
  return made;
}

function slackRichText(part) {
  const leaves = list(part.elements);
  if (part.type === "rich_text_preformatted") {
    return slackPreformatted(leaves.map((leaf) => text(leaf.text ?? leaf.url)).join(""));
  }
  if (part.type === "rich_text_list") {
    return el("ul", "", leaves.map((item) => el("li", "", slackRichText(item))));
  }
  return el(part.type === "rich_text_quote" ? "blockquote" : "div", "p", leaves.map(slackLeaf));
}

function slackBlock(block) {
  switch (block?.type) {
    case "header": return el("h4", "", text(block.text?.text));
    case "context": return el("div", "context", list(block.elements).map((one) => el("span", "", slackText(one))));
    case "rich_text": return list(block.elements).map(slackRichText);
    case "divider": return el("hr");
    case "image": return el("div", "quiet", `🖼 ${text(block.alt_text)}`);
    default: return [
      block?.text ? el("div", "p", typeof block.text === "string" ? block.text : slackText(block.text)) : null,
      block?.fields ? el("div", "fields", list(block.fields).map((field) => el("div", "p", slackText(field)))) : null,
    ];
  }
}

function slackAttachment(it) {
  const bar = el("i");
  bar.style.background = slackColour(it.color);
  const inner = el("div", "",
    it.author_name ? el("div", "context", text(it.author_name)) : null,
    it.title ? el("b", "", mrkdwn(text(it.title))) : null,
    it.text ? el("div", "p", mrkdwn(text(it.text))) : null,
    it.fields ? el("div", "fields", list(it.fields).map((field) => el("div", "p", el("b", "", mrkdwn(text(field.title))), "\n", mrkdwn(text(field.value))))) : null,
    list(it.blocks).map(slackBlock),
    it.footer ? el("div", "context", text(it.footer)) : null);
  return [it.pretext ? el("div", "p", mrkdwn(text(it.pretext))) : null, el("div", "attachment", bar, inner)];
}

function slackColour(colour) {
  const named = { good: "#2eb67d", warning: "#ecb22e", danger: "#e01e5a" };
  return named[colour] ?? (/^#?[0-9a-f]{6}$/i.test(text(colour)) ? `#${colour.replace("#", "")}` : "");
}

function showSlack(message, at) {
  const { blocks, attachments, notification } = message.details;
  const plain = !list(blocks).length && (notification || !list(attachments).length);
  return [
    el("div", "avatar", "lo"),
    el("div", "body",
      el("div", "", el("span", "who", "logout"), el("span", "app", "APP"), el("span", "when", short(at))),
      plain ? el("div", "p", mrkdwn(notification)) : null,
      list(blocks).map(slackBlock), list(attachments).map(slackAttachment),
      message.files.map(file), notes(message)),
  ];
}

addChat("slack", "Slack", showSlack);

