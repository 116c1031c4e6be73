/* ---- Microsoft Teams ---- */

/** A text with `DATE(…)` and `TIME(…)` in double braces as a reader here sees them. */
const teamsTimes = (source) => source
  .replace(/\{\{DATE\(([^,)]+)[^)]*\)\}\}/g, (_, at) => new Date(at).toLocaleDateString("en", { month: "short", day: "numeric", year: "numeric" }))
  .replace(/\{\{TIME\(([^)]+)\)\}\}/g, (_, at) => short(at));

const TEAMS_MARKDOWN = [
  ["\\[[^\\]\\n]*\\]\\([^)\\n]*\\)", (all) => link(all.slice(1, all.indexOf("](")), all.slice(all.indexOf("](") + 2, -1))],
  ["\\*\\*[^*\\n]+\\*\\*", (all) => el("b", "", teamsMarkdown(all.slice(2, -2)))],
  ["(?<!\\w)_[^_\\n]+_(?!\\w)", (all) => el("i", "", teamsMarkdown(all.slice(1, -1)))],
  ["<at>[^<\\n]*</at>", (all) => el("span", "mention", all.slice(4, -5))],
];
const teamsMarkdown = (source) => inline(source, TEAMS_MARKDOWN);

function teamsRun(run) {
  if (typeof run === "string") return run;
  const styles = [run.weight === "Bolder" ? "bold" : "", run.fontType === "Monospace" ? "mono" : "", run.isSubtle ? "subtle" : ""];
  return el("span", styles.filter(Boolean).join(" "), teamsTimes(text(run.text)));
}

function teamsButtons(actions) {
  return el("div", "actions", list(actions).map((action) => {
    const made = el("span", "action", text(action.title));
    made.title = text(action.url);
    return made;
  }));
}

const sizeOf = (element) => text(element?.size).toLowerCase();

function teamsElement(element) {
  switch (element?.type) {
    case "Container": return el("div", `container ${["good", "attention", "warning", "accent", "emphasis"].includes(element.style) ? element.style : ""}`, list(element.items).map(teamsElement));
    case "RichTextBlock": return el("div", `p ${sizeOf(list(element.inlines)[0])}`, list(element.inlines).map(teamsRun));
    case "TextBlock": return el("div", `p ${sizeOf(element)} ${element.isSubtle ? "subtle" : ""}`, teamsMarkdown(teamsTimes(text(element.text))));
    case "CodeBlock": return preformatted(text(element.codeSnippet));
    case "FactSet": return el("dl", "facts", list(element.facts).map((fact) => [el("dt", "", teamsMarkdown(text(fact.title))), el("dd", "", teamsMarkdown(text(fact.value)))]));
    case "ActionSet": return teamsButtons(element.actions);
    default: return null;
  }
}

function showTeams(message, at) {
  const card = message.details.card ?? {};
  return [
    el("div", "avatar", "lo"),
    el("div", "body",
      el("div", "", el("span", "who", "Workflows"), el("span", "when", short(at))),
      el("div", "adaptive-card", list(card.body).map(teamsElement), card.actions ? teamsButtons(card.actions) : null),
      notes(message)),
  ];
}

addChat("teams", "Teams", showTeams, { waits: true });

