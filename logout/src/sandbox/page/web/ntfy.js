/* ---- ntfy ---- */

const NTFY_EMOJI = { fire: "🔥", warning: "⚠️", boom: "💥", information_source: "ℹ️", bug: "🐛", mag: "🔍", chart_with_downwards_trend: "📉" };
const NTFY_PRIORITY = { 1: "⌄⌄", 2: "⌄", 4: "⌃", 5: "⌃⌃" };

function showNtfy(message, at) {
  const { title, message: said, priority, tags, click, actions } = message.details;
  const emoji = list(tags).map((tag) => NTFY_EMOJI[tag]).filter(Boolean).join(" ");
  const words = list(tags).filter((tag) => !NTFY_EMOJI[tag]);
  return el("div", "card-ntfy",
    el("div", "when", `${new Date(at).toLocaleDateString("en", { month: "short", day: "numeric" })}, ${clock(at)} `, NTFY_PRIORITY[priority] ? el("b", `priority p${priority}`, NTFY_PRIORITY[priority]) : null),
    title ? el("h4", "", `${emoji} ${title}`) : null,
    el("div", "p", said),
    words.length ? el("div", "when", `Tags: ${words.join(", ")}`) : null,
    click ? el("div", "when", "A tap opens ", link(click, click)) : null,
    list(actions).length ? el("div", "actions", list(actions).map((action) => link(text(action.label), text(action.url)))) : null,
    message.files.map(file), notes(message));
}

addChat("ntfy", "ntfy", showNtfy, { waits: true });

