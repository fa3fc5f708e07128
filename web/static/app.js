// Comfort only: every page works without this file.
(() => {
  "use strict";

  const REFRESH_MS = 4000;
  const FOLLOW_MS = 2000;
  const CLOCK_MS = 30000;

  // The same rule as src/server/gui/views/parts/when.rs.
  function relative(at, now) {
    const seconds = Math.floor(now / 1000) - Math.floor(at / 1000);
    const size = Math.abs(seconds);
    if (size < 60) return "just now";
    let amount;
    if (size < 3600) amount = Math.floor(size / 60) + " min";
    else if (size < 86400) amount = Math.floor(size / 3600) + " h";
    else if (size < 2 * 86400) amount = "1 day";
    else if (size < 60 * 86400) amount = Math.floor(size / 86400) + " days";
    else return new Date(at).toISOString().slice(0, 10);
    return seconds < 0 ? "in " + amount : amount + " ago";
  }

  function renewTimes() {
    for (const element of document.querySelectorAll("time[data-when]")) {
      const at = Date.parse(element.dateTime);
      if (!Number.isNaN(at)) element.textContent = relative(at, Date.now());
    }
  }

  // What a page says about things that may still change, as one string.
  function stateOf(root) {
    return Array.from(root.querySelectorAll("[data-state]"), (e) => e.dataset.state).join("\n");
  }

  function someoneIsWriting() {
    return Array.from(document.querySelectorAll("textarea")).some((area) => area.value !== "");
  }

  async function look() {
    if (document.hidden || someoneIsWriting()) return;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (stateOf(page) !== stateOf(document) && !someoneIsWriting()) location.reload();
    } catch {
      // The server is away: the next look may find it again.
    }
  }

  // Puts a newer rendering of a part in its place; what the reader opened or closed stays so.
  function replacePart(old, fresh) {
    const folds = new Map(Array.from(old.querySelectorAll("details[id]"), (d) => [d.id, d.open]));
    const focused = old.contains(document.activeElement) && document.activeElement.closest("[id]");
    for (const fold of fresh.querySelectorAll("details[id]")) {
      if (folds.has(fold.id)) fold.open = folds.get(fold.id);
    }
    // A region that is replaced whole is not read out; one beside it that changes is.
    const state = (part) => (part.querySelector(".run-state") || part).textContent.trim();
    const said = document.getElementById(old.id + "-said");
    if (said && state(old) !== state(fresh)) said.textContent = state(fresh);
    old.replaceWith(fresh);
    const again = focused && focused !== old && document.getElementById(focused.id);
    if (again) (again.querySelector("summary, a, button, [tabindex]") || again).focus({ preventScroll: true });
    renewTimes();
  }

  // Follows something that is under way: the server answers with the part of the page once it differs.
  async function follow() {
    const part = document.querySelector("[data-follow]");
    if (part && !document.hidden) {
      try {
        const seen = encodeURIComponent(part.dataset.seen);
        const answer = await fetch(part.dataset.follow + "&seen=" + seen, { credentials: "same-origin" });
        if (answer.redirected || answer.status === 404) return;
        if (answer.status === 200) {
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          const fresh = page.getElementById(part.id);
          if (fresh) replacePart(part, document.adoptNode(fresh));
        }
      } catch {
        // The server is away: the next look may find it again.
      }
    }
    if (document.querySelector("[data-follow]")) setTimeout(follow, FOLLOW_MS);
  }

  function addCopyButtons() {
    if (!navigator.clipboard) return;
    for (const block of document.querySelectorAll("[data-copy]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet copy";
      button.textContent = "Copy";
      const text = block.textContent;
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(text);
          button.textContent = "Copied";
        } catch {
          button.textContent = "Could not copy";
        }
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      });
      const row = document.createElement("div");
      row.className = "copy-row";
      row.append(button);
      block.after(row);
    }
  }

  function step(direction) {
    const items = Array.from(document.querySelectorAll("[data-item]"));
    if (items.length === 0) return;
    const current = items.findIndex((item) => item.contains(document.activeElement));
    const next = current < 0
      ? (direction > 0 ? 0 : items.length - 1)
      : Math.min(Math.max(current + direction, 0), items.length - 1);
    const link = items[next].querySelector("a.row-link");
    if (!link) return;
    link.focus({ preventScroll: true });
    items[next].scrollIntoView({ block: "nearest" });
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
  }

  // A link to something inside a closed fold opens it.
  function openTarget() {
    let target = null;
    try {
      target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return;
    }
    for (let fold = target && target.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      fold.open = true;
    }
  }

  renewTimes();
  setInterval(renewTimes, CLOCK_MS);
  addCopyButtons();
  openTarget();
  window.addEventListener("hashchange", openTarget);
  if (document.querySelector("[data-follow]")) setTimeout(follow, FOLLOW_MS);
  else if (document.body.hasAttribute("data-live")) setInterval(look, REFRESH_MS);
  if (document.querySelector("[data-item]")) {
    document.addEventListener("keydown", onKey);
    const keys = document.querySelector(".keys");
    if (keys) keys.hidden = false;
  }
})();
