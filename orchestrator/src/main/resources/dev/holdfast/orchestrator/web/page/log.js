// A log of any length: windows of lines are fetched as somebody comes to them.

const log = document.getElementById("log");
const path = log.dataset.path;
const size = Number(log.dataset.window);
const MOST_PIECES = 6;

const byId = (id) => document.getElementById(id);
const said = byId("said");
const total = () => Number(byId("log-total").textContent);
const first = () => Number(log.firstElementChild?.dataset.from ?? 1);
const next = () => Number(log.lastElementChild?.dataset.next ?? 1);

for (const id of ["log-earlier", "log-later"]) byId(id)?.remove();

// ---- choices

const wrap = byId("log-wrap");
const times = byId("log-times");
const choices = [[wrap, "wrapped", "holdfast-wrap"], [times, "with-times", "holdfast-times"]];
for (const [box, name, key] of choices) {
  const kept = localStorage.getItem(key);
  if (kept !== null) box.checked = kept === "true";
  const apply = () => log.classList.toggle(name, box.checked);
  box.addEventListener("change", () => {
    localStorage.setItem(key, String(box.checked));
    apply();
  });
  apply();
}

// ---- pieces

function fragment(html) {
  const piece = new DOMParser().parseFromString(html, "text/html").querySelector(".piece");
  return document.adoptNode(piece);
}

async function fetchPiece(from) {
  const answer = await fetch(`${path}/lines?from=${from}`, { headers: { Accept: "text/html" } });
  if (answer.redirected || answer.status === 401) location.reload();
  if (!answer.ok) throw new Error(`the log was answered with ${answer.status}`);
  const piece = fragment(await answer.text());
  byId("log-total").textContent = piece.dataset.total;
  return piece;
}

// A step that goes on from one piece to the next keeps one heading, and stays closed if it was.
function join(piece, before) {
  const mine = piece.querySelector(".part");
  const theirs = before?.querySelector(".part:last-child");
  if (mine?.tagName === "DETAILS" && theirs?.dataset.step === mine.dataset.step) {
    mine.firstElementChild.hidden = mine.firstElementChild.classList.contains("goes-on");
    mine.open = theirs.open;
  }
}

let busy = false;

async function later() {
  if (busy || next() > total()) return;
  busy = true;
  try {
    const closed = log.lastElementChild?.querySelector(".part:last-child:not([open])");
    const skip = closed?.tagName === "DETAILS" ? Number(closed.dataset.until) : 0;
    if (skip > total()) return;
    const piece = await fetchPiece(Math.max(next(), skip));
    join(piece, log.lastElementChild);
    log.append(piece);
    if (log.children.length > MOST_PIECES) {
      const top = log.scrollTop;
      const height = log.firstElementChild.offsetHeight;
      log.firstElementChild.remove();
      const part = log.querySelector(".part > summary[hidden]");
      if (part && log.firstElementChild.contains(part)) part.hidden = false;
      log.scrollTop = top - height;
    }
  } finally {
    busy = false;
  }
}

async function earlier() {
  if (busy || first() <= 1) return;
  busy = true;
  try {
    const from = Math.max(1, first() - size);
    const piece = await fetchPiece(from);
    // Long lines make a window short of what was wanted: never leave a hole.
    if (Number(piece.dataset.next) < first()) {
      await show(from);
      return;
    }
    for (const row of piece.querySelectorAll(".row")) if (log.querySelector(`[id="${row.id}"]`)) row.remove();
    for (const part of piece.querySelectorAll(".part")) if (!part.querySelector(".row")) part.remove();
    piece.dataset.next = String(first());
    const old = log.firstElementChild;
    const height = log.scrollHeight;
    const top = log.scrollTop;
    log.prepend(piece);
    join(old, piece);
    log.scrollTop = top + log.scrollHeight - height;
    if (log.children.length > MOST_PIECES) log.lastElementChild.remove();
  } finally {
    busy = false;
  }
}

async function show(line, mean) {
  const from = Math.max(1, line - 12);
  const piece = await fetchPiece(from);
  log.replaceChildren(piece);
  byId("log-nothing")?.remove();
  settle(mean ? line : null);
}

function settle(line) {
  for (const row of log.querySelectorAll(".is-meant")) row.classList.remove("is-meant");
  const row = line && byId(`L${line}`);
  if (row) {
    row.classList.add("is-meant");
    row.closest("details")?.setAttribute("open", "");
    log.scrollTop = row.getBoundingClientRect().top - log.getBoundingClientRect().top + log.scrollTop - 96;
  }
  fill();
}

// The window may be higher than what there is.
async function fill() {
  for (let i = 0; i < 3 && log.scrollHeight <= log.clientHeight + 200 && next() <= total(); i++) await later();
}

