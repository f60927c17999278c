/** The panel: shows the conversation, sends answers, keeps focus where the person needs it. */

import type { Chat, ChatEvents, Clinic } from "./chat";
import { controlOf, starter, type Control } from "./controls";
import { callLink, element, icon, paragraphs } from "./dom";
import type { Entry } from "./memory";
import { Failure, isEmergency } from "./protocol";
import { calls, resultCard } from "./result";
import { WORDS } from "./words";

const MOST_CHARACTERS = 4000;
const WARN_BELOW = 300;
const TYPING_AFTER_MS = 250;
const LONG_WAIT_MS = 8_000;
const UNDO_MS = 10_000;

const NOTES = { "": "", sending: "", waiting: WORDS.waiting, failed: WORDS.notSent };

const ICONS = {
  restart: "M4.5 12a7.5 7.5 0 1 0 2.4-5.5M4.5 3.5v4h4",
  close: "M6 6l12 12M18 6L6 18",
  send: "M4 12h14M12.5 6l6 6-6 6",
};

export class View {
  readonly node: HTMLElement;
  readonly #chat: Chat;
  #clinic: Clinic;
  #title: string;
  #control: Control | null = null;
  #shownQuestion: string | null = null;
  #shownId = "";
  /** Log entries on the screen, by the ids of what they show. */
  readonly #shown = new Map<string, HTMLElement>();
  #timers: number[] = [];
  #visible = false;

