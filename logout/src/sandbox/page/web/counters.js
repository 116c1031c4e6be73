/* ---- counters ---- */

/** Everything that arrived since the start, deleted or not. */
function showArrivals({ requests, refused, programs }) {
  const messages = programs.reduce((sum, one) => sum + one.messages, 0);
  if (!requests) return;
  byId("arrived").textContent = `${count(messages, "message")} in ${count(requests, "request")}${refused ? `, ${number(refused)} refused` : ""}, deleted ones included.`;
  const table = byId("programs");
  table.hidden = !programs.length;
  table.replaceChildren(
    el("tr", "", ["Program", "Messages", "Events", "Last"].map((title) => el("th", "", title))),
    ...programs.map((one) => el("tr", "", [one.name || "(not by logout)", number(one.messages), number(one.events), clock(one.last)].map((cell) => el("td", "", cell)))));
  offerPrograms(programs.map((one) => one.name));
}

let samples = [];

function summed(stats) {
  const lanes = list(stats?.lanes);
  const sum = (pick) => lanes.reduce((total, lane) => total + pick(lane), 0);
  const reasons = {};
  for (const lane of lanes) {
    for (const [reason, events] of Object.entries(lane.discarded ?? {})) reasons[reason] = (reasons[reason] ?? 0) + events;
  }
  return {
    accepted: sum((lane) => lane.accepted), delivered: sum((lane) => lane.delivered),
    pending: sum((lane) => lane.pending) + (stats?.waiting ?? 0), messages: sum((lane) => lane.messages),
    counted: sum((lane) => lane.counted ?? 0),
    discarded: Object.values(reasons).reduce((total, events) => total + events, 0), reasons, lanes,
  };
}

function showCounters() {
  const last = samples.at(-1)?.stats;
  byId("strip").hidden = !list(last?.lanes).length;
  if (!last) return;
  const now = summed(last);
  for (const name of ["accepted", "delivered", "messages", "pending", "discarded"]) byId(name).textContent = number(now[name]);
  byId("lanes").textContent = `by ${count(now.lanes.length, "chat")}`;
  byId("rate").textContent = now.accepted ? `${Math.round((100 * now.delivered) / now.accepted)} % of them` : "";
  byId("grouped").textContent = now.messages ? `${count(Math.round(10 * now.delivered / now.messages) / 10, "event")} in each` : "";
  byId("reasons").textContent = Object.entries(now.reasons).map(([reason, events]) => `${reason.replaceAll("_", " ")} ${number(events)}`).join(", ");
  byId("waiting").textContent = now.pending ? [now.pending > now.counted ? "on their way" : "", now.counted ? `${number(now.counted)} counted` : ""].filter(Boolean).join(", ") : "";
  now.lanes.forEach(showLane);
  plot();
}

/** What logout says of a chat: how much it told, what it counts, and whether it is switched off. */
function showLane(lane) {
  if (!(lane.name in CHATS)) return;
  byId(`count-${lane.name}`).textContent = `${count(lane.delivered, "event")} in ${count(lane.messages, "message")}`;
  const waiting = lane.pending - (lane.counted ?? 0);
  const words = [];
  if (lane.switched_off) {
    words.push("logout has switched this chat off: the platform says that nothing arrives here any more");
    if (waiting > 0) words.push(`${count(waiting, "event")} ${waiting === 1 ? "waits" : "wait"}`);
  }
  if (lane.counted) {
    words.push(`${number(lane.counted)} more counted${lane.next_reminder ? `, told at ${clock(lane.next_reminder * 1000)}` : ""}`);
  }
  const line = byId(`lane-${lane.name}`);
  const said = words.join(" · ");
  if (line.textContent !== said) line.textContent = said;
  line.hidden = !said;
  line.classList.toggle("off", Boolean(lane.switched_off));
}

/** Events since the left edge, and pending ones as an area; the newest is at the right. */
function plot() {
  const shown = samples.slice(-PLOTTED).map((sample) => summed(sample.stats));
  const first = shown[0];
  const rise = (name) => shown.map((sample) => sample[name] - first[name]);
  const series = { accepted: rise("accepted"), delivered: rise("delivered"), discarded: rise("discarded"), pending: shown.map((sample) => sample.pending) };
  const top = Math.max(4, ...Object.values(series).flat());
  const x = (index) => (1000 - (shown.length - 1 - index) * (1000 / (PLOTTED - 1))).toFixed(1);
  const y = (value) => (62 - (58 * value) / top).toFixed(1);
  for (const [name, values] of Object.entries(series)) {
    const points = values.map((value, index) => `${x(index)} ${y(value)}`).join("L");
    byId(`plot-${name}`).setAttribute("d", name === "pending" ? `M${x(0)} 62L${points}L1000 62Z` : `M${points}`);
  }
  byId("span").textContent = `two minutes, to ${count(top, "event")}`;
  const end = (name) => number(series[name].at(-1));
  byId("plot").setAttribute("aria-label", `In the last two minutes ${count(series.accepted.at(-1), "event")} accepted, ${end("delivered")} delivered, ${end("discarded")} discarded; ${end("pending")} pending.`);
}

