/** The result as a card: what to do, why, the plan, and when to get help. */

import type { Clinic } from "./chat";
import { callLink, element, icon, linked, parts, telephone } from "./dom";
import { isObject, type Result, type Standing } from "./protocol";
import { WORDS, type Level } from "./words";

const SYMBOLS: Record<Level, string> = {
  emergency: "M12 3 2.5 20h19zM12 10v4.5M12 17.3v.1",
  urgent: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5.5l3.5 2",
  soon: "M5 5.5h14v14H5zM5 10h14M9 3v4M15 3v4",
  combined: "M9 9.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM15 6.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
  massage: "M5 13l4.5 4.5L19 7.5",
};
const THANKED_MS = 4_000;

/** The card of a result that the text explains. */
export function resultCard(text: string, result: Result, clinic: Clinic): HTMLElement {
  const level = levelOf(result);
  const emergency = level === "emergency";
  const [lead = WORDS.levels[level], ...rest] = parts(text);
  const reasons = texts(result.reasons);
  const card = element(
    "section",
    {
      class: `result result-${level}`,
      "aria-label": `${WORDS.resultLabel}: ${WORDS.levels[level]}`,
      tabindex: "-1",
    },
    element("h3", { class: "result-level" }, icon(SYMBOLS[level], 26), WORDS.levels[level]),
    element("p", { class: "lead", dir: "auto" }, ...linked(lead, clinic.numbers)),
    emergency ? calls(result, clinic) : null,
    ...sections(rest.slice(0, -1), reasons, clinic.numbers),
    emergency ? null : glance(result.plan),
    // The safety net stays last, where it is looked for.
    ...sections(rest.slice(-1), reasons, clinic.numbers),
  );
  card.append(actions(card, `${WORDS.levels[level]}\n\n${text}`));
  return card;
}

/** Links to call for help: the emergency number, and the crisis line where that is meant. */
function calls(result: Result, clinic: Clinic): HTMLElement | null {
  const facts = isObject(result.facts) ? result.facts : {};
  const signs = Array.isArray(facts.emergency_signs) ? facts.emergency_signs : [];
  return callLinks(clinic.emergency, signs.includes("self_harm") ? clinic.crisis : "");
}

/** What stays in sight while an emergency holds: its words and whom to call. */
export function standingCalls({ kind, number, line }: Standing, clinic: Clinic): (HTMLElement | null)[] {
  const crisis = kind === "self_harm";
  return [
    element("p", {}, crisis ? WORDS.crisisBar : WORDS.emergencyBar),
    callLinks(number || clinic.emergency, line || (crisis ? clinic.crisis : "")),
  ];
}

function callLinks(emergency: string, crisis: string): HTMLElement | null {
  const numbers: [string, string][] = [
    [emergency, WORDS.callNow(emergency)],
    [crisis, WORDS.callCrisis(crisis)],
  ];
  const links = numbers
    .filter(([number]) => telephone(number))
    .map(([number, label]) => callLink(number, label, { class: "call" }));
  return links.length ? element("p", { class: "calls" }, ...links) : null;
}

function actions(card: HTMLElement, summary: string): HTMLElement {
  const thanks = element("span", { class: "count", role: "status" });
  const copy = async () => {
    thanks.textContent = (await copied(summary)) ? WORDS.copied : WORDS.copyFailed;
    setTimeout(() => (thanks.textContent = ""), THANKED_MS);
  };
  const button = (label: string, onclick: () => void) =>
    element("button", { type: "button", class: "quiet", onclick }, label);
  return element(
    "p",
    { class: "result-actions" },
    button(WORDS.print, () => print(card)),
    button(WORDS.copy, () => void copy()),
    thanks,
  );
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages without https have no clipboard of that kind.
  }
  const field = element("textarea", { class: "visually-hidden", "aria-hidden": "true" });
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

/** Print the card alone: of the page around it, a style sheet only for this hides the rest. */
function print(card: HTMLElement): void {
  const root = card.getRootNode();
  if (!(root instanceof ShadowRoot)) return;
  const page = element("div", { id: "backline-print" });
  const shadow = page.attachShadow({ mode: "open" });
  shadow.adoptedStyleSheets = root.adoptedStyleSheets;
  const copy = card.cloneNode(true) as HTMLElement;
  copy.querySelector(".result-actions")?.remove();
  shadow.append(copy);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    "@media print{body>*{display:none!important}body>#backline-print{display:block!important}}" +
      "@media screen{#backline-print{display:none!important}}",
  );
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  document.body.append(page);
  root.host.toggleAttribute("data-printing", true);
  addEventListener(
    "afterprint",
    () => {
      page.remove();
      root.host.toggleAttribute("data-printing", false);
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
    },
    { once: true },
  );
  window.print();
}

function levelOf({ outcome, urgency }: Result): Level {
  const known = [urgency, outcome].find((name) => Object.hasOwn(WORDS.levels, String(name)));
  return (known as Level | undefined) ?? "soon";
}

/** "Why: ..." becomes a heading and what follows it; a paragraph without such a start stays one. */
function sections(paragraphs: string[], reasons: string[], numbers: string[]): HTMLElement[] {
  return paragraphs.map((part) => {
    const [, title, body] = /^([^\s:.][^:.\n]{0,30}):\s+([^]+)$/.exec(part) ?? [];
    if (!title || !body) return element("p", { class: "result-text", dir: "auto" }, ...linked(part, numbers));
    const told = reasons.length > 0 && body.replace(/\.$/, "") === reasons.join("; ");
    return element(
      "div",
      { class: "result-section" },
      element("h4", {}, ...linked(title, numbers)),
      told ? reasonList(reasons) : element("p", { dir: "auto" }, ...linked(sentence(body), numbers)),
    );
  });
}

function reasonList(reasons: string[]): HTMLElement {
  const lines = reasons.map((reason) => element("li", { dir: "auto" }, sentence(reason)));
  return element("ul", { class: "reasons" }, ...lines);
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function glance(plan: unknown): HTMLElement | null {
  if (!isObject(plan)) return null;
  const figures = (
    [
      [plan.massage_sessions, WORDS.massages],
      [plan.weeks, WORDS.weeks],
      [plan.review_after_sessions, WORDS.reviewAfter],
    ] as [unknown, (count: number) => string][]
  ).filter((figure): figure is [number, (count: number) => string] => Number.isFinite(figure[0]));
  const named = [
    ...texts(plan.therapies).map((code) => WORDS.therapies[code] ?? readable(code)),
    ...texts(plan.self_care).map((code) => WORDS.selfCare[code] ?? readable(code)),
  ];
  if (!figures.length && !named.length) return null;
  const counted = figures.map(([count, unit]) =>
    element("li", {}, element("strong", {}, String(count)), " ", element("span", {}, unit(count))),
  );
  return element(
    "div",
    { class: "result-section" },
    element("h4", {}, WORDS.plan),
    counted.length ? element("ul", { class: "figures" }, ...counted) : null,
    named.length ? element("ul", { class: "tags" }, ...named.map((name) => element("li", {}, name))) : null,
  );
}

function texts(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((item): item is string => typeof item === "string") : [];
}

function readable(code: string): string {
  return code.replaceAll("_", " ");
}
