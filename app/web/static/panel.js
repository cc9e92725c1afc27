// What the panel does beyond links and forms: it keeps its figures fresh, and the reader's place in them.
"use strict";

(() => {
  const BUSY = 3_000; // milliseconds between two looks while tasks run
  const QUIET = 20_000;
  const opened = new Set();
  let looking;

  // The server writes times in the browser's zone once it knows it. Where no cookie is kept, they stay Eastern.
  const zone = `zone=${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
  const isKnown = () => document.cookie.split("; ").includes(zone);
  if (!isKnown()) {
    const reach = location.protocol === "https:" ? "samesite=none; secure; partitioned" : "samesite=lax";
    document.cookie = `${zone}; path=/cases; max-age=31536000; ${reach}`;
    if (isKnown()) {
      location.reload();
    }
  }

  // Back and forward are htmx's; whoever was faster than it has another address now over the same page.
  document.addEventListener("DOMContentLoaded", () => {
    const asked = performance.getEntriesByType("navigation")[0]?.name;
    if (history.state?.htmx && asked && asked.split("#")[0] !== location.href.split("#")[0]) {
      location.reload();
    }
  });

  const live = () => document.querySelector("[hx-trigger^=refresh]");

  function refresh() {
    if (live() && document.visibilityState === "visible") {
      htmx.trigger(document.body, "refresh");
    }
    wait();
  }

  function wait() {
    clearTimeout(looking);
    looking = setTimeout(refresh, document.querySelector("[data-live]") ? BUSY : QUIET);
  }

  function runningTasks() {
    return new Map([...document.querySelectorAll("article.run[id]")].map((task) => [task.id, task]));
  }

  function keepOpen() {
    for (const id of opened) {
      const details = document.getElementById(id);
      if (details) {
        details.open = true;
      }
    }
  }

  document.addEventListener("toggle", ({ target }) => {
    if (target.id && target.isConnected) {
      opened[target.open ? "add" : "delete"](target.id);
    }
  }, true);

  // htmx keeps the focus of what has an id; everything else is found by its place within what has one.
  const FOCUSABLE = "a, button, input, summary";
  let place = null;

  function rememberFocus() {
    const home = document.activeElement.closest("[id]");
    place = home && { id: home.id, index: [...home.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement) };
  }

  function keepFocus() {
    if (place && document.activeElement === document.body) {
      const home = document.getElementById(place.id);
      const heir = home && home.querySelectorAll(FOCUSABLE)[place.index];
      if (heir) {
        heir.focus({ preventScroll: true });
      }
    }
  }

  const verdict = () => document.getElementById("verdict")?.dataset.said;

  let before = new Map();
  let saidBefore = verdict();
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.requestConfig.triggeringEvent?.type === "refresh" && document.querySelector("main :active")) {
      detail.shouldSwap = false; // a click ends where it began: what is pressed stays until it is let go
    }
    before = runningTasks();
    rememberFocus();
  });
  document.addEventListener("htmx:afterSwap", () => {
    keepOpen();
    keepFocus();
  });
  document.addEventListener("htmx:oobAfterSwap", keepOpen);
  document.addEventListener("htmx:afterSettle", () => {
    // Screen readers hear that a task ended and what the quote now says, not each figure.
    const running = runningTasks();
    const ended = [...before.keys()].filter((id) => !running.has(id)).map((id) => document.getElementById(id));
    before = running;
    const said = ended.filter((task) => task && task.dataset.said).map((task) => task.dataset.said);
    if (verdict() !== saidBefore) {
      saidBefore = verdict();
      said.push(saidBefore ?? "");
    }
    if (said.length) {
      document.getElementById("announcements").textContent = said.join(" ");
    }
  });

  // Of two things that a person asks for, the later one goes first, and then the other, which it has interrupted.
  let interrupted = null;
  document.addEventListener("htmx:sendAbort", ({ detail }) => {
    const { elt, triggeringEvent } = detail.requestConfig;
    interrupted = triggeringEvent?.type === "refresh" ? interrupted : elt.id;
  });
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    interrupted = detail.elt.id === interrupted ? null : interrupted;
  });
  document.addEventListener("htmx:afterSettle", () => {
    const again = interrupted && document.getElementById(interrupted);
    interrupted = null;
    if (again) {
      htmx.trigger(again, again.localName === "form" ? "submit" : "click");
    }
  });

  function paused(isPaused) {
    document.getElementById("paused").hidden = !isPaused;
  }
  document.addEventListener("htmx:sendError", () => paused(true));
  document.addEventListener("htmx:timeout", () => paused(true));
  document.addEventListener("htmx:responseError", ({ detail }) => {
    if ([401, 404].includes(detail.xhr.status)) {
      location.reload(); // signed out meanwhile: the page itself says so
    }
  });
  document.addEventListener("htmx:afterOnLoad", ({ detail }) => paused(detail.xhr.status >= 400));
  document.addEventListener("visibilitychange", refresh);

  // What a change did, or why nothing was done, is where reading goes on. Said once: the address forgets it.
  const notice = document.getElementById("notice");
  if (notice) {
    notice.focus();
    const here = new URL(location);
    if (here.searchParams.has("done")) {
      here.searchParams.delete("done");
      history.replaceState(history.state, "", here.pathname + here.search);
    }
  }

  wait();
})();
