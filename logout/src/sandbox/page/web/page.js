/* ---- layout ---- */

const isMeasured = asked.has("still") || asked.has("until");
const tooWide = new Set();

/** Notes on <html> what is wider than its place, for tests and for whoever changes the styles. */
function measure(items) {
  if (!isMeasured) return;
  const wide = new Set(tooWide);
  const outer = [document.documentElement, ...document.querySelectorAll(".log, .wire, .strip, .bar, .tabs, .filter, .columns, .empty, .card, .detail pre")];
  for (const one of outer) {
    if (one.scrollWidth > one.clientWidth + 1) wide.add(one.className || one.tagName);
  }
  for (const item of items) {
    const edge = item.getBoundingClientRect();
    for (const inner of item.querySelectorAll("*")) {
      const box = inner.getBoundingClientRect();
      if (box.width && (box.right > edge.right + 1 || box.left < edge.left - 1)) tooWide.add(`${inner.tagName}.${inner.className}`);
    }
  }
  tooWide.forEach((one) => wide.add(one));
  document.documentElement.dataset.overflow = [...wide].join(" ") || "none";
}

function measureAll() {
  tooWide.clear();
  measure(document.querySelectorAll(".message"));
}

/* ---- theme ---- */

const THEMES = ["auto", "light", "dark"];
const followingTheme = (theme) => THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  const next = followingTheme(theme);
  byId("theme").textContent = `Use ${next === "auto" ? "the system's" : next} theme`;
  document.documentElement.dataset.ground = getComputedStyle(document.body).backgroundColor;
}

byId("theme").addEventListener("click", () => {
  setTheme(followingTheme(document.documentElement.dataset.theme));
  remember("theme", document.documentElement.dataset.theme);
});
setTheme([asked.get("theme"), recall("theme"), "auto"].find((theme) => THEMES.includes(theme)));

/* ---- the server ---- */

async function act(what) {
  try {
    const answer = await fetch("/act", {
      method: "POST", body: JSON.stringify(what),
      headers: { "content-type": "application/json", "x-sandbox-token": token },
    });
    setState(answer.ok ? "live" : `the sandbox said ${answer.status}`, !answer.ok);
  } catch {
    setState("the sandbox is gone", true);
  }
}

function setState(words, lost = false) {
  const state = byId("state");
  if (state.textContent !== words) state.textContent = words;
  state.classList.toggle("lost", lost);
}

function take(news) {
  // Another run at the same port has another token.
  if (cursor.run && cursor.run !== news.run) return location.reload();
  if (news.anew) begin(news);
  for (const name of Object.keys(cursor)) cursor[name] = news[name];
  addExchanges(news.exchanges);
  addMessages(news.exchanges);
  forgetExchanges(news.gone, news.oldest ?? Infinity);
  samples = [...samples, ...news.samples].slice(-PLOTTED);
  showDestinations(news.destinations);
  showArrivals(news.arrivals);
  showCounters();
  if (news.exchanges.length || news.gone.length || news.anew) {
    showFiltered();
    showUnread();
    if (chosen === null) showDetail();
  }
  measure(news.exchanges.flatMap((one) => records.get(one.number)?.item ?? []));
  document.documentElement.dataset.seen = String(news.seen);
}

function begin(news) {
  forgetExchanges([...exchanges.keys()], Infinity);
  chosen = null;
  samples = [];
  recallRead(news.run);
  byId("buttons").replaceChildren(...news.buttons.map((one) => button(one.label, () => act({ press: one.name }), "act")));
}

/** Asks for news for ever; with `?still` until there are none, with `?until=9` until nine requests. */
async function follow() {
  const still = asked.has("still") ? "&still" : "";
  const until = still ? 0 : Number(asked.get("until") ?? Infinity);
  let arrived = false;
  for (;;) {
    try {
      const answer = await fetch(`/events?${new URLSearchParams(cursor)}${still}`);
      const news = await answer.json();
      setState("live");
      take(news);
      // Once all that there was is here, the address may lead to one of it.
      if (!arrived && news.exchanges.length < BATCH) {
        arrived = true;
        followLink();
      }
      if (cursor.seen >= until && !(still && news.exchanges.length)) return;
    } catch (problem) {
      if (!(problem instanceof TypeError)) console.error(problem);
      setState("the sandbox is gone", true);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

byId("heal").addEventListener("click", () => act({ heal: null }));
byId("clear").addEventListener("click", () => act({ clear: null }));
document.body.classList.toggle("bare", asked.has("bare"));
buildColumns();
selectTab(filter.chat);
loadVariables();
follow();
