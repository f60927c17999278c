/** The controls for each kind of question. All of them end in one text, sent like a typed one. */

import { element } from "./elements.js";
import { WORDS } from "./words.js";

const MOST_SCALE_STEPS = 21;
const NONE = "none";

/**
 * @param {object} question as `exchange.turn` gives it
 * @param {(text: string) => void} send
 * @returns {{node: HTMLElement, focus: () => void} | null} null where free text is all there is
 */
export function answerControls(question, send) {
  const { kind, options } = question;
  if (kind === "multi_choice" && options.length) return checklist(question, send);
  if (kind === "scale" && scaleSteps(question)) return scale(question, send);
  if (kind === "scale" || kind === "number") return number(question, send);
  if (kind === "duration") return duration(question, send);
  return options.length ? choices(question, send) : null;
}

/** The line that lets a person begin without writing. */
export function starter(send) {
  const { node, focus } = choices(
    { label: WORDS.starterLabel, options: [{ value: "", title: WORDS.starter }] },
    send,
  );
  node.append(element("p", { class: "hint" }, WORDS.example));
  return { node, focus };
}

function choices({ label, options }, send) {
  const buttons = options.map(({ title }) =>
    element("button", { type: "button", class: "choice", dir: "auto", onclick: () => send(title) }, title),
  );
  const node = element("div", { class: "choices", role: "group", "aria-label": label || WORDS.choose }, ...buttons);
  return { node, focus: () => buttons[0].focus() };
}

function checklist({ label, options }, send) {
  const boxes = options.map(({ value }, index) =>
    element("input", { type: "checkbox", id: `option-${index}`, "data-value": value }),
  );
  const isNone = (box) => box.dataset.value === NONE;
  const count = element("span", { class: "count", role: "status" });
  const problem = element("p", { class: "wrong", role: "alert" });
  const list = element(
    "div",
    { class: "checks" },
    ...boxes.map((box, index) =>
      element(
        "label",
        { class: isNone(box) ? "check check-none" : "check", for: box.id },
        box,
        element("span", { dir: "auto" }, options[index].title),
      ),
    ),
  );
  list.addEventListener("change", ({ target }) => {
    for (const box of boxes) {
      if (target.checked && box !== target && isNone(box) !== isNone(target)) box.checked = false;
    }
    const ticked = boxes.filter((box) => box.checked).length;
    count.textContent = ticked ? WORDS.chosen(ticked) : "";
    problem.textContent = "";
  });
  const submit = () => {
    const titles = options.filter((_, index) => boxes[index].checked).map(({ title }) => title);
    if (titles.length) return send(titles.join("; "));
    problem.textContent = WORDS.tickOne;
    return boxes[0].focus();
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
  return { node, focus: () => boxes[0].focus() };
}

function scaleSteps({ min, max }) {
  const steps = Math.floor(max) - Math.ceil(min) + 1;
  return steps > 1 && steps <= MOST_SCALE_STEPS ? steps : 0;
}

function scale(question, send) {
  const first = Math.ceil(question.min);
  const numbers = Array.from({ length: scaleSteps(question) }, (_, index) => first + index);
  const last = numbers.at(-1);
  const title = (value) => (value === first && question.minTitle) || (value === last && question.maxTitle) || "";
  const radios = numbers.map((value) =>
    element(
      "button",
      {
        type: "button",
        role: "radio",
        "aria-checked": "false",
        "aria-label": title(value) ? `${value}, ${title(value)}` : String(value),
        tabindex: value === first ? "0" : "-1",
        class: "step",
        onclick: () => send(String(value)),
      },
      String(value),
    ),
  );
  const choose = (index) => {
    radios.forEach((radio, other) => {
      radio.setAttribute("aria-checked", String(other === index));
      radio.tabIndex = other === index ? 0 : -1;
    });
    radios[index].focus();
  };
  const moves = {
    ArrowRight: (index) => (index + 1) % radios.length,
    ArrowDown: (index) => (index + 1) % radios.length,
    ArrowLeft: (index) => (index + radios.length - 1) % radios.length,
    ArrowUp: (index) => (index + radios.length - 1) % radios.length,
    Home: () => 0,
    End: () => radios.length - 1,
  };
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
        onkeydown: (event) => {
          const index = radios.indexOf(event.target);
          const move = moves[event.key];
          if (index < 0 || !move || event.ctrlKey || event.altKey || event.metaKey) return;
          event.preventDefault();
          choose(move(index));
        },
      },
      ...radios,
    ),
    element(
      "div",
      { class: "scale-ends", "aria-hidden": "true" },
      element("span", { dir: "auto" }, question.minTitle ? WORDS.scaleEnd(first, question.minTitle) : ""),
      element("span", { dir: "auto" }, question.maxTitle ? WORDS.scaleEnd(last, question.maxTitle) : ""),
    ),
    element("p", { class: "visually-hidden", id: "scale-help" }, WORDS.scaleHelp),
  );
  return { node, focus: () => radios.find((radio) => radio.tabIndex === 0).focus() };
}

function number({ label, min, max, unit }, send) {
  const field = numberField("numeric", WORDS.numberLabel);
  field.input.setAttribute("aria-label", unit ? WORDS.numberIn(unit) : WORDS.numberLabel);
  const submit = () => {
    const text = field.input.value.trim();
    const value = Number(text);
    if (/^\d{1,6}$/.test(text) && value >= min && value <= max) return send(text);
    return field.refuse(WORDS.numberWrong(min, max));
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

function duration({ label, options }, send) {
  const field = numberField("decimal");
  field.input.setAttribute("aria-label", WORDS.durationNumber);
  const unit = element(
    "select",
    { class: "field", "aria-label": WORDS.durationUnit },
    ...WORDS.durationUnits.map(([, many]) =>
      element("option", { value: many, selected: many === WORDS.durationDefault }, many),
    ),
  );
  const submit = () => {
    const text = field.input.value.trim().replace(",", ".");
    if (!/^\d{1,5}(\.\d{1,2})?$/.test(text) || Number(text) <= 0) return field.refuse(WORDS.durationWrong);
    const [one, many] = WORDS.durationUnits.find((names) => names[1] === unit.value);
    return send(`${text} ${Number(text) === 1 ? one : many}`);
  };
  const entry = form(
    submit,
    element(
      "div",
      { class: "answer-row", role: "group", "aria-label": label },
      field.input,
      unit,
      sendButton(),
    ),
    field.problem,
  );
  if (!options.length) return { node: entry, focus: () => field.input.focus() };
  const shortcuts = choices({ label, options }, send);
  const node = element(
    "div",
    { class: "duration" },
    shortcuts.node,
    element("p", { class: "hint" }, WORDS.durationOr),
    entry,
  );
  return { node, focus: shortcuts.focus };
}

function numberField(inputmode) {
  const problem = element("p", { class: "wrong", id: "answer-wrong", role: "alert" });
  const input = element("input", {
    class: "field number",
    type: "text",
    inputmode,
    autocomplete: "off",
    maxlength: "8",
    "aria-describedby": "answer-wrong",
    oninput: () => {
      problem.textContent = "";
      input.removeAttribute("aria-invalid");
    },
  });
  const refuse = (sentence) => {
    problem.textContent = sentence;
    input.setAttribute("aria-invalid", "true");
    input.focus();
  };
  return { input, problem, refuse };
}

function form(submit, ...children) {
  return element(
    "form",
    {
      class: "answer-form",
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        submit();
      },
    },
    ...children,
  );
}

function sendButton() {
  return element("button", { type: "submit", class: "primary" }, WORDS.sendAnswer);
}
