// The colour theme, set before the first paint; this is the one classic script, in the head.
// Kept per browser: "light", "dark", or nothing for the system's own.
(() => {
  const gettext = (text) => globalThis.django?.gettext?.(text) ?? text; // the catalogue comes after this script
  const names = () => ({ "": gettext("System theme"), light: gettext("Light theme"), dark: gettext("Dark theme") });
  const order = Object.keys(names());
  const root = document.documentElement;

  const stored = () => {
    try {
      return localStorage.getItem("touchstone:theme") ?? "";
    } catch {
      return "";
    }
  };

  const apply = (theme) => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.dataset.themeToggle = theme;
      button.title = names()[theme];
      button.querySelector(".visually-hidden").textContent = names()[theme];
    }
    document.dispatchEvent(new CustomEvent("themechange"));
  };

  apply(stored());
  document.addEventListener("DOMContentLoaded", () => apply(stored()));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const theme = order[(order.indexOf(stored()) + 1) % order.length];
    try {
      localStorage.setItem("touchstone:theme", theme);
    } catch {
      // Private windows may refuse: the theme then lasts for this page.
    }
    apply(theme);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => apply(stored()));
  addEventListener("storage", (event) => event.key === "touchstone:theme" && apply(stored()));
})();
