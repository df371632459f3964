// When a question is asked: what annotate/conditions.py says (see there), live in the page.

/** Whether a question is asked, given the answers to those before it. */
export function holds(condition, answers) {
  if (!condition || !Object.keys(condition).length) return true;
  const answer = answers[condition.question];
  if (answer == null) return false;
  const path = condition.path ? condition.path.split("/") : [];
  return values(answer, path).some((value) => passes(condition, value));
}

function values(value, [name, ...rest]) {
  if (name === undefined) return [value];
  if (value === null || typeof value !== "object") return [];
  if (name === "*") return Object.values(value).flatMap((part) => values(part, rest));
  return !Array.isArray(value) && Object.hasOwn(value, name) ? values(value[name], rest) : [];
}

function passes(condition, value) {
  if (condition.in) return condition.in.includes(value);
  if (condition.not_in) return !condition.not_in.includes(value);
  if (typeof value !== "number") return false;
  return "at_least" in condition ? value >= condition.at_least : value <= condition.at_most;
}
