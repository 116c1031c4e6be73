/* ---- Slack, by a bot ---- */

addChat("slack_bot", "Slack bot", showSlack, { waits: true, looks: "slack" });

