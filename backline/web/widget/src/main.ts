/** The element `<backline-chat>`, and what the script does on a page that has none. */

import { chatWith, type Chat, type Clinic } from "./chat";
import { accentProperties } from "./colour";
import { element, icon, telephone } from "./dom";
import { words } from "./protocol";
import css from "./style.css";
import { View } from "./view";
import { WORDS } from "./words";

const TAG = "backline-chat";
const OPEN_KEY = "backline:open";
const BUBBLE = "M4 5.5h16v11H11l-4.5 3.5v-3.5H4zM8 9.5h8M8 12.5h5";
const ASK_AGAIN_MS = 15_000;
const RIGHT_TO_LEFT = /^(?:ar|fa|he|ps|ur|yi|dv|ckb)\b/i;
/** Lines of the clinic's country that a reply may name, as `/widget/config` calls them. */
const LINES = ["health_line", "violence_line", "child_line", "poisons_line"];
/** Attributes that the script's own line may carry; `data-` goes before each. */
const OPTIONS = ["mode", "position", "accent", "title", "opening", "language", "server"] as const;

// Only while the page is being read does a script know its own element.
const script = document.currentScript instanceof HTMLScriptElement ? document.currentScript : null;

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);
try {
  // The reader's own font size, whatever size the page around gives its root.
  CSS.registerProperty({ name: "--rem", syntax: "<length>", inherits: true, initialValue: "16px" });
} catch {
  // Registered by another copy of this script, or a browser without it: sizes come out near enough.
}

export class BacklineChat extends HTMLElement {
  #chat!: Chat;
  #view!: View;
  #widget!: HTMLElement;
  #launcher: HTMLButtonElement | null = null;
  readonly #launcherWords = element("span", { class: "launcher-words" });
  #badge = element("span", { class: "badge" });
  #unread = 0;
  #open = false;

