// What the panel does beyond links and forms: it keeps its figures fresh, and the reader's place in them.
"use strict";

(() => {
  const BUSY = 3_000; // milliseconds between two looks while tasks run
  const QUIET = 20_000;
  const opened = new Set();
  let looking;

  // The server writes times in the browser's zone once it knows it.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = document.cookie.split("; ").includes(`zone=${zone}`);
  if (zone && !known) {
    document.cookie = `zone=${zone}; path=/cases; max-age=31536000; samesite=lax`;
  }

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

  let before = new Map();
  document.addEventListener("htmx:beforeSwap", () => { before = runningTasks(); });
  document.addEventListener("htmx:afterSwap", keepOpen);
  document.addEventListener("htmx:oobAfterSwap", keepOpen);
  document.addEventListener("htmx:afterSettle", () => {
    // Screen readers hear that a task ended, not each figure of it.
    const running = runningTasks();
    const ended = [...before.keys()].filter((id) => !running.has(id)).map((id) => document.getElementById(id));
    before = running;
    const said = ended.filter((task) => task && task.dataset.said).map((task) => task.dataset.said);
    if (said.length) {
      document.getElementById("announcements").textContent = said.join(" ");
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
    paused(true);
  });
  document.addEventListener("htmx:afterOnLoad", () => paused(false));
  document.addEventListener("visibilitychange", refresh);

  if (known) {
    wait();
  } else {
    addEventListener("load", refresh);
  }
})();
