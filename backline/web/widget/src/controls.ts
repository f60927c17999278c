/** The control for each kind of question. All of them end in one text, sent like a typed one. */

import { element } from "./dom";
import type { Option, Question } from "./protocol";
import { WORDS } from "./words";

const MOST_SCALE_STEPS = 21;
/** Options that stand for themselves: "None of these" and "Rather not say". */
const SKIP = "skip";
const ALONE = ["none", SKIP];

type Send = (text: string) => void;

export interface Control {
  node: HTMLElement;
  focus(): void;
}

/** The control of a question; null where free text is all there is. */
export function controlOf(question: Question, send: Send): Control | null {
  const { kind, options, label } = question;
  if (kind === "multi_choice" && options.length) return checklist(question, send);
  if (kind === "scale" && scaleSteps(question)) return scale(question, send);
  if (kind === "scale" || kind === "number") return number(question, send);
  if (kind === "duration") return duration(question, send);
  return options.length ? choices(label, options, send) : null;
}

/** The line that lets a person begin without writing. */
export function starter(send: Send): Control {
  const control = choices(WORDS.starterLabel, [{ value: "", title: WORDS.starter }], send);
  control.node.append(element("p", { class: "hint" }, WORDS.example));
  return control;
}

function choices(label: string, options: Option[], send: Send): Control {
  const buttons = options.map(({ title }) =>
    element("button", { type: "button", class: "choice", dir: "auto", onclick: () => send(title) }, title),
  );
  const group = { class: "choices", role: "group", "aria-label": label || WORDS.choose };
  return { node: element("div", group, ...buttons), focus: () => buttons[0]?.focus() };
}

function checklist({ label, options }: Question, send: Send): Control {
  const boxes = options.map((_, index) => element("input", { type: "checkbox", id: `option-${index}` }));
  const alone = (box: HTMLInputElement) => ALONE.includes(options[boxes.indexOf(box)]?.value ?? "");
  const count = element("span", { class: "count", role: "status" });
  const problem = element("p", { class: "wrong", role: "alert" });
  const lines = boxes.map((box, index) =>
    element(
      "label",
      { class: alone(box) ? "check check-none" : "check", for: box.id },
      box,
      element("span", { dir: "auto" }, options[index]?.title ?? ""),
    ),
  );
  const list = element("div", { class: "checks" }, ...lines);
  list.addEventListener("change", ({ target }) => {
    const changed = target as HTMLInputElement;
    for (const box of boxes) {
      if (changed.checked && box !== changed && (alone(box) || alone(changed))) box.checked = false;
    }
    const ticked = boxes.filter((box) => box.checked).length;
    count.textContent = ticked ? WORDS.chosen(ticked) : "";
    problem.textContent = "";
  });
  const submit = () => {
    const titles = options.filter((_, index) => boxes[index]?.checked).map(({ title }) => title);
    if (titles.length) return send(titles.join("; "));
    problem.textContent = options.some(({ value }) => value === SKIP) ? WORDS.tickOrSkip : WORDS.tickOne;
    boxes[0]?.focus({ preventScroll: true });
    node.scrollIntoView({ block: "end" });
  };
  const node = form(
    submit,
    element(
      "fieldset",
      { class: "checklist" },
      element(
        "legend",
        {},
        element("span", { class: "visually-hidden" }, `${label} `),
        element("span", { class: "hint" }, WORDS.tickAll),
      ),
      list,
    ),
    problem,
    element("div", { class: "answer-row" }, sendButton(), count),
  );
  return { node, focus: () => boxes[0]?.focus() };
}

function scaleSteps({ min, max }: Question): number {
  const steps = Math.floor(max) - Math.ceil(min) + 1;
  return steps > 1 && steps <= MOST_SCALE_STEPS ? steps : 0;
}

