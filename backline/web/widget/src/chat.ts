/** One conversation with one server, shared by all that shows it on a page. */

import { Memory, unguessable, type Entry, type Outgoing, type State } from "./memory";
import { Failure, readTurn, type Question, type Said, type Turn } from "./protocol";
import { Transport } from "./transport";
import type { FailureReason } from "./words";

const FIRST_RETRY_MS = 1_000;
const SLOWEST_RETRY_MS = 15_000;
const ONE_TURN_MS = 100;
const SAME_PUSH_MS = 5_000;

/** A message that was not answered, and why. */
export interface Problem {
  reason: Exclude<FailureReason, "offline">;
  sentence: string;
}

export interface Clinic {
  name: string;
  phone: string;
  emergency: string;
  crisis: string;
  opening: string;
  language: string;
  /** All numbers that may become links. */
  numbers: string[];
}

/** What a view is told; the state itself it reads. */
export interface ChatEvents {
  /** Something of the state changed. */
  change: CustomEvent<null>;
  /** The assistant said something new, here or in another tab. */
  said: CustomEvent<{ entries: Entry[]; question: Question | null }>;
  /** The server would not take a message: its text, to be changed. */
  refused: CustomEvent<{ text: string; sentence: string }>;
}

export class Chat extends EventTarget {
  readonly #memory: Memory;
  readonly #transport: Transport;
  #sending = false;
  #opened = false;
  #retryMs = FIRST_RETRY_MS;
  #retryTimer = 0;
  #previous: State | null = null;
  #pushed: unknown[] = [];
  /** Why the first message of the outbox waits for the person; null while it waits for nobody. */
  problem: Problem | null = null;
  /** No message gets through at the moment. */
  offline = false;

