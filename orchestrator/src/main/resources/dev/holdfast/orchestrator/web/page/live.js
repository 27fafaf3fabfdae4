// Keeps a page as the server would show it now. Without this a reload does the same.

const server = Number(document.body.dataset.now);
const ahead = server ? Date.now() - server : 0;

// ---- times that go on

function span(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} m ${two(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${two(Math.floor(s / 60) % 60)} m`;
  return `${Math.floor(s / 86400)} d ${two(Math.floor(s / 3600) % 24)} h`;
}

function ago(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 10) return "just now";
  if (s < 60) return `${s} s ago`;
  if (s < 3600) return `${Math.floor(s / 60)} min ago`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ago`;
  if (s < 7 * 86400) return `${Math.floor(s / 86400)} d ago`;
  return null;
}

function put(element, text) {
  if (text !== null && element.textContent !== text) element.textContent = text;
}

function tick() {
  const now = Date.now() - ahead;
  for (const e of document.querySelectorAll("[data-since]")) put(e, span(now - Number(e.dataset.since)));
  for (const e of document.querySelectorAll("[data-ago]")) put(e, ago(now - Number(e.dataset.ago)));
}

setInterval(tick, 1000);

// ---- filters that are sent when they are chosen

for (const form of document.querySelectorAll("form[data-send]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// ---- parts that are swapped

const PAUSE = 400;
let asked = 0;
let waiting = false;
let asking = false;
let again = false;

function swap(fresh) {
  // What shows that a form is ours is written anew each time: that alone is no change.
  const ours = document.querySelector("input[name=csrf]");
  if (ours) for (const e of fresh.querySelectorAll("input[name=csrf]")) e.setAttribute("value", ours.value);
  for (const part of document.querySelectorAll("[data-swap]")) {
    const other = fresh.getElementById(part.id);
    if (!other || other.outerHTML === part.outerHTML) continue;
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const open = new Map([...part.querySelectorAll("details[id]")].map((d) => [d.id, d.open]));
    const scrolled = [...part.querySelectorAll("[data-scroll]")].map((e) => [e.id, e.scrollLeft, e.scrollTop]);
    const next = document.adoptNode(other);
    for (const d of next.querySelectorAll("details[id]")) if (open.has(d.id)) d.open = open.get(d.id);
    part.replaceWith(next);
    for (const [id, left, top] of scrolled) document.getElementById(id)?.scrollTo(left, top);
    if (focused) {
      const same = focused.id
        ? document.getElementById(focused.id)
        : focused.href && [...next.querySelectorAll("a")].find((a) => a.href === focused.href);
      same?.focus({ preventScroll: true });
    }
  }
}

async function refresh() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  asked = Date.now();
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected || answer.status === 401) {
      location.reload(); // the session is over
      return;
    }
    if (answer.ok) {
      swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
      tick();
      document.dispatchEvent(new CustomEvent("holdfast:fresh"));
    }
  } catch {
    // The server is away; the stream says when it is back.
  } finally {
    asking = false;
    if (again) {
      again = false;
      changed();
    }
  }
}

function changed() {
  if (waiting) return;
  waiting = true;
  setTimeout(() => {
    waiting = false;
    refresh();
  }, Math.max(0, PAUSE - (Date.now() - asked)));
}

const path = document.body.dataset.live;
if (path) {
  let stream;
  let lost = false;
  const listen = () => {
    stream = new EventSource(path);
    stream.addEventListener("open", () => {
      document.body.dataset.listening = "true";
      if (lost) changed();
      lost = false;
    });
    stream.addEventListener("changed", changed);
    stream.addEventListener("error", () => {
      lost = true;
      document.body.dataset.listening = "false";
      if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
    });
  };
  listen();
  addEventListener("pageshow", (e) => e.persisted && changed());
}