function scale(question: Question, send: Send): Control {
  const first = Math.ceil(question.min);
  const last = first + scaleSteps(question) - 1;
  const title = (value: number) =>
    (value === first && question.minTitle) || (value === last && question.maxTitle) || "";
  const radios = Array.from({ length: scaleSteps(question) }, (_, index) => {
    const value = first + index;
    return element(
      "button",
      {
        type: "button",
        role: "radio",
        "aria-checked": "false",
        "aria-label": title(value) ? `${value}, ${title(value)}` : String(value),
        tabindex: index === 0 ? "0" : "-1",
        class: "step",
        onclick: () => send(String(value)),
      },
      String(value),
    );
  });
  const choose = (index: number) => {
    radios.forEach((radio, other) => {
      radio.setAttribute("aria-checked", String(other === index));
      radio.tabIndex = other === index ? 0 : -1;
    });
    radios[index]?.focus();
  };
  const count = radios.length;
  const moves: Record<string, (index: number) => number> = {
    ArrowRight: (index) => (index + 1) % count,
    ArrowDown: (index) => (index + 1) % count,
    ArrowLeft: (index) => (index + count - 1) % count,
    ArrowUp: (index) => (index + count - 1) % count,
    Home: () => 0,
    End: () => count - 1,
  };
  const onkeydown = (event: KeyboardEvent) => {
    const index = radios.indexOf(event.target as HTMLButtonElement);
    const move = moves[event.key];
    if (index < 0 || !move || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    choose(move(index));
  };
  const end = (value: number, words: string) =>
    element("span", { dir: "auto" }, words ? WORDS.scaleEnd(value, words) : "");
  const node = element(
    "div",
    { class: "scale-answer" },
    element(
      "div",
      {
        class: "scale",
        role: "radiogroup",
        "aria-label": question.label || WORDS.choose,
        "aria-describedby": "scale-help",
        onkeydown,
      },
      ...radios,
    ),
    element(
      "div",
      { class: "scale-ends", "aria-hidden": "true" },
      end(first, question.minTitle),
      end(last, question.maxTitle),
    ),
    element("p", { class: "visually-hidden", id: "scale-help" }, WORDS.scaleHelp),
  );
  return { node, focus: () => radios.find((radio) => radio.tabIndex === 0)?.focus() };
}

function number({ label, min, max, unit }: Question, send: Send): Control {
  const field = numberField("numeric", unit ? WORDS.numberIn(unit) : WORDS.numberLabel);
  const submit = () => {
    const text = field.input.value.trim();
    const value = Number(text);
    if (/^\d{1,6}$/.test(text) && value >= min && value <= max) return send(text);
    field.refuse(WORDS.numberWrong(min, max));
  };
  const node = form(
    submit,
    element(
      "div",
      { class: "answer-row", role: "group", "aria-label": label },
      field.input,
      unit ? element("span", { class: "unit", "aria-hidden": "true" }, unit) : null,
      sendButton(),
    ),
    field.problem,
  );
  return { node, focus: () => field.input.focus() };
}

function duration({ label, options }: Question, send: Send): Control {
  const field = numberField("decimal", WORDS.durationNumber);
  const unit = element(
    "select",
    { class: "field", "aria-label": WORDS.durationUnit },
    ...WORDS.durationUnits.map(([, many]) =>
      element("option", { value: many, selected: many === WORDS.durationDefault }, many),
    ),
  );
  const submit = () => {
    const text = field.input.value.trim().replace(",", ".");
    const names = WORDS.durationUnits.find(([, many]) => many === unit.value);
    if (!names || !/^\d{1,5}(\.\d{1,2})?$/.test(text) || Number(text) <= 0) {
      return field.refuse(WORDS.durationWrong);
    }
    send(`${text} ${names[Number(text) === 1 ? 0 : 1]}`);
  };
  const row = { class: "answer-row", role: "group", "aria-label": label };
  const entry = form(submit, element("div", row, field.input, unit, sendButton()), field.problem);
  if (!options.length) return { node: entry, focus: () => field.input.focus() };
  const shortcuts = choices(label, options, send);
  const or = element("p", { class: "hint" }, WORDS.durationOr);
  return { node: element("div", { class: "duration" }, shortcuts.node, or, entry), focus: shortcuts.focus };
}

function numberField(inputmode: string, label: string) {
  const problem = element("p", { class: "wrong", id: "answer-wrong", role: "alert" });
  const input = element("input", {
    class: "field number",
    type: "text",
    inputmode,
    autocomplete: "off",
    maxlength: "8",
    "aria-label": label,
    "aria-describedby": "answer-wrong",
    oninput: () => {
      problem.textContent = "";
      input.removeAttribute("aria-invalid");
    },
  });
  const refuse = (sentence: string) => {
    problem.textContent = sentence;
    input.setAttribute("aria-invalid", "true");
    input.focus();
  };
  return { input, problem, refuse };
}

function form(submit: () => void, ...children: (Node | null)[]): HTMLFormElement {
  const onsubmit = (event: Event) => {
    event.preventDefault();
    submit();
  };
  return element("form", { class: "answer-form", novalidate: true, onsubmit }, ...children);
}

function sendButton(): HTMLButtonElement {
  return element("button", { type: "submit", class: "primary" }, WORDS.sendAnswer);
}
