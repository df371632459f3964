// What every page runs: dialogs, keys, notices; charts and prose where a page, or a fragment of it, has any.
import "./dialogs.js";
import "./keys.js";
import { _ } from "./i18n.js";
import { toast } from "./toasts.js";

async function mount(root) {
  const has = (selector) => root.matches?.(selector) || root.querySelector(selector);
  if (has("figure[data-chart]")) (await import("./charts.js")).mount(root);
  if (has('.prose :is(pre, .table-wrap, .math), pre > code[class^="language-"]')) (await import("./prose.js")).mount(root);
}

mount(document);

// On a narrow screen the project's tabs scroll: show the one that is open.
const tab = document.querySelector(".tabs [aria-current]");
if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - (tab.parentElement.clientWidth - tab.offsetWidth) / 2;

document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && mount(event.detail.elt));

// A fragment that asks for itself waits while a dialog is open: swapped away, it could not act on the answer.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches("[data-polls]") && document.querySelector("dialog:modal")) event.preventDefault();
});

// A fragment that did not come: say so, for the page itself shows nothing.
document.addEventListener("htmx:responseError", (event) => {
  toast(_("The server answered with an error ({status}).", { status: event.detail.xhr.status }), { kind: "bad" });
});
document.addEventListener("htmx:sendError", () => toast(_("No connection to the server."), { kind: "bad", seconds: 8 }));

// <select data-autosubmit> sends its form.
document.addEventListener("change", (event) => event.target.closest("[data-autosubmit]")?.form?.requestSubmit());

// <button data-copies="#id"> copies an element's text.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const text = document.querySelector(button.dataset.copies)?.textContent.trim() ?? "";
  try {
    await navigator.clipboard.writeText(text);
    toast(_("Copied."), { kind: "good", seconds: 2 });
  } catch {
    toast(_("The browser did not allow copying; select the text instead."), { kind: "bad", seconds: 6 });
  }
});
