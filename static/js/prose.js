// Mathematics and code in text that somebody else wrote: set here, loaded only where a page has any.

const CODE_CHARS = 50_000;
const here = (path) => new URL(path, import.meta.url).href;

let katex = null;
let highlighter = null;

function loadKatex() {
  katex ??= (async () => {
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = here("../npm/katex/dist/katex.min.css");
    document.head.append(sheet);
    return (await import("../npm/katex/dist/katex.mjs")).default;
  })();
  return katex;
}

function loadHighlighter() {
  highlighter ??= import("../npm/@highlightjs/cdn-assets/es/highlight.min.js").then((module) => module.default);
  return highlighter;
}

async function setMath(element, library) {
  const tex = element.dataset.tex;
  if (tex === undefined || element.dataset.set) return;
  element.dataset.set = "yes";
  try {
    library.render(tex, element, {
      displayMode: element.classList.contains("display"),
      throwOnError: true,
      strict: "ignore",
      trust: false,
      maxSize: 20,
      maxExpand: 500,
    });
  } catch {
    // What cannot be set stays readable as its source.
    element.textContent = tex;
  }
}

function colour(element, library) {
  if (element.dataset.set || element.textContent.length > CODE_CHARS) return;
  element.dataset.set = "yes";
  const language = [...element.classList].find((name) => name.startsWith("language-"))?.slice(9);
  if (!library.getLanguage(language)) return;
  element.innerHTML = library.highlight(element.textContent, { language, ignoreIllegals: true }).value;
}

/** What scrolls sideways can be scrolled by keyboard. */
function letScroll(root) {
  for (const element of root.querySelectorAll(".prose :is(pre, .table-wrap, .math.display)")) {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
  }
}

/** Set the mathematics and colour the code below `root`. */
export async function mount(root) {
  const math = root.querySelectorAll(".math[data-tex]:not([data-set])");
  const code = root.querySelectorAll('pre > code[class^="language-"]:not([data-set])');
  await Promise.all([
    math.length && loadKatex().then((library) => math.forEach((element) => setMath(element, library))),
    code.length && loadHighlighter().then((library) => code.forEach((element) => colour(element, library))),
  ]);
  letScroll(root);
}
