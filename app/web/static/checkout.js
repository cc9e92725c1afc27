// The tab in which a person pays: opened by the click that begins the payment, as browsers want it, and sent to its page
// once that is known. Where it may not be opened, the link on the page leads there.
"use strict";

(() => {
  const TAB = "claira-payment";

  // The form leads to another page of this frame, which has to know that there is a tab.
  function remember() {
    try {
      sessionStorage.setItem(TAB, "opened");
      return true;
    } catch {
      return false; // storage is blocked
    }
  }

  function recall() {
    try {
      const opened = sessionStorage.getItem(TAB);
      sessionStorage.removeItem(TAB);
      return opened;
    } catch {
      return null;
    }
  }

  document.addEventListener("submit", ({ target }) => {
    const byCard = target.elements.payment?.value !== "MONTHLY_INVOICE";
    if (target.matches("[data-pays]") && byCard && remember()) {
      window.open("", TAB)?.focus();
    }
  });

  if (recall()) {
    const tab = window.open("", TAB);
    const page = document.querySelector("a[data-opens]");
    if (tab && page) {
      tab.opener = null;
      tab.location.replace(page.href);
    } else {
      tab?.close(); // nothing is to be paid after all
    }
  }
})();