async function go(line) {
  follow(false);
  if (byId(`L${line}`)) settle(line);
  else await show(line, true);
  history.replaceState(null, "", `${path}?line=${line}#L${line}`);
  said.textContent = `Line ${line}`;
}

async function end() {
  await show(Math.max(1, total() - size + 20), false);
  while (next() <= total()) await later();
  log.scrollTop = log.scrollHeight;
  follow(log.dataset.over !== "true");
}

let checking = false;
log.addEventListener("scroll", () => {
  if (checking) return;
  checking = true;
  requestAnimationFrame(async () => {
    checking = false;
    if (log.scrollTop + log.clientHeight > log.scrollHeight - 1200) await later();
    if (log.scrollTop < 600) await earlier();
  });
}, { passive: true });

log.addEventListener("wheel", (e) => e.deltaY < 0 && follow(false), { passive: true });
log.addEventListener("keydown", (e) => ["PageUp", "ArrowUp", "Home"].includes(e.key) && follow(false));

document.addEventListener("click", (e) => {
  if (e.metaKey || e.ctrlKey || e.shiftKey || e.button !== 0) return;
  const link = e.target.closest("a");
  if (!link) return;
  const line = link.dataset.line ?? (link.matches(".row .n") ? link.textContent : null);
  if (line) {
    e.preventDefault();
    go(Number(line));
  } else if ("end" in link.dataset) {
    e.preventDefault();
    end();
  } else if ("more" in link.dataset) {
    e.preventDefault();
    find(link.href.replace("?", "/search?"));
  }
});

log.addEventListener("toggle", () => fill(), true);

// ---- search

async function find(url) {
  const answer = await fetch(url, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const hits = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".hits");
  byId("found").replaceChildren(document.adoptNode(hits));
}

byId("log-search").addEventListener("submit", (e) => {
  e.preventDefault();
  const text = byId("q").value;
  if (text) find(`${path}/search?q=${encodeURIComponent(text)}`);
  else byId("found").replaceChildren();
});

// ---- what is appended

const box = byId("log-follow");
let following = false;

function follow(yes) {
  following = yes;
  box.checked = yes;
  if (yes) log.scrollTop = log.scrollHeight;
}

box.addEventListener("change", () => (box.checked ? end() : follow(false)));

function append(html) {
  const piece = fragment(html);
  byId("log-total").textContent = piece.dataset.total;
  byId("log-nothing")?.remove();
  if (Number(piece.dataset.from) > next()) return; // not at the end: it is fetched when somebody comes to it
  for (const row of piece.querySelectorAll(".row")) byId(row.id)?.remove();
  const last = log.lastElementChild;
  let part = piece.querySelector(".part");
  const open = last?.querySelector(".part:last-child");
  if (part && open && open.dataset.step === part.dataset.step) {
    open.querySelector(".rows").append(...part.querySelectorAll(".row"));
    part.remove();
  }
  if (last) {
    last.append(...piece.children);
    last.dataset.next = piece.dataset.next;
    const rows = last.querySelectorAll(".row");
    // What grows at its end loses its beginning, which is fetched again when somebody comes to it.
    if (following && rows.length > size * 4) {
      for (let i = 0; i < rows.length - size * 2; i++) rows[i].remove();
      for (const e of last.querySelectorAll(".part")) if (!e.querySelector(".row")) e.remove();
      last.dataset.from = last.querySelector(".row").id.slice(1);
      while (log.firstElementChild !== last) log.firstElementChild.remove();
    }
  } else {
    log.append(piece);
  }
  if (following) log.scrollTop = log.scrollHeight;
}

if (log.dataset.over !== "true") {
  byId("log-follow-option").hidden = false;
  const listen = () => {
    const stream = new EventSource(`/live${path}?from=${Math.max(1, total())}`);
    stream.addEventListener("lines", (e) => append(e.data));
    stream.addEventListener("moved", state);
    stream.addEventListener("skipped", async (e) => {
      if (following) await show(Number(e.data), false);
    });
    stream.addEventListener("over", () => {
      stream.close();
      log.dataset.over = "true";
      byId("log-follow-option").hidden = true;
      state();
    });
    stream.addEventListener("error", () => {
      // Not from where it began: what came since is there.
      stream.close();
      if (log.dataset.over !== "true") setTimeout(listen, 1000);
    });
  };
  follow(!log.dataset.line);
  listen();
}

// How it ended, and its steps, as the server shows them now.
async function state() {
  const answer = await fetch(path, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const selector of ["#log-state", ".log-steps", ".log-jumps"]) {
    const now = document.querySelector(selector);
    const then = fresh.querySelector(selector);
    if (now && then) now.replaceWith(document.adoptNode(then));
  }
}

settle(log.dataset.line ? Number(log.dataset.line) : null);
if (!log.dataset.line && next() > total()) log.scrollTop = log.dataset.over === "true" && !location.search.includes("end") ? 0 : log.scrollHeight;
