/* ---- destinations ---- */

const rows = new Map();

/** What ends a destination for good, as each platform calls it. */
const END = { telegram: "Revoke token", zulip: "Revoke key", slack_bot: "Revoke token", teams: "Delete flow", pager_duty: "Delete integration" };

/** Rows stay, so that a button keeps its focus while the numbers beside it change. */
function destinationRow({ name, platform }) {
  const title = CHATS[name] ?? name;
  const trouble = el("p", "trouble");
  const limits = el("div", "limits");
  const fault = (label, kind, hint) => {
    const made = button(label, () => act({ [kind]: name }));
    made.title = hint;
    made.setAttribute("aria-label", `${label}: ${title} ${hint}`);
    return made;
  };
  const row = el("div", "destination", el("h3", "", title),
    el("div", "actions",
      fault("Limit once", "rate_limit", "tells the next request to wait 5 seconds"),
      fault("Cause outage", "outage", "answers 503 until healed"),
      fault(END[platform] ?? "Delete webhook", "gone", "refuses everything for good, until healed"),
      fault("Heal", "heal", "has no trouble any more")),
    trouble, limits);
  row.dataset.platform = platform;
  row.hidden = WAITING.has(platform) || !isOfChat(platform);
  byId("destinations").append(row);
  return { trouble, limits, meters: new Map() };
}

const makeTrouble = byId("make-trouble");
makeTrouble.open = recall("trouble") === "open";
makeTrouble.addEventListener("toggle", () => remember("trouble", makeTrouble.open ? "open" : ""));

function showDestinations(destinations) {
  for (const it of destinations) {
    if (!rows.has(it.name)) rows.set(it.name, destinationRow(it));
    const row = rows.get(it.name);
    row.trouble.textContent = it.trouble ? `⚠ ${it.trouble}` : "";
    row.trouble.hidden = !it.trouble;
    const line = byId(`trouble-${it.name}`);
    if (line) {
      line.hidden = !it.trouble;
      line.textContent = row.trouble.textContent;
    }
    for (const limit of it.limits) {
      if (!row.meters.has(limit.what)) {
        const meter = el("meter");
        const left = el("span");
        row.limits.append(el("div", "limit", el("span", "", `per ${limit.what}`), meter, left));
        row.meters.set(limit.what, { meter, left });
      }
      const { meter, left } = row.meters.get(limit.what);
      meter.max = limit.limit;
      meter.low = Math.max(1, limit.limit * 0.34);
      meter.optimum = limit.limit;
      meter.value = limit.left;
      meter.setAttribute("aria-label", `left of the limit per ${limit.what}`);
      left.textContent = `${limit.left} of ${limit.limit}` + (limit.left === 0 ? `, ${limit.wait.toFixed(1)} s` : "");
    }
  }
}

