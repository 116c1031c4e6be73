/* ---- requests ---- */

const exchanges = new Map();
const lines = new Map();
let chosen = null;
let raw = false;

/** Shows a request and the message that came of it; the address leads there from then on. */
function choose(id, look = false) {
  chosen = id;
  markRead(records.get(id));
  showUnread();
  const address = new URL(location);
  address.hash = `${cursor.run.slice(0, 8)}-${id}`;
  history.replaceState(null, "", address);
  showDetail();
  // Where it stands below the chats, somebody who asks for it is led there.
  if (look && byId("detail").getBoundingClientRect().top > innerHeight) {
    byId("detail").scrollIntoView();
    byId("detail").focus({ preventScroll: true });
  }
}

/** Goes where the address leads, if it is to a message of this run. */
function followLink() {
  const [, run, id] = /^#([0-9a-f]{8})-(\d+)$/.exec(location.hash) ?? [];
  if (!run) return;
  const found = run === cursor.run.slice(0, 8) && exchanges.has(Number(id));
  if (!found) return notFound(run === cursor.run.slice(0, 8) ? `Request #${id} was deleted.` : "The link is to a message of an earlier run.");
  choose(Number(id));
  showInChat(Number(id));
}

function notFound(words) {
  history.replaceState(null, "", location.pathname + location.search);
  byId("shown").textContent = words;
}

/** Brings a message into sight, whatever is filtered. */
function showInChat(id) {
  const record = records.get(id);
  if (!record) return;
  if (!fits(record)) {
    setFilter({ q: "", state: "", program: "", unread: false });
    if (!isOfChat(record.chat)) selectTab(record.chat);
  }
  record.item.scrollIntoView({ block: "center" });
  record.open.focus({ preventScroll: true });
}

function status(exchange) {
  if (!exchange.answer) return ["no answer", "none"];
  const code = exchange.answer.status;
  return [String(code), code < 300 ? "good" : "bad"];
}

function exchangeLine(exchange) {
  const [shown, kind] = status(exchange);
  const line = button("", () => choose(exchange.number, true));
  line.append(el("span", "quiet", `#${exchange.number}`), el("span", "", clock(exchange.at)),
    el("span", "", exchange.destination ?? exchange.platform ?? "nobody"), el("span", `status ${kind}`, shown));
  if (exchange.refusal) line.title = exchange.refusal;
  const item = el("li", "", line);
  lines.set(exchange.number, item);
  return item;
}

function addExchanges(fresh) {
  for (const exchange of fresh) exchanges.set(exchange.number, exchange);
  const listed = fresh.filter((exchange) => isOfChat(exchange.platform)).slice(-LISTED);
  byId("exchanges").prepend(...listed.map(exchangeLine).reverse());
  while (lines.size > LISTED) dropLine(lines.keys().next().value);
  byId("no-requests").hidden = lines.size > 0;
}

function dropLine(id) {
  lines.get(id)?.remove();
  lines.delete(id);
}

/** Lists the newest requests of the chosen chat. */
function listExchanges() {
  byId("exchanges").replaceChildren();
  lines.clear();
  addExchanges([...exchanges.values()]);
}

/** Forgets requests that the sandbox no longer has, or that are too many for a page. */
function forgetExchanges(gone, oldest) {
  const tooOld = [...exchanges.keys()].filter((id, index) => id < oldest || exchanges.size - index > KEPT);
  const all = [...gone, ...tooOld].filter((id) => exchanges.delete(id));
  if (!all.length) return;
  for (const id of all) {
    forgetMessage(id);
    dropLine(id);
    if (chosen === id) chosen = null;
  }
  byId("no-requests").hidden = lines.size > 0;
  showDetail();
}

/** A body so that a person can read it; anything else as it came. */
function readable(body, type) {
  if (raw) return body;
  if (text(type).includes("x-www-form-urlencoded")) {
    return [...new URLSearchParams(body)].map(([name, value]) => `${name} = ${value}`).join("\n");
  }
  try { return JSON.stringify(JSON.parse(body), null, 2); } catch { return body; }
}

const headers = (pairs) => pairs.map(([name, value]) => `${name}: ${value}`).join("\n");
const header = (pairs, wanted) => pairs.find(([name]) => name.toLowerCase() === wanted)?.[1];

