// Numbers and names as a person reads them.

const NAMES = { __proto__: null, none: "unoptimized", all_at_once: "all-at-once", fgo: "FGO" };
const STATUS = {
  __proto__: null, won: "won", lost: "lost", step_limit: "step limit", malformed: "unreadable replies",
  context_overflow: "context full", environment_error: "environment error", provider_error: "provider error",
};

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const count = (n) => grouped.format(n);
const percent = (share, digits = 0) => `${(100 * share).toFixed(digits)} %`.replace("-", "−");

/** Tokens in short: 940, 12.3 k, 4.8 M. */
function short(n) {
  if (n >= 1e6) return `${(n / 1e6).toFixed(n < 1e7 ? 1 : 0)} M`;
  if (n >= 1e3) return `${(n / 1e3).toFixed(n < 1e4 ? 1 : 0)} k`;
  return count(n);
}

const dollars = (n) => (n === 0 ? "$0" : n < 1 ? `$${n.toFixed(4)}` : `$${n.toFixed(2)}`);
const nameOf = (optimizer) => NAMES[optimizer] ?? optimizer.replaceAll("_", " ");

/** [estimate, low, high] as "70.0 [58.3, 81.7]"; points, with a sign where it is a difference. */
function interval(found, signed = false) {
  if (!found) return "–";
  const one = (value) => {
    const text = (100 * value).toFixed(1).replace("-0.0", "0.0");
    return (signed && value > 0 ? `+${text}` : text).replace("-", "−");
  };
  return `${one(found[0])} [${one(found[1])}, ${one(found[2])}]`;
}

/** Where in the optimization: "subset 0, epoch 1"; "start" where the scope is empty. */
const placeOf = (scope) =>
  Object.entries(scope).filter(([key]) => key !== "modules" && key !== "episode").map(([key, value]) => `${key} ${value}`).join(", ") || "start";

/** The same in a few letters: "s0 e1", "merge 1.0". */
function shortPlace(scope) {
  if ("level" in scope) return `merge ${scope.level}.${scope.group ?? 0}`;
  return Object.entries(scope).map(([key, value]) => `${key[0]}${value}`).join(" ") || "start";
}

const plural = (n, noun) => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
const duration = (seconds) => (seconds < 90 ? `${Math.round(seconds)} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`);

/** A run among others: what tells it apart on this page. */
function runName(run) {
  const { optimizer, train_size, seed, varied } = run.point;
  const differing = ["env", "model", "study"].filter((key) => core.runs.some((other) => other.point[key] !== run.point[key]));
  const more = Object.entries(varied).map(([key, value]) => `${key}=${value}`);
  return [nameOf(optimizer), plural(train_size, "task"), `seed ${seed}`, ...more, ...differing.map((key) => run.point[key])].filter(Boolean).join(" · ");
}
