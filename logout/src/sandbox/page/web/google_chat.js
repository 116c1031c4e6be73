/* ---- Google Chat ---- */

const googleEntities = (source) => source.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", "\"").replaceAll("&amp;", "&");

const GOOGLE_CHAT = [
  ["\\n?```[^]+?```\\n?", (all) => preformatted(fenced(all))],
  ["`[^`\\n]+`", (all) => el("code", "", all.slice(1, -1))],
  ["<users/[^>\\n]+>", (all) => el("span", "mention", `@${all.slice(7, -1)}`)],
  ["<https?:[^>\\n]+>", (all) => link(all.slice(1, -1).split("|").at(-1), all.slice(1, -1).split("|")[0])],
  ["(?<![\\w*])\\*[^*\\n]+\\*(?![\\w*])", (all) => el("b", "", inline(all.slice(1, -1), GOOGLE_CHAT))],
];

/** The tags of a card that a log forwarder uses; what is none is text. */
const GOOGLE_HTML = [
  ["<b>[^]*?</b>", (all) => el("b", "", inline(all.slice(3, -4), GOOGLE_HTML))],
  ["<i>[^]*?</i>", (all) => el("i", "", inline(all.slice(3, -4), GOOGLE_HTML))],
  ["<font color=\"#[0-9a-f]{6}\">[^]*?</font>", (all) => el("span", "soft", inline(all.slice(all.indexOf(">") + 1, -7), GOOGLE_HTML))],
  ["<a href=\"[^\"]*\">[^]*?</a>", (all) => link(inline(all.slice(all.indexOf(">") + 1, -4), GOOGLE_HTML), all.slice(9, all.indexOf("\">")))],
  ["<br>", () => "\n"],
  ["&(?:lt|gt|quot|amp);", (all) => googleEntities(all)],
];

function googleWidget(widget) {
  if (widget?.textParagraph) return el("div", "p", inline(text(widget.textParagraph.text), GOOGLE_HTML));
  if (widget?.decoratedText) {
    return el("div", "p", el("span", "soft", `${text(widget.decoratedText.topLabel)}\n`), inline(text(widget.decoratedText.text), GOOGLE_HTML));
  }
  if (widget?.buttonList) {
    return el("div", "actions", list(widget.buttonList.buttons).map((one) => {
      const made = el("span", "action", text(one.text));
      made.title = text(one.onClick?.openLink?.url);
      return made;
    }));
  }
  return widget?.divider ? el("hr") : null;
}

function googleSection(section) {
  const widgets = list(section.widgets).map(googleWidget);
  if (!section.collapsible) return el("section", "", widgets);
  const shown = section.uncollapsibleWidgetsCount ?? 0;
  return el("section", "", widgets.slice(0, shown), el("details", "", el("summary", "fold", "Show more"), widgets.slice(shown)));
}

function googleCard({ card }) {
  const header = card?.header;
  return el("div", "google-card",
    header ? el("header", "", el("b", "", text(header.title)), el("span", "soft", text(header.subtitle))) : null,
    list(card?.sections).map(googleSection));
}

function showGoogleChat(message, at) {
  const { text: said, cards } = message.details;
  return [
    el("div", "avatar", "lo"),
    el("div", "body",
      el("div", "", el("span", "who", "logout"), el("span", "app", "App"), el("span", "when", short(at))),
      said ? el("div", "p", inline(said, GOOGLE_CHAT)) : null,
      list(cards).map(googleCard), notes(message)),
  ];
}

addChat("google_chat", "Google Chat", showGoogleChat, { waits: true });