  readonly #log = element("div", { class: "log", role: "log", "aria-live": "off", "aria-label": WORDS.messages });
  readonly #typing = element(
    "div",
    { class: "typing", "aria-hidden": "true", hidden: true },
    element("span"),
    element("span"),
    element("span"),
  );
  readonly #notice = element("div", { class: "notice", role: "status" });
  readonly #problem = element("div", { class: "problem", role: "alert" });
  readonly #answer = element("div", { class: "answer" });
  readonly #scroller = element(
    "div",
    { class: "scroller", role: "region", "aria-label": WORDS.conversation, tabindex: "0", "aria-busy": "false" },
    this.#log,
    this.#typing,
    this.#notice,
    this.#problem,
    this.#answer,
  );
  readonly #message = element("textarea", {
    id: "message",
    rows: 1,
    dir: "auto",
    placeholder: WORDS.placeholder,
    enterkeyhint: "send",
    autocomplete: "off",
    "aria-describedby": "limit",
  });
  readonly #limit = element("p", { class: "limit", id: "limit", role: "status" });
  readonly #send = element(
    "button",
    { class: "primary send", type: "submit" },
    element("span", {}, WORDS.send),
    icon(ICONS.send),
  );
  readonly #bar = element("div", { class: "bar", hidden: true });
  readonly #heading = element("h2", { id: "title" });
  readonly #clinicName = element("p", { class: "clinic", dir: "auto" });
  readonly #emergencyLink = element("span", { class: "emergency-place" });
  readonly #footnote = element("p", { class: "footnote" });
  readonly #erase = element(
    "button",
    { type: "button", class: "plain", onclick: () => void this.#eraseAll() },
    WORDS.erase,
  );
  readonly #status = element("div", { class: "visually-hidden", role: "status", id: "status" });
  readonly #alert = element("div", { class: "visually-hidden", role: "alert", id: "alert" });

  constructor(chat: Chat, clinic: Clinic, title: string, floating: boolean, close: () => void) {
    this.#chat = chat;
    this.#clinic = clinic;
    this.#title = title;
    const composer = element(
      "form",
      { class: "composer", novalidate: true, onsubmit: (event: Event) => this.#submit(event) },
      element(
        "div",
        { class: "compose-row" },
        element("label", { class: "visually-hidden", for: "message" }, WORDS.messageLabel),
        this.#message,
        this.#send,
      ),
      this.#limit,
      element("div", { class: "foot" }, this.#footnote, this.#erase),
    );
    const restart = element(
      "button",
      { type: "button", class: "tool", "aria-label": WORDS.restart, title: WORDS.restart, onclick: () => this.restart() },
      icon(ICONS.restart),
    );
    const closer = floating
      ? element(
          "button",
          { type: "button", class: "tool", "aria-label": WORDS.close, title: WORDS.close, onclick: close },
          icon(ICONS.close),
        )
      : null;
    this.node = element(
      "section",
      { class: "panel", id: "panel", role: floating ? "dialog" : "group", "aria-labelledby": "title" },
      element(
        "header",
        { class: "top", role: "presentation" },
        element("div", { class: "names" }, this.#heading, this.#clinicName),
        this.#emergencyLink,
        restart,
        closer,
      ),
      this.#bar,
      this.#scroller,
      composer,
      this.#status,
      this.#alert,
    );
    this.#message.addEventListener("input", () => {
      this.#measure();
      chat.keepDraft(this.#message.value);
    });
    this.#message.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      if (!event.repeat) this.#submit(event);
    });
    this.#on("change", () => this.#refresh());
    this.#on("said", ({ entries }) => this.#announce(entries));
    this.#on("refused", ({ text, sentence }) => this.#takeBack(text, sentence));
    this.#message.value = chat.state.draft;
    this.introduce(clinic, title);
    this.#measure();
  }

  /** Show the clinic's name and numbers, once they are known. */
  introduce(clinic: Clinic, title: string): void {
    this.#clinic = clinic;
    this.#title = title;
    this.#heading.textContent = this.#title;
    this.#clinicName.textContent = clinic.name;
    this.#emergencyLink.replaceChildren(
      ...(clinic.emergency ? [callLink(clinic.emergency, clinic.emergency, { class: "emergency", "aria-label": WORDS.callNow(clinic.emergency) })] : []),
    );
    const person = clinic.phone ? [" ", WORDS.personCall, callLink(clinic.phone)] : [];
    const kept = this.#chat.lasts ? [] : [" ", WORDS.notKept];
    this.#footnote.replaceChildren(WORDS.notADoctor, ...person, ...kept);
    // Cards and messages hold the clinic's numbers, too.
    this.#drawAll();
  }

  /** Called when the person sees the panel, or no longer does. */
  show(visible: boolean): void {
    this.#visible = visible;
    if (visible) {
      this.#measure();
      this.#toEnd();
    }
  }

  focus(): void {
    const card = this.#lastCard();
    if (card && !this.#control) card.focus({ preventScroll: true });
    else if (this.#chat.begun && this.#control) this.#control.focus();
    else this.#message.focus({ preventScroll: true });
  }

  /** Begin anew; for some seconds it can be taken back. */
  restart(): void {
    if (this.#chat.begun) {
      this.#chat.restart();
      const undo = element("button", { type: "button", class: "quiet", onclick: () => this.#undo() }, WORDS.undo);
      this.#notice.replaceChildren(element("p", {}, WORDS.restarted), undo);
      this.#timers.push(setTimeout(() => this.#notice.replaceChildren(), UNDO_MS));
    }
    this.#beginAnew();
  }

  // ---- What is shown ----------------------------------------------------------------------------

  /** Bring the screen in step with the conversation. */
  #refresh(): void {
    const { id, entries, outbox } = this.#chat.state;
    const wanted = new Set(["opening", ...entries.map((entry) => entry.id), ...outbox.map((out) => out.id)]);
    const gone = [...this.#shown.keys()].some((shown) => !wanted.has(shown));
    if (id !== this.#shownId || gone) this.#drawAll();
    else this.#drawNew();
    this.#drawOutbox();
    this.#drawProblem();
    this.#drawAnswer();
    this.#drawBar();
    this.#drawWaiting();
  }

  /** Draw everything anew, silently: nothing here is news to the person. */
  #drawAll(): void {
    this.#log.setAttribute("aria-live", "off");
    this.#shown.clear();
    this.#log.replaceChildren(this.#opening());
    this.#shownId = this.#chat.state.id;
    this.#drawNew();
    this.#drawOutbox();
    this.#drawProblem();
    this.#drawAnswer();
    this.#drawBar();
    this.#drawWaiting();
    // Screen readers take what is there when the log comes alive as read.
    requestAnimationFrame(() => requestAnimationFrame(() => this.#log.setAttribute("aria-live", "polite")));
  }

  #drawNew(): void {
    const { entries, outbox } = this.#chat.state;
    // What waits to be sent comes after all that was said.
    const waiting = outbox.map((out) => this.#shown.get(out.id)).find((node) => node) ?? null;
    for (const entry of entries) {
      const shown = this.#shown.get(entry.id);
      if (!shown) this.#log.insertBefore(this.#keep(entry.id, this.#bubble(entry)), waiting);
      // Not drawn anew: a screen reader would read one's own words out again.
      else if (shown.dataset.state) mark(shown, "");
    }
    this.#tidyTimes();
  }

  #drawOutbox(): void {
    for (const [index, out] of this.#chat.state.outbox.entries()) {
      const failed = index === 0 && this.#chat.problem !== null;
      const sending = index === 0 && !failed && !this.#chat.offline;
      const state = failed ? "failed" : sending ? "sending" : "waiting";
      let shown = this.#shown.get(out.id);
      if (shown?.dataset.state === state) continue;
      if (!shown) this.#log.append((shown = this.#keep(out.id, this.#bubble({ ...out, author: "you" }))));
      mark(shown, state);
    }
    this.#tidyTimes();
  }

  #keep(id: string, node: HTMLElement): HTMLElement {
    this.#shown.set(id, node);
    return node;
  }

  #opening(): HTMLElement {
    const text = this.#clinic.opening;
    return this.#keep("opening", this.#bubble({ id: "opening", author: "assistant", text, time: 0 }));
  }

  #bubble(entry: Entry): HTMLElement {
    const { author, text, result, time } = entry;
    const mine = author === "you";
    const body = result
      ? [resultCard(text, result, this.#clinic)]
      : mine
        ? [element("p", { dir: "auto" }, text)]
        : paragraphs(text, this.#clinic.numbers);
    return element(
      "article",
      { class: `message message-${author}${result ? " message-result" : ""}` },
      element("span", { class: "visually-hidden" }, mine ? WORDS.you : WORDS.assistant),
      element("div", { class: "bubble" }, ...body),
      element("p", { class: "meta" }, clock(time, this.#clinic.language)),
    );
  }

  /** Of messages within one minute, only the last shows it. */
  #tidyTimes(): void {
    const times = [...this.#log.querySelectorAll("time")];
    times.forEach((time, index) => {
      time.hidden = time.textContent === times[index + 1]?.textContent;
    });
  }

  #drawAnswer(): void {
    const { question, outbox } = this.#chat.state;
    const open = !this.#chat.begun ? "starter" : question && !outbox.length ? JSON.stringify([question, this.#newestId()]) : "";
    if (open === this.#shownQuestion) return;
    this.#shownQuestion = open;
    const send = (text: string) => void this.#chat.send(text);
    this.#control = open === "starter" ? starter(send) : open && question ? controlOf(question, send) : null;
    const hadFocus = this.#answer.contains(this.#focused());
    this.#answer.replaceChildren(...(this.#control ? [this.#control.node] : []));
    // The control just used is gone; without this, focus would fall to the body.
    if (hadFocus) this.#scroller.focus({ preventScroll: true });
  }

  #newestId(): string {
    return this.#chat.state.entries.at(-1)?.id ?? "";
  }

  #drawProblem(): void {
    const { problem, offline } = this.#chat;
    const { phone, numbers } = this.#clinic;
    const key = problem ? `${problem.reason} ${problem.sentence}` : offline && this.#chat.state.outbox.length ? "offline" : "";
    if (this.#problem.dataset.key === key) return;
    const hadFocus = this.#problem.contains(this.#focused());
    this.#problem.dataset.key = key;
    const more = phone && !problem?.sentence ? ` ${WORDS.call(phone)}` : "";
    const sentence = problem ? problem.sentence || WORDS.failed[problem.reason] : WORDS.offline;
    const again = problem
      ? [element("button", { type: "button", class: "primary", onclick: () => this.#chat.tryAgain() }, WORDS.tryAgain)]
      : [];
    this.#problem.replaceChildren(...(key ? [...paragraphs(sentence + more, numbers), ...again] : []));
    if (key) this.#toEnd();
    if (problem && this.#visible && !this.#writing()) again[0]?.focus();
    else if (hadFocus) this.#scroller.focus({ preventScroll: true });
  }

  /** An emergency stays in sight until the person begins anew. */
  #drawBar(): void {
    const emergency = this.#chat.state.entries.findLast((entry) => isEmergency(entry));
    this.#bar.hidden = !emergency;
    const links = emergency?.result ? calls(emergency.result, this.#clinic) : null;
    this.#bar.replaceChildren(...(emergency ? [element("p", {}, WORDS.emergencyBar), ...(links ? [links] : [])] : []));
  }

  #drawWaiting(): void {
    const on = this.#chat.busy;
    if (this.#scroller.getAttribute("aria-busy") === String(on)) return;
    this.#timers.forEach(clearTimeout);
    this.#timers = [];
    this.#scroller.setAttribute("aria-busy", String(on));
    this.#send.setAttribute("aria-disabled", String(on));
    if (!on) {
      this.#typing.hidden = true;
      this.#status.textContent = "";
      return;
    }
    this.#notice.replaceChildren();
    this.#toEnd();
    this.#timers = [
      setTimeout(() => {
        this.#typing.hidden = false;
        this.#status.textContent = WORDS.typing;
        this.#toEnd();
      }, TYPING_AFTER_MS),
      setTimeout(() => (this.#status.textContent = WORDS.stillTyping), LONG_WAIT_MS),
    ];
  }

  /** The assistant said something: speak an emergency at once, and bring focus to what is next. */
  #announce(entries: Entry[]): void {
    this.#refresh();
    const emergency = entries.find((entry) => isEmergency(entry));
    if (emergency) this.#alert.textContent = emergency.text.split("\n")[0] ?? "";
    if (!this.#visible) return;
    const card = this.#lastCard();
    if (card && entries.some((entry) => entry.result)) {
      card.focus({ preventScroll: true });
      this.#scroller.scrollTop += card.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top - 8;
      return;
    }
    this.#showFrom(entries[0]);
    // Whoever is writing already is not pulled away, nor is somebody elsewhere on the page.
    const focused = this.#focused();
    if (this.#writing() || (!focused && document.activeElement !== document.body)) return;
    if (this.#control) this.#control.focus();
    else this.#message.focus({ preventScroll: true });
  }

  // ---- Focus and scrolling ----------------------------------------------------------------------

  #focused(): Element | null {
    const root = this.node.getRootNode();
    return root instanceof ShadowRoot ? root.activeElement : null;
  }

  #writing(): boolean {
    return this.#focused() === this.#message && this.#message.value !== "";
  }

  #lastCard(): HTMLElement | null {
    return [...this.#log.querySelectorAll<HTMLElement>(".result")].at(-1) ?? null;
  }

  /** A long answer, such as a checklist, is shown from its first line. */
  #showFrom(entry: Entry | undefined): void {
    const first = entry && this.#shown.get(entry.id);
    if (!first) return this.#toEnd();
    const above = first.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top;
    const rest = this.#scroller.scrollHeight - (this.#scroller.scrollTop + above);
    if (rest > this.#scroller.clientHeight) this.#scroller.scrollTop += above - 8;
    else this.#toEnd();
  }

  #toEnd(): void {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  // ---- The message box --------------------------------------------------------------------------

  /** How many characters too many, as the server counts them: an emoji is one. */
  #tooManyBy(): number {
    return [...this.#message.value.trim()].length - MOST_CHARACTERS;
  }

  #measure(): void {
    const over = this.#tooManyBy();
    this.#limit.textContent = over > 0 ? WORDS.tooLong(over) : over > -WARN_BELOW ? WORDS.left(-over) : "";
    this.#limit.classList.toggle("wrong", over > 0);
    if (over > 0) this.#message.setAttribute("aria-invalid", "true");
    else this.#message.removeAttribute("aria-invalid");
    this.#message.style.height = "auto";
    this.#message.style.height = `${this.#message.scrollHeight + 2}px`;
  }

  #submit(event: Event): void {
    event.preventDefault();
    const text = this.#message.value;
    this.#message.focus({ preventScroll: true });
    if (text.trim() === "" || this.#tooManyBy() > 0 || !this.#chat.send(text)) return;
    this.#message.value = "";
    this.#measure();
  }

  /** What the server does not take as it is goes back into the box, to be changed. */
  #takeBack(text: string, sentence: string): void {
    if (this.#message.value.trim() === "") this.#message.value = text;
    this.#chat.keepDraft(this.#message.value);
    this.#measure();
    this.#refresh();
    this.#notice.replaceChildren(element("p", { class: "wrong" }, sentence || WORDS.failed.refused));
    this.#toEnd();
    this.#message.focus();
  }

  // ---- Starting again ---------------------------------------------------------------------------

  #undo(): void {
    this.#chat.undoRestart();
    this.#notice.replaceChildren();
    this.#toEnd();
    this.focus();
  }

  async #eraseAll(): Promise<void> {
    try {
      await this.#chat.erase();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#notice.replaceChildren(element("p", { class: "wrong" }, WORDS.failed.erase));
      this.#toEnd();
      return;
    }
    this.#notice.replaceChildren(element("p", {}, WORDS.erased));
    this.#beginAnew();
  }

  #beginAnew(): void {
    this.#alert.textContent = "";
    this.#message.value = "";
    this.#measure();
    this.#scroller.scrollTop = 0;
    this.#message.focus();
  }

  #on<T extends keyof ChatEvents>(type: T, listener: (detail: ChatEvents[T]["detail"]) => void): void {
    this.#chat.addEventListener(type, (event) => listener((event as ChatEvents[T]).detail));
  }
}

/** Tell on a message whether it was sent: "sending", "waiting", "failed", or "" for answered. */
function mark(bubble: HTMLElement, state: keyof typeof NOTES): void {
  bubble.dataset.state = state;
  if (!state) delete bubble.dataset.state;
  bubble.classList.toggle("message-unsent", NOTES[state] !== "");
  bubble.querySelector(".note")?.remove();
  if (NOTES[state]) bubble.querySelector(".meta")?.append(element("span", { class: "note" }, NOTES[state]));
}

function clock(time: number, language: string): HTMLElement | null {
  const moment = new Date(time);
  if (!time || Number.isNaN(moment.getTime())) return null;
  const shown = moment.toLocaleTimeString(language || undefined, { hour: "numeric", minute: "2-digit" });
  return element("time", { datetime: moment.toISOString() }, shown);
}
