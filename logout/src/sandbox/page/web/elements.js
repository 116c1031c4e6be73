"use strict";

/** The chats by their title, in the order of their columns. */
const CHATS = {};
/** What shows a message of each chat. */
const SHOW = {};
/** The chats that are hidden until a message arrives. */
const WAITING = new Set();
const KEPT = 4000;           // requests; the rest is still in the sandbox
const LISTED = 200;          // requests in the list; the older ones are found by their messages
const PLOTTED = 240;         // samples, two a second
const BATCH = 100;           // requests in one answer of the server
const SLACK_FOLDS = 22;      // lines from which on

const asked = new URLSearchParams(location.search);
const token = document.querySelector("meta[name=token]").content;
const byId = (id) => document.getElementById(id);

/** How much of the news has been told. */
const cursor = { run: "", cleared: 0, deleted: 0, seen: 0, sampled: 0 };

/** Whose looks a chat has, where it has not its own. */
const LOOKS = {};

/** Adds a chat; each has a file that does so. */
function addChat(name, title, show, { waits = false, looks = name } = {}) {
  CHATS[name] = title;
  LOOKS[name] = looks;
  SHOW[name] = show;
  if (waits && asked.get("chat") !== name) WAITING.add(name);
}

function recall(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}

function remember(name, value) {
  try { localStorage.setItem(name, value); } catch { /* It is not remembered, then. */ }
}

/** An element with a class and children; a string becomes a text node. */
function el(tag, name, ...children) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

/** What is hidden until somebody points at it, or comes there by keyboard. */
function spoiler(...children) {
  const made = el("span", "spoiler", ...children);
  made.tabIndex = 0;
  return made;
}

function button(label, press, name) {
  const made = el("button", name, label);
  made.type = "button";
  made.addEventListener("click", press);
  return made;
}

const number = (value) => Number(value || 0).toLocaleString("en");
/** `1 event`, `1,204 events`. */
const count = (value, noun) => `${number(value)} ${noun}${Number(value) === 1 ? "" : "s"}`;
const clock = (at) => new Date(at).toLocaleTimeString("en-GB");
const short = (at) => new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
const list = (value) => (Array.isArray(value) ? value : []);
const text = (value) => (typeof value === "string" ? value : "");

function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

/* ---- markup ---- */

/**
 * Reads inline markup by `rules`: [pattern, make]. A pattern has no groups but named ones of its
 * own; `make` gets the match and its groups. What no rule takes is text.
 */
function inline(source, rules) {
  const joint = new RegExp(rules.map(([pattern], index) => `(?<rule${index}>${pattern})`).join("|"), "gu");
  const parts = [];
  let at = 0;
  for (const match of source.matchAll(joint)) {
    parts.push(source.slice(at, match.index));
    const index = rules.findIndex((_, index) => match.groups[`rule${index}`] !== undefined);
    parts.push(rules[index][1](match[0], match.groups));
    at = match.index + match[0].length;
  }
  parts.push(source.slice(at));
  return parts;
}

/** A link is shown and not followed: where it leads is written in a log. */
function link(label, target) {
  const made = el("span", "link", label);
  made.title = target;
  return made;
}

const preformatted = (source) => el("pre", "", source.replace(/\n$/, ""));

/** A block that is shown in part until it is asked for. */
function folded(block, source) {
  const more = `Show more (${source.split("\n").length} lines)`;
  block.classList.add("folded");
  const toggle = button(more, () => {
    const closed = block.classList.toggle("folded");
    toggle.textContent = closed ? more : "Show less";
    toggle.setAttribute("aria-expanded", String(!closed));
  }, "fold");
  toggle.setAttribute("aria-expanded", "false");
  return [block, toggle];
}

/** What stands between two fences; the line ends at them, and around them, belong to them. */
const fenced = (source) => /^\n?```(?:\n(?=[^]*[^`\s]))?([^]*)```\n?$/.exec(source)[1];

function file(it) {
  const head = el("summary", "", `📄 ${it.name || "unnamed"} `, el("span", "quiet", size(it.size)));
  const cut = it.size > new Blob([it.text]).size ? "\n…" : "";
  return el("details", "file", head, el("pre", "", it.text + cut));
}

