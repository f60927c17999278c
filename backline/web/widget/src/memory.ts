/** The conversation as this browser keeps it: every tab of the site sees the same. */

import { isObject, standingOf, type Question, type Result, type Standing } from "./protocol";
import type { FailureReason } from "./words";

const VERSION = 2;
const ID_BYTES = 24;
const MOST_ENTRIES = 400;
/** What nobody went on with for a day is not shown to whoever uses the browser next. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** One thing said. The id is the same in every tab, so that no tab shows it twice. */
export interface Entry {
  id: string;
  author: "you" | "assistant" | "staff";
  text: string;
  /** Milliseconds since 1970 by this browser's clock; shown, and never used to put in order. */
  time: number;
  result?: Result;
  /** Who of the clinic wrote it. */
  from?: string;
}

/** A message on its way. The id stays when it is sent again, so that the server hears it once. */
export interface Outgoing {
  id: string;
  text: string;
  time: number;
  /** The slot of the question it was written under; "" where it answers none. */
  answers?: string;
  /** It was written while another waited for its answer. */
  early?: boolean;
  /** What was written later was sent before it. */
  late?: boolean;
  /** Why it was not answered; what was "refused" is sent again by the person alone. */
  failed?: { reason: FailureReason; sentence: string };
}

export interface State {
  id: string;
  entries: Entry[];
  question: Question | null;
  standing: Standing | null;
  outbox: Outgoing[];
  draft: string;
  /** The number of the latest that was said without having been asked for. */
  news?: number;
  /** A person of the clinic may write at any time. */
  follows?: boolean;
}

/** Reads and writes the state of one server's conversation. */
export class Memory {
  readonly #key: string;
  readonly #storage: Storage | null;
  #state: State;
  #clinic: Record<string, unknown> | null = null;

  constructor(server: string, storage = browserStorage()) {
    this.#key = `backline:${server}`;
    this.#storage = storage;
    this.#state = this.#stored() ?? fresh();
    const clinic = this.#record()?.clinic;
    this.#clinic = isObject(clinic) ? clinic : null;
    this.#write();
  }

  /** False where the browser's storage is blocked: then a reload begins anew. */
  get lasts(): boolean {
    try {
      return this.#storage?.getItem(this.#key) !== null && this.#storage !== null;
    } catch {
      return false;
    }
  }

  get state(): Readonly<State> {
    return this.#state;
  }

  /** What the server last said of the clinic: its numbers are needed most where it is not reached. */
  get clinic(): Record<string, unknown> | null {
    return this.#clinic;
  }

  set clinic(clinic: Record<string, unknown> | null) {
    this.#clinic = clinic;
    this.reload();
    this.#write();
  }

  /** Change the newest state, which another tab may have written, and keep it. */
  change(how: (state: State) => void): void {
    this.reload();
    how(this.#state);
    this.#state.entries = this.#state.entries.slice(-MOST_ENTRIES);
    this.#write();
  }

  /** Take over what another tab wrote. */
  reload(): void {
    this.#state = this.#stored() ?? this.#state;
  }

  /** Go on with another conversation, or with a new one. */
  replace(state: State = fresh()): void {
    this.#state = state;
    this.#write();
  }

  /** Call back when another tab changes the conversation. */
  watch(changed: () => void): void {
    addEventListener("storage", ({ key, storageArea }) => {
      if (storageArea === this.#storage && (key === this.#key || key === null)) changed();
    });
  }

  #record(): Record<string, any> | null {
    try {
      return JSON.parse(this.#storage?.getItem(this.#key) ?? "null");
    } catch {
      return null;
    }
  }

  #stored(): State | null {
    const data = this.#record();
    if (data?.version !== VERSION || typeof data.id !== "string") return null;
    if (!Array.isArray(data.entries) || !Array.isArray(data.outbox)) return null;
    // A clock that was put back makes an age below zero, which is no reason to forget.
    if (Date.now() - data.saved > KEPT_MS) return null;
    const { version: _, saved: __, clinic: ___, standing = lastStanding(data.entries), ...state } = data;
    return { ...state, standing } as State;
  }

  #write(): void {
    try {
      const kept = { ...this.#state, clinic: this.#clinic, version: VERSION, saved: Date.now() };
      this.#storage?.setItem(this.#key, JSON.stringify(kept));
    } catch {
      // Storage that is full or switched off costs the reload, not the conversation.
    }
  }
}

/** An id nobody can guess: whoever knows it can go on with the conversation. */
export function unguessable(): string {
  // Not crypto.randomUUID: browsers have it on https pages only.
  const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A conversation in which nothing was said. */
export function fresh(): State {
  return { id: `web-${unguessable()}`, entries: [], question: null, standing: null, outbox: [], draft: "" };
}

/** As kept by an earlier version of this script, which did not keep whether an emergency holds. */
function lastStanding(entries: Entry[]): Standing | null {
  const result = entries.findLast((entry) => entry.result)?.result;
  return result ? standingOf(result) : null;
}

function browserStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
