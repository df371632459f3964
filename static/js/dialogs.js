// Dialogs, drawers and menus, over the browser's own <dialog> and <details>.
import { make } from "./dom.js";
import { _ } from "./i18n.js";

/** Ask a yes-or-no question; gives true or false. */
export function ask(message, { title = _("Are you sure?"), yes = _("Continue"), danger = false } = {}) {
  return new Promise((resolve) => {
    const dialog = make(
      "dialog",
      { "aria-labelledby": "ask-title" },
      make(
        "form",
        { method: "dialog" },
        make("header", {}, make("h2", { id: "ask-title" }, title)),
        make("div", { class: "body" }, make("p", {}, message)),
        make(
          "footer",
          {},
          make("button", { class: "button", value: "no" }, _("Cancel")),
          make("button", { class: `button ${danger ? "danger" : "primary"}`, value: "yes" }, yes),
        ),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

function optionsOf(element) {
  return { yes: element.dataset.confirmYes ?? _("Continue"), danger: "confirmDanger" in element.dataset };
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  if (event.target.closest("[data-dismiss]")) event.target.closest(".flash")?.remove();
  // A click on a dialog itself, not on what is in it, hit the backdrop.
  if (event.target.matches("dialog") && !event.target.hasAttribute("data-strict")) event.target.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// <form data-confirm="…"> asks before it is sent.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.confirm || form.dataset.confirmed) return;
  event.preventDefault();
  if (await ask(form.dataset.confirm, optionsOf(form))) {
    form.dataset.confirmed = "yes";
    form.requestSubmit(event.submitter);
    delete form.dataset.confirmed;
  }
});

// The same for htmx's hx-confirm.
document.addEventListener("htmx:confirm", async (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  if (await ask(event.detail.question, optionsOf(event.detail.elt))) event.detail.issueRequest(true);
});
