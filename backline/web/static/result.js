/** The result as a card: what to do, why, the plan, and when to get help. */

import { callLink, element, linked, telephone } from "./elements.js";
import { WORDS } from "./words.js";

const SYMBOLS = {
  emergency: "M12 3 2.5 20h19zM12 10v4.5M12 17.3v.1",
  urgent: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5.5l3.5 2",
  soon: "M5 5.5h14v14H5zM5 10h14M9 3v4M15 3v4",
  combined: "M9 9.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM15 6.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
  massage: "M5 13l4.5 4.5L19 7.5",
};
const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {{text: string, result: object}} entry
 * @param {{numbers: string[], emergency: string, crisis: string}} clinic
 */
export function resultCard({ text, result }, clinic) {
  const level = levelOf(result);
  const parts = text.split(/\n[^\S\n]*\n/).map((part) => part.trim()).filter((part) => part !== "");
  const [lead = WORDS.levels[level], ...rest] = parts;
  const reasons = texts(result.reasons);
  const heading = element("h2", { class: "result-level" }, symbol(level), WORDS.levels[level]);
  return element(
    "section",
    { class: `result result-${level}`, "aria-label": `${WORDS.resultLabel}: ${WORDS.levels[level]}`, tabindex: "-1" },
    heading,
    element("p", { class: "lead", dir: "auto" }, ...linked(lead, clinic.numbers)),
    level === "emergency" ? calls(result, clinic) : null,
    ...sections(rest.slice(0, -1), reasons, clinic.numbers),
    level === "emergency" ? null : glance(result.plan),
    // The safety net stays last, where it is looked for.
    ...sections(rest.slice(-1), reasons, clinic.numbers),
    level === "emergency" ? null : printButton(),
  );
}

function printButton() {
  const button = element(
    "button",
    { type: "button", class: "quiet", onclick: () => window.print() },
    WORDS.print,
  );
  return element("p", { class: "result-actions" }, button);
}

export function isEmergency(entry) {
  return entry.result?.urgency === "emergency";
}

function levelOf({ outcome, urgency }) {
  const known = [urgency, outcome].find((name) => Object.hasOwn(WORDS.levels, name));
  return known ?? "soon";
}

function calls(result, clinic) {
  const selfHarm = result.facts?.emergency_signs?.includes?.("self_harm");
  const numbers = [
    [clinic.emergency, WORDS.callNow(clinic.emergency)],
    ...(selfHarm ? [[clinic.crisis, WORDS.callCrisis(clinic.crisis)]] : []),
  ];
  const links = numbers
    .filter(([number]) => telephone(number))
    .map(([number, label]) => callLink(number, label, { class: "call" }));
  return links.length ? element("p", { class: "calls" }, ...links) : null;
}

/** "Why: ..." becomes a heading and what follows it; a paragraph without such a start stays one. */
function sections(parts, reasons, numbers) {
  return parts.map((part) => {
    const [, title, body] = /^([^\s:.][^:.\n]{0,30}):\s+([^]+)$/.exec(part) ?? [null, null, part];
    if (title === null) return element("p", { class: "result-text", dir: "auto" }, ...linked(part, numbers));
    const told = body.replace(/\.$/, "") === reasons.join("; ");
    return element(
      "div",
      { class: "result-section" },
      element("h3", {}, ...linked(title, numbers)),
      told && reasons.length > 0
        ? reasonList(reasons)
        : element("p", { dir: "auto" }, ...linked(sentence(body), numbers)),
    );
  });
}

function reasonList(reasons) {
  return element(
    "ul",
    { class: "reasons" },
    ...reasons.map((reason) => element("li", { dir: "auto" }, sentence(reason))),
  );
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function glance(plan) {
  if (plan === null || typeof plan !== "object") return null;
  const figures = [
    [plan.massage_sessions, WORDS.massages],
    [plan.weeks, WORDS.weeks],
    [plan.review_after_sessions, WORDS.reviewAfter],
  ].filter(([count]) => Number.isFinite(count));
  const named = [
    ...texts(plan.therapies).map((code) => WORDS.therapies[code] ?? readable(code)),
    ...texts(plan.self_care).map((code) => WORDS.selfCare[code] ?? readable(code)),
  ];
  if (!figures.length && !named.length) return null;
  return element(
    "div",
    { class: "result-section" },
    element("h3", {}, WORDS.plan),
    figures.length
      ? element(
          "ul",
          { class: "figures" },
          ...figures.map(([count, unit]) =>
            element("li", {}, element("strong", {}, String(count)), " ", element("span", {}, unit(count))),
          ),
        )
      : null,
    named.length ? element("ul", { class: "tags" }, ...named.map((name) => element("li", {}, name))) : null,
  );
}

function symbol(level) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  const attributes = { viewBox: "0 0 24 24", width: "26", height: "26", "aria-hidden": "true", focusable: "false" };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  const line = { d: SYMBOLS[level], fill: "none", stroke: "currentColor", "stroke-width": "2.2", "stroke-linecap": "round", "stroke-linejoin": "round" };
  for (const [name, value] of Object.entries(line)) path.setAttribute(name, value);
  svg.append(path);
  return svg;
}

function texts(list) {
  return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
}

function readable(code) {
  return code.replaceAll("_", " ");
}