  connectedCallback(): void {
    if (this.shadowRoot) {
      // Moved to another place of the page, which takes it out of the top layer.
      if (this.#launcher) this.#rise();
      return;
    }
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    const server = new URL(this.dataset.server || script?.src || location.href, location.href);
    this.#chat = chatWith(new URL("./", server).href);
    const inline = this.dataset.mode === "inline";
    const clinic = this.#clinic(this.#chat.knownConfig);
    this.#view = new View(this.#chat, clinic, this.#title(), !inline, () => this.close());
    this.#widget = element(
      "div",
      {
        class: `widget ${inline ? "inline" : "floating"} ${this.dataset.position === "left" ? "at-left" : ""}`,
        role: "region",
        "aria-label": this.#title(),
      },
      this.#view.node,
    );
    this.#speak(clinic.language);
    root.append(this.#widget);
    this.#paint();
    if (inline) this.#appear();
    else this.#float();
    this.#report();
    void this.#introduce();
  }

  /** Show the panel and move focus into it. */
  open(): void {
    this.#setOpen(true);
    this.#view.focus();
  }

  /** Hide the panel; an inline one stays. */
  close(): void {
    if (!this.#launcher) return;
    this.#setOpen(false);
    this.#launcher.focus();
  }

  /** Say something in the visitor's name; false if it says nothing. */
  send(text: string): boolean {
    this.#setOpen(true);
    return this.#chat.send(String(text));
  }

  /** Begin the conversation anew. */
  restart(): void {
    this.#view.restart();
  }

  #float(): void {
    this.#launcher = element(
      "button",
      { type: "button", class: "launcher", "aria-expanded": "false", "aria-controls": "panel", onclick: () => this.open() },
      icon(BUBBLE, 26),
      this.#launcherWords,
      this.#badge,
    );
    this.#widget.append(this.#launcher);
    this.#widget.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#open || event.isComposing) return;
      event.stopPropagation();
      this.close();
    });
    this.#rise();
    // On a phone the keyboard takes room that only this tells of.
    const seen = window.visualViewport;
    const fit = () => seen && this.#widget.style.setProperty("--seen", `${Math.round(seen.height)}px`);
    seen?.addEventListener("resize", fit);
    fit();
    this.#setOpen(tabKeeps() === "yes");
    // What an earlier page could not send waits for no press, nor does a person of the clinic.
    if (this.#chat.pending.length || this.#chat.state.follows) this.#chat.open();
    this.#chat.addEventListener("change", () => this.#drawLauncher());
    this.#drawLauncher();
    this.#chat.addEventListener("said", (event) => {
      if (this.#open) return;
      this.#unread += (event as CustomEvent).detail.entries.length;
      this.#drawBadge();
    });
  }

  /** Into the top layer, where no style of the page, such as a transform, moves or covers it. */
  #rise(): void {
    if (!("popover" in this.#widget)) return;
    this.#widget.popover = "manual";
    if (!this.#widget.matches(":popover-open")) this.#widget.showPopover();
  }

  #appear(): void {
    this.#open = true;
    this.#view.show(true);
    this.#chat.open();
  }

  #setOpen(open: boolean): void {
    if (!this.#launcher) return;
    this.#open = open;
    this.#view.node.hidden = !open;
    this.#widget.classList.toggle("open", open);
    this.#launcher.setAttribute("aria-expanded", String(open));
    keepInTab(open ? "yes" : "no");
    this.#view.show(open);
    if (open) {
      this.#chat.open();
      this.#unread = 0;
      this.#drawBadge();
    }
  }

  /** An emergency is in sight on the closed chat, too. */
  #drawLauncher(): void {
    const { standing } = this.#chat.state;
    const words = standing?.kind === "self_harm" ? WORDS.crisisBar : standing ? WORDS.emergencyBar : WORDS.launcher;
    if (this.#launcherWords.textContent !== words) this.#launcherWords.textContent = words;
    this.#launcher?.classList.toggle("in-emergency", standing !== null);
  }

  #drawBadge(): void {
    this.#badge.hidden = this.#unread === 0;
    this.#badge.replaceChildren(
      element("span", { "aria-hidden": "true" }, String(this.#unread)),
      element("span", { class: "visually-hidden" }, `, ${WORDS.unread(this.#unread)}`),
    );
  }

  /** Ask the server for the clinic's words; on a site it refuses, nothing is shown at all. */
  async #introduce(): Promise<void> {
    const config = await this.#chat.config();
    if (!config && (await this.#chat.refusesThisSite())) {
      this.remove();
      console.warn(`Backline: the server does not list ${location.origin} under "sites" in clinic.yml.`);
      return;
    }
    if (config) {
      const clinic = this.#clinic(config);
      this.#speak(clinic.language);
      this.#view.introduce(clinic, this.#title());
    }
    this.#tell("ready");
    if (!config) void this.#introduceLater();
  }

  /** Ask again until the server says whom to call. */
  async #introduceLater(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      if (!this.isConnected) continue;
      const config = await this.#chat.config();
      if (config) return this.#view.introduce(this.#clinic(config), this.#title());
    }
  }

  #clinic(config: Record<string, unknown>): Clinic {
    const phone = words(config.phone);
    const emergency = words(config.emergency_number);
    const crisis = words(config.crisis_line);
    return {
      name: words(config.clinic_name),
      phone,
      emergency,
      crisis,
      opening: this.dataset.opening || words(config.opening) || WORDS.opening,
      language: [this.dataset.language, words(config.language)].find(isLanguage) ?? "en",
      numbers: [emergency, crisis, phone, ...LINES.map((line) => words(config[line]))].filter(telephone),
    };
  }

  #title(): string {
    return this.dataset.title || WORDS.title;
  }

  #speak(language: string): void {
    this.#widget.lang = language;
    const given = isLanguage(this.dataset.language) ? this.dataset.language : null;
    const inherited = getComputedStyle(this).direction;
    this.#widget.dir = given ? (RIGHT_TO_LEFT.test(given) ? "rtl" : "ltr") : inherited;
  }

  #paint(): void {
    const accent = this.dataset.accent;
    if (!accent) return;
    // Probed inside, where no style of the page reaches.
    const properties = accentProperties(accent, this.#widget);
    if (!properties) return console.warn(`Backline: data-accent="${accent}" is no colour that can be used.`);
    for (const [name, value] of Object.entries(properties)) this.#widget.style.setProperty(name, value);
  }

  #report(): void {
    this.#chat.addEventListener("said", (event) => {
      const { entries, question } = (event as CustomEvent).detail;
      if (question) this.#tell("question", { slot: question.slot, kind: question.kind });
      for (const { result } of entries) {
        if (result) this.#tell("result", { outcome: result.outcome, urgency: result.urgency, rules: result.rules });
      }
    });
  }

  #tell(name: "ready" | "question" | "result", detail: unknown = null): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

function isLanguage(tag: string | undefined): tag is string {
  return tag !== undefined && /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(tag);
}

function tabKeeps(): string | null {
  try {
    return sessionStorage.getItem(OPEN_KEY);
  } catch {
    return null;
  }
}

function keepInTab(open: string): void {
  try {
    sessionStorage.setItem(OPEN_KEY, open);
  } catch {
    // Then the panel is closed on the next page.
  }
}

/** The element of this line of the page: where it stands when inline, else at the end of the page. */
function place(): void {
  const chat = document.createElement(TAG) as BacklineChat;
  for (const name of OPTIONS) {
    const value = script?.dataset[name];
    if (value !== undefined) chat.dataset[name] = value;
  }
  const here = script !== null && document.body.contains(script);
  if (here && chat.dataset.mode === "inline") script.after(chat);
  else document.body.append(chat);
}

function begin(): void {
  if (customElements.get(TAG)) return;
  customElements.define(TAG, BacklineChat);
  if (!document.querySelector(TAG)) place();
  Object.assign(window, { Backline: document.querySelector(TAG) });
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin, { once: true });
else begin();