function showDetail() {
  const ofChat = [...exchanges.values()].filter((one) => isOfChat(one.platform));
  const exchange = exchanges.get(chosen) ?? ofChat.at(-1);
  const id = exchange?.number;
  const detail = byId("detail");
  for (const line of byId("exchanges").querySelectorAll("[aria-current]")) line.removeAttribute("aria-current");
  lines.get(id)?.firstElementChild.setAttribute("aria-current", "true");
  for (const item of document.querySelectorAll(".message.chosen")) item.classList.remove("chosen");
  if (chosen !== null) records.get(chosen)?.item.classList.add("chosen");
  if (!exchange) {
    detail.replaceChildren(el("h2", "", "Request and answer"), el("p", "quiet", "None yet."));
    return;
  }
  const focused = detail.contains(document.activeElement) && document.activeElement.textContent;
  detail.replaceChildren(
    el("h2", "", `Request #${id}`, chosen === null ? " (newest)" : ""),
    ...messageParts(id), ...requestParts(exchange));
  // A button that was pressed keeps the focus, under its new name too.
  const again = [...detail.querySelectorAll("button")].find((one) => [one.textContent, one.dataset.before].includes(focused));
  if (focused) (again ?? detail).focus({ preventScroll: true });
}

/** What can be done with a message, and what it tells of its problem. */
function messageParts(id) {
  const record = records.get(id);
  if (!record) return [el("div", "actions", button("Delete request", () => act({ delete: [id] })))];
  const { summary } = record;
  const link = new URL(location);
  link.hash = `${cursor.run.slice(0, 8)}-${id}`;
  const source = el("span", "", link.href);
  const toggle = button(record.unread ? "Mark as read" : "Mark as unread", () => {
    if (record.unread) markRead(record);
    else markUnread(record);
    showUnread();
    showDetail();
  });
  toggle.dataset.before = record.unread ? "Mark as unread" : "Mark as read";
  const facts = [
    ["Program", summary.program], ["State", stateWords(summary)], ["Change", summary.change],
    ["Problem", summary.fingerprint && `#${summary.fingerprint}`],
  ].filter(([, value]) => value);
  return [
    el("div", "actions", button("Show in chat", () => showInChat(id)), copyButton("Copy link", source), toggle, button("Delete message", () => deleteMessage(id))),
    el("dl", "", facts.flatMap(([name, value]) => [el("dt", "", name), el("dd", "", value)])),
    summary.trail.length ? [el("h3", "", "Trail: what led to it"), el("pre", "trail", summary.trail.join("\n"))] : [],
    life(record),
  ].flat();
}

/** All that was told of a problem in this chat, oldest first. */
function life({ id, summary, destination }) {
  const same = [...records.values()].filter((one) => one.destination === destination
    && summary.fingerprint && one.summary.fingerprint === summary.fingerprint && one.summary.program === summary.program);
  if (same.length < 2) return [];
  const steps = same.map((one) => {
    const step = button(`${clock(one.at)} · ${stateWords(one.summary)}`, () => choose(one.id));
    step.setAttribute("aria-current", String(one.id === id));
    return el("li", "", step);
  });
  return [el("h3", "", "Life of this problem"), el("ol", "life", steps)];
}

function requestParts(exchange) {
  const { request, answer } = exchange;
  const [shown, kind] = status(exchange);
  const toggle = button(raw ? "Show readable" : "Show raw", () => { raw = !raw; showDetail(); });
  toggle.dataset.before = raw ? "Show raw" : "Show readable";
  const became = exchange.delivered ? "A message arrived." : exchange.refusal ? "" : exchange.troubled ? "A fault kept it from arriving." : "Served; no message.";
  return [
    el("h3", "", `${request.method} ${request.path}`),
    el("pre", "", headers(request.headers)),
    el("pre", "", readable(request.body, header(request.headers, "content-type")) + (request.size > new Blob([request.body]).size ? "\n…" : "")),
    toggle,
    el("h3", "", "Answer ", el("span", `status ${kind}`, shown)),
    exchange.refusal ? el("p", "why", `Refused: ${exchange.refusal}`) : el("p", "quiet", became),
    answer ? el("pre", "", headers(answer.headers) || "(no headers of its own)") : "",
    answer?.body ? el("pre", "", readable(answer.body, header(answer.headers, "content-type"))) : ""];
}

addEventListener("hashchange", followLink);

