/* ---- a webhook of one's own, which has no look ---- */

function showWebhook(message, at) {
  return [
    el("div", "avatar", "{}"),
    el("div", "body",
      el("div", "", el("span", "who", message.details.id), el("span", "when", ` ${short(at)}`)),
      el("div", "p", message.text), notes(message)),
  ];
}

addChat("webhook", "Webhook", showWebhook, { waits: true });

