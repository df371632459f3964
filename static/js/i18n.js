// Words of scripts in the reader's language. The catalogue comes before the modules, from /language/catalog.js; where it
// is missing (English, or a page that does not load it) the words stay as they are written here.
//
//   _("Copied.")   _("{count} of {all}", { count: 3, all: 5 })   plural("{n} answer", "{n} answers", 2)

const catalog = globalThis.django;

/** "{done} of {all}" with values put into its {places}. */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** A text in the reader's language, with values put into its {places}. */
export function _(text, values = {}) {
  return fill(catalog?.gettext?.(text) ?? text, values);
}

/** The form of a text that fits a number, which also stands for {n}. */
export function plural(one, many, n, values = {}) {
  return fill(catalog?.ngettext?.(one, many, n) ?? (n === 1 ? one : many), { n, ...values });
}
