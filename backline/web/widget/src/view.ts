/** The panel: shows the conversation, sends answers, keeps focus where the person needs it. */

import type { Chat, ChatEvents, Clinic, Delivery } from "./chat";
import { controlOf, starter, type Control } from "./controls";
import { callLink, element, icon, paragraphs } from "./dom";
import type { Entry, Outgoing } from "./memory";
import { Failure, isEmergency } from "./protocol";
import { resultCard, standingCalls } from "./result";
import { WORDS } from "./words";

const MOST_CHARACTERS = 4000;
const WARN_BELOW = 300;
const TYPING_AFTER_MS = 250;
const LONG_WAIT_MS = 8_000;
const UNDO_MS = 10_000;

const NOTES: Record<Delivery, string> = {
  sending: "",
  slow: WORDS.slow,
  waiting: WORDS.waiting,
  failed: WORDS.notAnswered,
  refused: WORDS.notSent,
};

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
  readonly #bar = element("div", { class: "bar", role: "group", hidden: true });
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
      this.#scroller,
      this.#bar,
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
      const words = this.#chat.state.standing ? WORDS.restartedInEmergency : WORDS.restarted;
      this.#notice.replaceChildren(element("p", {}, words), undo);
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
    this.#drawProblem();
    this.#drawAnswer();
    this.#drawBar();
    this.#drawWaiting();
    // Screen readers take what is there when the log comes alive as read.
    requestAnimationFrame(() => requestAnimationFrame(() => this.#log.setAttribute("aria-live", "polite")));
  }

  /** What was said in its order, and after it what was not answered yet. */
  #drawNew(): void {
    const { entries, outbox } = this.#chat.state;
    let last = this.#shown.get("opening");
    const place = (node: HTMLElement) => {
      // Moved only where one overtook another: a screen reader would read one's own words out again.
      if (last && last.nextElementSibling !== node) last.after(node);
      last = node;
    };
    for (const entry of entries) {
      const shown = this.#shown.get(entry.id);
      if (shown?.dataset.state) this.#mark(shown);
      place(shown ?? this.#keep(entry.id, this.#bubble(entry)));
    }
    for (const out of outbox) {
      const delivery = this.#chat.deliveryOf(out);
      const shown = this.#shown.get(out.id) ?? this.#keep(out.id, this.#bubble({ ...out, author: "you" }));
      if (shown.dataset.state !== delivery) this.#mark(shown, delivery, out);
      place(shown);
    }
    this.#tidyTimes();
  }

  /** Tell on a message how far it came, and beside one that does not get through, whom to call. */
  #mark(bubble: HTMLElement, delivery: Delivery | "" = "", out?: Outgoing): void {
    const hadFocus = bubble.contains(this.#focused());
    const note = delivery && NOTES[delivery];
    if (delivery) bubble.dataset.state = delivery;
    else delete bubble.dataset.state;
    bubble.classList.toggle("message-unsent", note !== "");
    bubble.querySelectorAll(".note, .unsent").forEach((node) => node.remove());
    if (note && out) {
      bubble.querySelector(".meta")?.append(element("span", { class: "note" }, note));
      bubble.append(this.#unsent(out, delivery));
    }
    if (hadFocus) this.#scroller.focus({ preventScroll: true });
  }

  #unsent({ id }: Outgoing, delivery: Delivery): HTMLElement {
    const { emergency } = this.#clinic;
    const button = (label: string, onclick: () => void) =>
      element("button", { type: "button", class: "quiet", onclick }, label);
    const change = () => {
      this.#message.value = [this.#chat.takeBack(id), this.#message.value].filter((text) => text.trim()).join("\n");
      this.#chat.keepDraft(this.#message.value);
      this.#measure();
      this.#message.focus();
    };
    // Spoken by the alert already.
    return element(
      "div",
      { class: "unsent", "aria-live": "off" },
      emergency
        ? callLink(emergency, WORDS.inAnEmergency(emergency), { class: "emergency" })
        : element("p", {}, WORDS.emergencyUnknown),
      delivery === "failed" || delivery === "refused"
        ? button(WORDS.sendAgain, () => this.#chat.sendAgain(id))
        : null,
      delivery === "refused" ? button(WORDS.change, change) : null,
    );
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
    const { author, text, result, time, from } = entry;
    const mine = author === "you";
    const body = result
      ? [resultCard(text, result, this.#clinic)]
      : mine
        ? [element("p", { dir: "auto" }, text)]
        : paragraphs(text, this.#clinic.numbers);
    return element(
      "article",
      { class: `message message-${author}${result ? " message-result" : ""}` },
      from
        ? element("p", { class: "from" }, from, element("span", { class: "visually-hidden" }, ": "))
        : element("span", { class: "visually-hidden" }, mine ? WORDS.you : WORDS.assistant),
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
    const { question, standing } = this.#chat.state;
    const { begun, pending } = this.#chat;
    const beginning = !begun && !standing;
    const open = beginning ? "starter" : question && !pending.length ? JSON.stringify([question, this.#newestId()]) : "";
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

  /** Say aloud that a message does not get through, why, and whom to call in an emergency. */
  #drawProblem(): void {
    const { outbox } = this.#chat.state;
    const { phone, emergency, numbers } = this.#clinic;
    const stuck = outbox.map((out) => ({ out, delivery: this.#chat.deliveryOf(out) })).findLast(({ delivery }) => NOTES[delivery]);
    const failed = stuck?.out.failed;
    const reason = stuck && (failed?.reason ?? (stuck.delivery === "slow" ? "slow" : "offline"));
    const key = reason ? `${stuck.out.id} ${reason} ${failed?.sentence ?? ""} ${emergency}` : "";
    if (this.#problem.dataset.key === key) return;
    this.#problem.dataset.key = key;
    if (!reason) return this.#problem.replaceChildren();
    const said = failed?.sentence || (reason === "offline" ? WORDS.offline : WORDS.failed[reason]);
    const more = phone && !failed?.sentence ? ` ${WORDS.call(phone)}` : "";
    const help = emergency ? `${WORDS.inAnEmergency(emergency)}.` : WORDS.emergencyUnknown;
    // To be heard alone: to be seen, it stands beside the message.
    const heard = element("p", { class: "visually-hidden" }, help);
    this.#problem.replaceChildren(...paragraphs(said + more, numbers), heard);
    // Focus stays where it is: what is written next may be the more urgent.
    this.#toEnd();
  }

  /** An emergency stays in sight for as long as it holds, and nothing cheerful beside it. */
  #drawBar(): void {
    const { standing } = this.#chat.state;
    const key = standing ? JSON.stringify([standing, this.#clinic.emergency, this.#clinic.crisis]) : "";
    if (key === (this.#bar.dataset.key ?? "")) return;
    const hadFocus = this.#bar.contains(this.#focused());
    this.#bar.dataset.key = key;
    this.#bar.hidden = !standing;
    this.#bar.replaceChildren(...(standing ? standingCalls(standing, this.#clinic).filter((part) => part !== null) : []));
    this.#bar.setAttribute("aria-label", this.#bar.firstElementChild?.textContent ?? "");
    this.node.classList.toggle("in-emergency", standing !== null);
    this.#message.placeholder = standing ? WORDS.emergencyPlaceholder : WORDS.placeholder;
    // The bar takes room from what was just said.
    if (standing) this.#toEnd();
    if (hadFocus) this.#scroller.focus({ preventScroll: true });
  }

  #drawWaiting(): void {
    const on = this.#chat.busy;
    if (this.#scroller.getAttribute("aria-busy") === String(on)) return;
    this.#timers.forEach(clearTimeout);
    this.#timers = [];
    this.#scroller.setAttribute("aria-busy", String(on));
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
    // What only repeats what was told, or was not understood, moves nobody.
    if (!this.#visible || !entries.length) return;
    const card = this.#lastCard();
    if (card && entries.some((entry) => entry.result)) {
      if (!this.#writing()) card.focus({ preventScroll: true });
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
    if (text.trim() === "" && this.#control?.node instanceof HTMLFormElement) {
      // Its own button may be out of sight.
      this.#control.node.requestSubmit();
      return;
    }
    this.#message.focus({ preventScroll: true });
    if (text.trim() === "" || this.#tooManyBy() > 0 || !this.#chat.send(text)) return;
    this.#message.value = "";
    this.#measure();
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

function clock(time: number, language: string): HTMLElement | null {
  const moment = new Date(time);
  if (!time || Number.isNaN(moment.getTime())) return null;
  const shown = moment.toLocaleTimeString(language || undefined, { hour: "numeric", minute: "2-digit" });
  return element("time", { datetime: moment.toISOString() }, shown);
}