  constructor(server: string) {
    super();
    this.#memory = new Memory(server);
    this.#transport = new Transport(server, {
      connected: () => this.#connected(),
      lost: () => this.#pumpSoon(),
      spoken: (message) => this.#spoken(message),
    });
    this.#memory.watch(() => this.#changedElsewhere());
  }

  get state(): Readonly<State> {
    return this.#memory.state;
  }

  /** Whether an answer is awaited that is expected soon. */
  get busy(): boolean {
    return this.#sending && !this.offline;
  }

  get begun(): boolean {
    return this.state.entries.length > 0 || this.state.outbox.length > 0;
  }

  /** False where the browser's storage is blocked. */
  get lasts(): boolean {
    return this.#memory.lasts;
  }

  /** Connect, and send what an earlier page could not. */
  open(): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#transport.open(this.state.id);
    void this.#pump();
  }

  /** Send a message; false while an answer is awaited that it might be meant for. */
  send(text: string): boolean {
    const said = text.trim();
    if (said === "" || this.busy) return false;
    this.open();
    this.problem = null;
    this.#memory.change((state) => {
      state.outbox.push({ id: unguessable(), text: said, time: Date.now() });
      state.draft = "";
    });
    this.#tell("change");
    void this.#pump();
    return true;
  }

  /** Send what was not answered once more. */
  tryAgain(): void {
    this.problem = null;
    this.#tell("change");
    void this.#pump();
  }

  keepDraft(draft: string): void {
    this.#memory.change((state) => {
      state.draft = draft;
    });
  }

  /** Begin anew, under a new id. */
  restart(): void {
    const before = this.state;
    this.#begin();
    this.#previous = before;
  }

  /** Go on with the conversation that the last restart put away. */
  undoRestart(): void {
    const previous = this.#previous;
    if (!previous) return;
    this.#begin(previous);
    void this.#pump();
  }

  #begin(state?: State): void {
    this.problem = null;
    this.offline = false;
    this.#previous = null;
    this.#sending = false;
    this.#memory.replace(state);
    if (this.#opened) this.#transport.open(this.state.id);
    this.#tell("change");
  }

  /** Delete the conversation on the server and here. @throws Failure */
  async erase(): Promise<void> {
    if (this.begun) await this.#transport.erase(this.state.id);
    this.#begin();
  }

  /** What the server says of the clinic; null when it does not say. */
  config(): Promise<Record<string, unknown> | null> {
    return this.#transport.config();
  }

  refusesThisSite(): Promise<boolean> {
    return this.#transport.refusesThisSite();
  }

  async #pump(): Promise<void> {
    if (this.#sending || this.problem) return;
    this.#sending = true;
    clearTimeout(this.#retryTimer);
    const conversation = this.state.id;
    const goesOn = () => this.state.id === conversation;
    try {
      while (goesOn() && this.state.outbox[0] && !this.problem) await this.#deliver(this.state.outbox[0]);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (!goesOn()) return;
      this.offline = true;
      // Beside the socket's own attempts: REST may get through where no socket does.
      this.#retryTimer = setTimeout(() => void this.#pump(), this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, SLOWEST_RETRY_MS);
    } finally {
      // A conversation that was left in the meantime has a new one, which may be sending.
      if (goesOn()) {
        this.#sending = false;
        this.#tell("change");
      }
    }
  }

  /** Send one message and take in its answer. @throws Failure only where there is no way through */
  async #deliver({ id, text }: Outgoing): Promise<void> {
    const sender = this.state.id;
    this.#tell("change");
    try {
      const answer = await this.#transport.deliver({ sender, message: text, message_id: id });
      const turn = readTurn(answer);
      this.#heard();
      this.#take(sender, id, turn);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (this.state.id !== sender) return;
      if (error.reason === "offline") throw error;
      this.#heard();
      this.#fail(id, text, error);
    }
  }

  #heard(): void {
    this.offline = false;
    this.#retryMs = FIRST_RETRY_MS;
  }

  #take(sender: string, id: string, { said, question }: Turn): void {
    const news = entriesOf(id, said);
    this.#memory.change((state) => {
      // The person began anew while the answer was on its way.
      if (state.id !== sender) return;
      const out = state.outbox.find((one) => one.id === id);
      state.outbox = state.outbox.filter((one) => one !== out);
      if (state.entries.some((entry) => entry.id === id)) return;
      const mine: Entry[] = out ? [{ id, author: "you", text: out.text, time: out.time }] : [];
      state.entries.push(...mine, ...news);
      state.question = question;
    });
    if (this.state.id === sender) this.#tell("said", { entries: news, question });
  }

  #fail(id: string, text: string, { reason, sentence, said }: Failure): void {
    if (reason === "refused") {
      this.#memory.change((state) => {
        state.outbox = state.outbox.filter((out) => out.id !== id);
      });
      this.#tell("refused", { text, sentence });
      return;
    }
    const news = entriesOf(`${id}-`, said);
    this.#memory.change((state) => {
      const known = new Set(state.entries.map((entry) => entry.id));
      state.entries.push(...news.filter((entry) => !known.has(entry.id)));
    });
    this.problem = { reason: reason === "offline" ? "server" : reason, sentence };
    if (news.length) this.#tell("said", { entries: news, question: null });
  }

  #connected(): void {
    this.offline = false;
    this.#retryMs = FIRST_RETRY_MS;
    this.#tell("change");
    void this.#pump();
  }

  #pumpSoon(): void {
    this.#tell("change");
    void this.#pump();
  }

  /** The messages of one turn come one by one: a question follows its text. */
  #spoken(message: unknown): void {
    this.#pushed.push(message);
    if (this.#pushed.length === 1) setTimeout(() => this.#hearPushed(), ONE_TURN_MS);
  }

  #hearPushed(): void {
    const messages = this.#pushed;
    this.#pushed = [];
    try {
      const { said, question } = readTurn(messages);
      const news = entriesOf(unguessable(), said);
      this.#memory.change((state) => {
        // Every tab is told; the first one keeps it for all.
        const now = Date.now();
        const recent = state.entries.filter((entry) => Math.abs(now - entry.time) < SAME_PUSH_MS);
        const known = new Set(recent.map((entry) => entry.text));
        state.entries.push(...news.filter((entry) => !known.has(entry.text)));
        state.question = question ?? state.question;
      });
      this.#tell("said", { entries: news, question });
      this.#tell("change");
    } catch {
      // What cannot be read was not meant for this widget.
    }
  }

  #changedElsewhere(): void {
    const known = new Set(this.state.entries.map((entry) => entry.id));
    const before = this.state.id;
    this.#memory.reload();
    const { id, entries, question } = this.state;
    if (id !== before) {
      this.problem = null;
      this.#sending = false;
      if (this.#opened) this.#transport.open(id);
    } else {
      const news = entries.filter((entry) => entry.author === "assistant" && !known.has(entry.id));
      if (news.length) this.#tell("said", { entries: news, question });
    }
    this.#tell("change");
  }

  #tell(type: keyof ChatEvents, detail: unknown = null): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

const chats = new Map<string, Chat>();

/** The conversation with a server: one, however many elements of a page show it. */
export function chatWith(server: string): Chat {
  let chat = chats.get(server);
  if (!chat) chats.set(server, (chat = new Chat(server)));
  return chat;
}

function entriesOf(id: string, said: Said[]): Entry[] {
  const time = Date.now();
  return said.map((one, index) => ({ id: `${id}:${index}`, author: "assistant", time, ...one }));
}
