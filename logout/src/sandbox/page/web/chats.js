/* ---- the chats ---- */

const logs = {};

/** Adds what arrived to its chats, and follows the newest where the reader was at the end. */
function addMessages(exchanges) {
  const added = {};
  for (const exchange of exchanges) {
    if (exchange.message && logs[exchange.platform]) (added[exchange.platform] ??= []).push(addMessage(exchange));
  }
  for (const [chat, messages] of Object.entries(added)) {
    if (WAITING.delete(chat)) selectTab(filter.chat);
    const log = logs[chat];
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    log.append(...messages.map((record) => record.item));
    if (atEnd && !document.body.classList.contains("bare")) log.scrollTop = log.scrollHeight;
  }
}

const visibleNumbers = (log) => [...log.children].filter((item) => !item.hidden).map((item) => item.lastElementChild);

/** One message of a chat is where Tab leads; the arrows lead on from there. */
function keepTabStop(log) {
  if (log.querySelector(":scope > :not([hidden]) > .number[tabindex='0']")) return;
  for (const stop of log.querySelectorAll(".number[tabindex='0']")) stop.tabIndex = -1;
  const newest = visibleNumbers(log).at(-1);
  if (newest) newest.tabIndex = 0;
}

function walkMessages(event) {
  const at = event.target.closest(".number");
  if (!at) return;
  if (event.key === "Delete") {
    const record = [...records.values()].find((one) => one.open === at);
    return deleteMessage(record.id);
  }
  const all = visibleNumbers(event.currentTarget);
  const index = all.indexOf(at);
  const next = { ArrowDown: all[index + 1], ArrowUp: all[index - 1], Home: all[0], End: all.at(-1) }[event.key];
  if (!next) return;
  event.preventDefault();
  at.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

/** Deletes a message, and hands the focus to the one after it. */
function deleteMessage(id) {
  const { item, open } = records.get(id);
  const other = item.nextElementSibling ?? item.previousElementSibling;
  if (document.activeElement === open && other) {
    other.lastElementChild.tabIndex = 0;
    other.lastElementChild.focus();
  }
  act({ delete: [id] });
}

function buildColumns() {
  const tabs = byId("tabs");
  for (const [name, title] of [["all", "All chats"], ...Object.entries(CHATS)]) {
    const tab = button("", () => selectTab(name));
    tab.append(el("span", "", title), el("span", "unread-count"));
    tab.setAttribute("role", "tab");
    tab.dataset.chat = name;
    tabs.append(tab);
    if (name === "all") continue;
    const log = el("ol", "log");
    log.setAttribute("aria-label", `Messages in ${title}`);
    log.setAttribute("aria-live", "polite");
    log.addEventListener("keydown", walkMessages);
    const parts = { count: el("span"), trouble: el("p", "lane trouble"), lane: el("p", "lane"), none: el("p", "empty", "No message fits."), empty: el("div", "empty") };
    for (const [part, element] of Object.entries(parts)) element.id = `${part}-${name}`;
    for (const part of [parts.trouble, parts.lane, parts.none]) part.hidden = true;
    parts.lane.setAttribute("role", "status");
    const column = el("section", `column ${LOOKS[name]}`, el("header", "", el("h2", "", title), parts.count), parts.trouble, parts.lane, parts.empty, parts.none, log);
    column.setAttribute("role", "tabpanel");
    column.setAttribute("aria-label", title);
    column.id = `chat-${name}`;
    byId("columns").append(column);
    logs[name] = log;
  }
  tabs.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const all = [...tabs.children].filter((tab) => !tab.hidden);
    const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
    next.focus();
    next.click();
  });
}

function selectTab(chat) {
  for (const tab of byId("tabs").children) {
    const selected = tab.dataset.chat === chat;
    tab.hidden = WAITING.has(tab.dataset.chat);
    tab.setAttribute("aria-selected", String(selected));
    tab.tabIndex = selected ? 0 : -1;
  }
  const ends = Object.values(logs).filter((log) => log.scrollHeight - log.scrollTop - log.clientHeight < 40);
  byId("columns").classList.toggle("one", chat !== "all");
  for (const name of Object.keys(CHATS)) byId(`chat-${name}`).hidden = WAITING.has(name) || (chat !== "all" && chat !== name);
  setFilter({ chat });
  listExchanges();
  for (const row of byId("destinations").children) row.hidden = WAITING.has(row.dataset.platform) || !isOfChat(row.dataset.platform);
  if (!document.body.classList.contains("bare")) ends.forEach((log) => { log.scrollTop = log.scrollHeight; });
  showDetail();
  measureAll();
}

/* ---- the variables that lead a program here ---- */

function copyButton(label, source) {
  const made = button(label, async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      made.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      made.textContent = "Press Ctrl+C to copy";
    }
    setTimeout(() => { made.textContent = label; }, 2000);
  });
  return made;
}

const exports = (pairs) => pairs.map(([name, value]) => `export ${name}='${value}'`).join("\n");

/** The variables of one destination, and of an instance under a name of its own that leads there. */
function recipes({ name, platform, variables }) {
  const title = CHATS[name] ?? name;
  const own = el("pre", "", exports(variables.map((one) => [one.variable, one.value])));
  const second = el("pre");
  const input = el("input");
  input.value = "ops";
  input.spellcheck = false;
  const show = () => {
    const instance = input.value.trim() || "ops";
    second.textContent = exports(variables.map((one) => [`LOGOUT_${instance}__${one.key}`.toUpperCase(), one.value]));
  };
  input.addEventListener("input", show);
  show();
  const parts = [
    el("div", "recipe", el("p", "", `Send a program's messages to ${title} here:`), own, copyButton("Copy variables", own)),
  ];
  if (name === platform) {
    parts.push(el("div", "recipe", el("label", "", `A second instance, such as “ops: ${title}”, called`, input), second, copyButton("Copy variables of the second", second)));
  }
  return parts;
}

async function loadVariables() {
  const answer = await fetch("/variables");
  const destinations = await answer.json();
  for (const one of destinations) {
    if (one.name in CHATS) byId(`empty-${one.name}`).replaceChildren(el("p", "", "No messages."), ...recipes(one));
  }
  const close = button("Close", () => byId("variables").close());
  byId("variables").replaceChildren(
    el("header", "", el("h2", "", "Variables that lead a program here"), close),
    el("p", "quiet", "They are good for as long as this sandbox runs."),
    ...destinations.flatMap((one) => [el("h3", "", CHATS[one.name] ?? one.name), ...recipes(one)]));
}

byId("show-variables").addEventListener("click", () => byId("variables").showModal());

