// Marks what differs between responses, painted with the CSS Custom Highlight API: their markup stays as it is.
//
// Of two, each is marked by what the other has not. Of more, each by what the first has not.
import { ranges } from "./difference.js";

const NAME = "difference";

/** Mark the responses below `root`; null takes the marks away. */
export function contrast(root) {
  if (!CSS.highlights) return;
  const bodies = root ? [...root.querySelectorAll("[data-response-body]")].map(textOf) : [];
  const [first, ...others] = bodies;
  const marks = others.flatMap((body) => {
    const { one, other } = ranges(first.text, body.text);
    return [...(others.length === 1 ? one.map((range) => rangeIn(first, range)) : []), ...other.map((range) => rangeIn(body, range))];
  });
  CSS.highlights.set(NAME, new Highlight(...marks));
}

/** The text that is shown, and where its nodes begin in it. What is set by KaTeX counts once, as it is seen. */
function textOf(body) {
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, (node) => {
    if (node.nodeType === Node.TEXT_NODE) return NodeFilter.FILTER_ACCEPT;
    return node.matches(".katex-mathml") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
  });
  const nodes = [];
  let text = "";
  while (walker.nextNode()) {
    nodes.push({ node: walker.currentNode, start: text.length });
    text += walker.currentNode.data;
  }
  return { text, nodes };
}

function rangeIn({ nodes }, { start, end }) {
  const at = (offset) => nodes.findLast((entry) => entry.start <= offset);
  const range = new Range();
  const [from, to] = [at(start), at(end - 1)];
  range.setStart(from.node, start - from.start);
  range.setEnd(to.node, end - to.start);
  return range;
}
