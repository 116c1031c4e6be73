/* ---- messages ---- */

/** What the sandbox knows and the chat would not show. */
function notes(message) {
  const thread = message.details.thread;
  return [
    thread ? el("p", "note", `in thread ${thread}`) : null,
    message.truncated ? el("p", "note alarm", "The platform cut this message.") : null,
    message.answer_lost ? el("p", "note alarm", "Its sender was not told that it arrived.") : null,
    message.mentions.length ? el("p", "note alarm", `It notifies ${message.mentions.join(", ")}`) : null,
    tags(message.summary),
  ];
}

/** Where its problem stands, in words. */
function stateWords({ state, events, problems }) {
  const several = problems > 1 ? `: ${count(problems, "problem")}, ${count(events, "event")}` : "";
  return {
    new: () => `new${several || (events > 1 ? `: ${count(events, "event")}` : "")}`,
    known: () => `known${several}, ${number(events)} more counted`,
    worse: () => "worse", quiet: () => "quiet", report: () => "report",
  }[state]?.() ?? "";
}

function tags(summary) {
  const steps = summary.trail.length;
  const words = stateWords(summary);
  if (!words) return null;
  return el("p", "tags", el("span", `tag ${summary.state}`, words),
    steps ? el("span", "tag", `trail of ${count(steps, "event")}`) : null);
}

/** Everything that is shown of a message, by the number of its request. */
const records = new Map();

function addMessage(exchange) {
  const { number: id, platform: chat, message, at } = exchange;
  const item = el("li", "message", SHOW[chat](message, at));
  const open = button(`#${id}`, () => choose(id, true), "number");
  open.tabIndex = -1;
  item.append(open);
  item.id = `message-${id}`;
  const { stream, topic } = message.details;
  const record = {
    id, chat, at, item, open, summary: message.summary, destination: exchange.destination,
    place: JSON.stringify([stream, topic]),
    text: [message.text, message.summary.program, exchange.destination].join("\n").toLowerCase(),
  };
  records.set(id, record);
  setUnread(record, !read.has(id));
  record.item.hidden = !fits(record);
  return record;
}

function forgetMessage(id) {
  const record = records.get(id);
  if (!record) return;
  records.delete(id);
  record.item.remove();
}

/* ---- what has been read ---- */

/** The numbers of what was read, kept in this browser for as long as the program runs. */
const read = new Set();
/** What was unread and in sight a second ago. */
let inSight = new Set();

/** A message is read once it has been in sight for a second of a page that somebody looks at. */
setInterval(() => {
  if (!document.hasFocus()) return;
  const before = read.size;
  const now = new Set();
  for (const [chat, log] of Object.entries(logs)) {
    const { top, bottom } = log.getBoundingClientRect();
    for (const record of records.values()) {
      if (!record.unread || record.chat !== chat || record.item.hidden) continue;
      const box = record.item.getBoundingClientRect();
      if (!box.height || box.bottom < Math.max(top, 0) || box.top > Math.min(bottom, innerHeight)) continue;
      if (inSight.has(record.id)) markRead(record);
      else if (!record.keptUnread) now.add(record.id);
    }
  }
  inSight = now;
  if (read.size !== before) showUnread();
}, 1000);

function setUnread(record, unread) {
  record.unread = unread;
  record.item.classList.toggle("unread", unread);
  record.open.setAttribute("aria-label", `Message ${record.id}${unread ? ", unread" : ""}`);
}

function markRead(record) {
  if (!record?.unread) return;
  read.add(record.id);
  setUnread(record, false);
}

function markUnread(record) {
  read.delete(record.id);
  // Else it would be read again at once.
  record.keptUnread = true;
  setUnread(record, true);
  showUnread();
}

/** Says how many are unread: in the title, and at the chat's tab. */
function showUnread() {
  const counts = { all: 0 };
  for (const { unread, chat } of records.values()) {
    if (!unread) continue;
    counts.all += 1;
    counts[chat] = (counts[chat] ?? 0) + 1;
  }
  document.title = `${counts.all ? `(${counts.all}) ` : ""}logout · sandbox`;
  for (const tab of byId("tabs").children) {
    const unread = counts[tab.dataset.chat] ?? 0;
    const badge = tab.querySelector(".unread-count");
    badge.hidden = !unread;
    badge.textContent = number(unread);
    badge.setAttribute("aria-label", `${number(unread)} unread`);
  }
  byId("read-all").hidden = !counts.all;
  remember("read", JSON.stringify({ run: cursor.run, numbers: [...read] }));
}

function recallRead(run) {
  read.clear();
  try {
    const kept = JSON.parse(recall("read"));
    if (kept?.run === run) kept.numbers.forEach((id) => read.add(id));
  } catch { /* Everything is unread, then. */ }
}

byId("read-all").addEventListener("click", () => {
  records.forEach(markRead);
  showUnread();
});

