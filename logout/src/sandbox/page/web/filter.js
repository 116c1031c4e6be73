/* ---- which messages are shown ---- */

const STATES = { new: "New", known: "Known", worse: "Worse", quiet: "Quiet", report: "Reports", other: "Other" };

const form = byId("filter");
const filter = {
  chat: asked.get("chat") in CHATS ? asked.get("chat") : "all",
  q: asked.get("q") ?? "", state: asked.get("state") ?? "", program: asked.get("program") ?? "",
  unread: asked.has("unread"),
};

function fits({ chat, text: words, summary, unread }) {
  return (filter.chat === "all" || chat === filter.chat)
    && (!filter.state || summary.state === filter.state)
    && (!filter.program || summary.program === filter.program)
    && (!filter.unread || unread)
    && words.includes(filter.q.toLowerCase());
}

const isFiltered = () => Boolean(filter.q || filter.state || filter.program || filter.unread);

/** Shows what fits, and keeps the filter in the address, so that it can be sent to somebody. */
function applyFilter() {
  for (const record of records.values()) record.item.hidden = !fits(record);
  const address = new URL(location);
  const chosenChat = filter.chat === "all" ? "" : filter.chat;
  for (const [name, value] of Object.entries({ ...filter, chat: chosenChat, unread: filter.unread ? "1" : "" })) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  history.replaceState(null, "", address);
  showFiltered();
}

const isOfChat = (platform) => filter.chat === "all" || platform === filter.chat;

/** Says how many are shown, and what can be done with them. */
function showFiltered() {
  const shown = [...records.values()].filter((record) => !record.item.hidden);
  byId("shown").textContent = isFiltered() ? `${number(shown.length)} of ${count(records.size, "message")}` : "";
  byId("reset").hidden = !isFiltered();
  const some = byId("delete-shown");
  some.hidden = !isFiltered() || !shown.length;
  some.textContent = `Delete ${shown.length === 1 ? "this message" : `these ${number(shown.length)}`}`;
  for (const chat of Object.keys(CHATS)) {
    const all = [...records.values()].some((record) => record.chat === chat);
    const log = logs[chat];
    byId(`empty-${chat}`).hidden = all;
    byId(`none-${chat}`).hidden = !all || shown.some((record) => record.chat === chat);
    log.hidden = !all;
    joinTopics(chat);
    keepTabStop(log);
  }
}

/** Zulip names a topic once above the messages that follow one another in it. */
function joinTopics(chat) {
  if (chat !== "zulip") return;
  let before;
  for (const { item, place, chat: of } of records.values()) {
    if (of !== "zulip" || item.hidden) continue;
    item.classList.toggle("same", place === before);
    before = place;
  }
}

function setFilter(change) {
  Object.assign(filter, change);
  for (const name of ["q", "state", "program"]) form.elements[name].value = filter[name];
  form.elements.unread.checked = filter.unread;
  applyFilter();
}

form.elements.state.append(new Option("All states", ""), ...Object.entries(STATES).map(([name, title]) => new Option(title, name)));

/** Offers the programs that something has come from. */
function offerPrograms(names) {
  const select = form.elements.program;
  const wanted = filter.program && !names.includes(filter.program) ? [...names, filter.program] : names;
  if (select.options.length === wanted.length + 1) return;
  select.replaceChildren(new Option("All programs", ""), ...wanted.map((name) => new Option(name || "(not by logout)", name)));
  select.value = filter.program;
}

form.addEventListener("input", () => {
  const { q, state, program, unread } = form.elements;
  setFilter({ q: q.value, state: state.value, program: program.value, unread: unread.checked });
});
form.addEventListener("submit", (event) => event.preventDefault());
byId("reset").addEventListener("click", () => {
  setFilter({ q: "", state: "", program: "", unread: false });
  form.elements.q.focus();
});
byId("delete-shown").addEventListener("click", () => {
  act({ delete: [...records.values()].filter((record) => !record.item.hidden).map((record) => record.id) });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.matches("input, select")) return;
  event.preventDefault();
  form.elements.q.focus();
});

