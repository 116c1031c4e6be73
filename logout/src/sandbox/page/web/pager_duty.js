/* ---- PagerDuty ---- */

function showPagerDuty(message, at) {
  const { action, severity, dedup_key: key, rings } = message.details;
  const [title, ...rest] = message.text.split("\n");
  return [
    el("div", "avatar", "PD"),
    el("div", "body",
      el("div", "", el("span", `who ${severity}`, action), el("span", "when", short(at))),
      el("div", "p title", title), preformatted(rest.join("\n")),
      key ? el("p", "note", `alert ${key}`) : null,
      rings ? el("p", "note alarm", "It opens an incident and calls whoever is on duty.") : null,
      notes(message)),
  ];
}

addChat("pager_duty", "PagerDuty", showPagerDuty, { waits: true });

