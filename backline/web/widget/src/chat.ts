/** One conversation with one server, shared by all that shows it on a page. */

import { fresh, Memory, unguessable, type Entry, type Outgoing, type State } from "./memory";
import { Failure, isObject, numberOf, readTurn, type Question, type Said, type Turn } from "./protocol";
import { Transport } from "./transport";

const FIRST_RETRY_MS = 1_000;
const SLOWEST_RETRY_MS = 15_000;
/** For a server that is there and did not answer: longer, so that a person may be first. */
const FIRST_REPEAT_MS = 5_000;
const SLOWEST_REPEAT_MS = 30_000;
/** How long a message waits for the answer to the one before. */
const HEAD_START_MS = 1_000;
const LONG_WAIT_MS = 8_000;
/** After so long without news of a message, the tab that sends it may be gone. */
const TAKE_OVER_MS = 10_000;
const ONE_TURN_MS = 100;
const SAME_PUSH_MS = 5_000;
/** How often to ask for what staff wrote, without a connection. */
const LOOK_MS = 5_000;

/** Where a message of the outbox is: "slow" was sent long ago, and "failed" is sent again by itself. */
export type Delivery = "sending" | "slow" | "waiting" | "failed" | "refused";

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
}

export class Chat extends EventTarget {
  readonly #memory: Memory;
  readonly #transport: Transport;
  #opened = false;
  /** Messages on their way, and since when by `performance.now()`. */
  readonly #underWay = new Map<string, number>();
  /** Messages that found no way since the last try of all. */
  readonly #unreached = new Set<string>();
  /** Messages that failed at the server: how often, and when they are sent again. */
  readonly #repeats = new Map<string, { times: number; due: number }>();
  #retryMs = FIRST_RETRY_MS;
  #retryTimer = 0;
  #pumpTimer = 0;
  #takeOverTimer = 0;
  #previous: State | null = null;
  #pushed: unknown[] = [];
  /** No message gets through at the moment. */
  offline = false;

  constructor(server: string) {
    super();
    this.#memory = new Memory(server);
    this.#transport = new Transport(server, {
      connected: () => this.#connected(),
      lost: () => this.#lost(),
      spoken: (message) => this.#spoken(message),
      known: () => this.state.news ?? 0,
      told: (session, news) => this.#told(session, news),
    });
    this.#memory.watch(() => this.#changedElsewhere());
  }

  get state(): Readonly<State> {
    return this.#memory.state;
  }

  /** Whether an answer is awaited that is expected soon. */
  get busy(): boolean {
    return !this.offline && this.state.outbox.some(({ id, failed }) => this.#underWay.has(id) && !failed);
  }

  /** Messages that may still be answered without the person's doing. */
  get pending(): readonly Outgoing[] {
    return this.state.outbox.filter((out) => !isRefused(out));
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
    // A connection tells by itself.
    setInterval(() => this.begun && this.#transport.look().catch(() => {}), LOOK_MS);
    this.#pump();
  }

  /**
   * Send a message; false if it says nothing.
   *
   * It waits for none before it: any message may be of an emergency. The server is told that it
   * answers no question that the person had not seen.
   */
  send(text: string): boolean {
    const said = text.trim();
    if (said === "") return false;
    this.open();
    const early = this.pending.length > 0;
    this.#memory.change((state) => {
      const answers = early ? "" : (state.question?.slot ?? "");
      state.outbox.push({ id: unguessable(), text: said, time: Date.now(), answers, early });
      state.draft = "";
    });
    this.#unreached.clear();
    this.#tell("change");
    this.#pump();
    return true;
  }

  /** Send a message once more, now. */
  sendAgain(id: string): void {
    this.#memory.change((state) => {
      for (const out of state.outbox) if (out.id === id) delete out.failed;
    });
    this.#repeats.delete(id);
    this.#unreached.clear();
    this.#tell("change");
    this.#pump();
  }

  /** Take a message out of the outbox, to be changed. */
  takeBack(id: string): string {
    const text = this.state.outbox.find((out) => out.id === id)?.text ?? "";
    this.#memory.change((state) => {
      state.outbox = state.outbox.filter((out) => out.id !== id);
    });
    this.#tell("change");
    return text;
  }

  /** Where a message of the outbox is. */
  deliveryOf({ id, failed }: Outgoing): Delivery {
    if (failed) return failed.reason === "refused" ? "refused" : "failed";
    if (this.offline) return "waiting";
    const since = this.#underWay.get(id);
    return since !== undefined && performance.now() - since >= LONG_WAIT_MS ? "slow" : "sending";
  }

  keepDraft(draft: string): void {
    this.#memory.change((state) => {
      state.draft = draft;
    });
  }

  /** Begin anew, under a new id. An emergency is still told of until the server answers there. */
  restart(): void {
    const before = this.state;
    const { standing } = before;
    this.#begin({ ...fresh(), standing: standing && { ...standing, before: true } });
    this.#previous = before;
  }

  /** Go on with the conversation that the last restart put away. */
  undoRestart(): void {
    const previous = this.#previous;
    if (!previous) return;
    this.#begin(previous);
    this.#pump();
  }

  #begin(state?: State): void {
    this.#previous = null;
    this.#memory.replace(state);
    this.#forgetWays();
    if (this.#opened) this.#transport.open(this.state.id);
    this.#tell("change");
  }

  #forgetWays(): void {
    this.offline = false;
    this.#underWay.clear();
    this.#repeats.clear();
    this.#wayIsOpen();
  }

  /** Delete the conversation on the server and here. @throws Failure */
  async erase(): Promise<void> {
    if (this.begun) await this.#transport.erase(this.state.id);
    this.#begin();
  }

  /** What the server says of the clinic; null when it does not say. */
  async config(): Promise<Record<string, unknown> | null> {
    const config = await this.#transport.config();
    if (config) this.#memory.clinic = config;
    return config;
  }

  /** What the server once said of the clinic, to this page or an earlier one. */
  get knownConfig(): Record<string, unknown> {
    return this.#memory.clinic ?? {};
  }

  refusesThisSite(): Promise<boolean> {
    return this.#transport.refusesThisSite();
  }

  /**
   * Send what is to be sent, in order. One that fails, or has its head start behind it, holds up
   * nothing that was written later.
   */
  #pump(): void {
    clearTimeout(this.#pumpTimer);
    const now = performance.now();
    const waits: number[] = [];
    for (const out of this.pending) {
      const since = this.#underWay.get(out.id);
      const due = this.#repeats.get(out.id)?.due ?? 0;
      if (since !== undefined && now - since >= HEAD_START_MS) continue;
      if (since === undefined && this.#unreached.has(out.id)) {
        // Without any network none gets through, and they go out in order when it is back.
        if (!navigator.onLine) break;
        continue;
      }
      if (since === undefined && due > now) {
        waits.push(due - now);
        continue;
      }
      if (since === undefined) void this.#deliver(out);
      waits.push(HEAD_START_MS - (now - (since ?? now)));
      break;
    }
    if (waits.length) this.#pumpTimer = setTimeout(() => this.#pump(), Math.min(...waits) + 1);
  }

  /** Send one message and take in its answer. */
  async #deliver(out: Outgoing): Promise<void> {
    const { id, text, answers = "", early, late } = out;
    const sender = this.state.id;
    this.#underWay.set(id, performance.now());
    this.#letOvertake(id);
    this.#tell("change");
    const slow = setTimeout(() => this.#tell("change"), LONG_WAIT_MS + 1);
    const manner = late ? "late" : early ? "early" : null;
    const order = manner ? { manner, answers } as const : {};
    try {
      const answer = await this.#transport.deliver({ sender, message: text, message_id: id, ...order });
      const turn = readTurn(answer);
      if (this.state.id === sender) this.#wayIsOpen();
      this.#take(sender, id, turn);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // A conversation that was left in the meantime has another outbox.
      if (this.state.id === sender) this.#fail(id, error);
    } finally {
      clearTimeout(slow);
      if (this.state.id === sender) {
        this.#underWay.delete(id);
        this.#tell("change");
        this.#pump();
      }
    }
  }

  /** Whatever was written before this one, and is sent again, is older than what was heard. */
  #letOvertake(id: string): void {
    this.#memory.change(({ outbox }) => {
      const place = outbox.findIndex((out) => out.id === id);
      for (const older of outbox.slice(0, Math.max(0, place))) older.late = true;
    });
  }

  #wayIsOpen(): void {
    this.offline = false;
    this.#retryMs = FIRST_RETRY_MS;
    this.#unreached.clear();
    clearTimeout(this.#retryTimer);
    this.#retryTimer = 0;
  }

  /** Beside the socket's own attempts: REST may get through where no socket does. */
  #noWay(id: string): void {
    this.offline = true;
    this.#unreached.add(id);
    if (this.#retryTimer) return;
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = 0;
      this.#unreached.clear();
      this.#pump();
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, SLOWEST_RETRY_MS);
  }

  #take(sender: string, id: string, turn: Turn): void {
    this.#repeats.delete(id);
    let news = entriesOf(id, turn.said);
    this.#memory.change((state) => {
      // The person began anew while the answer was on its way.
      if (state.id !== sender) return;
      const out = state.outbox.find((one) => one.id === id);
      state.outbox = state.outbox.filter((one) => one !== out);
      if (state.entries.some((entry) => entry.id === id)) return;
      const mine: Entry[] = out ? [{ id, author: "you", text: out.text, time: out.time }] : [];
      // What was told although it failed stays where it is, and is not told again.
      const told = state.entries.filter((entry) => entry.id.startsWith(`${id}-:`));
      news = news.filter((entry) => !told.some(({ text }) => text === entry.text));
      const place = told[0] ? state.entries.indexOf(told[0]) : state.entries.length;
      state.entries.splice(place, 0, ...mine);
      state.entries.push(...news);
      stand(state, turn);
    });
    if (this.state.id === sender) this.#tell("said", { entries: news, question: this.state.question });
  }

  #fail(id: string, { reason, sentence, turn, waitMs }: Failure): void {
    if (reason === "offline") return this.#noWay(id);
    this.#wayIsOpen();
    const times = this.#repeats.get(id)?.times ?? 0;
    const pause = Math.max(waitMs, Math.min(FIRST_REPEAT_MS * 2 ** times, SLOWEST_REPEAT_MS));
    this.#repeats.set(id, { times: times + 1, due: performance.now() + pause });
    let news = entriesOf(`${id}-`, turn?.said ?? []);
    this.#memory.change((state) => {
      for (const out of state.outbox) if (out.id === id) out.failed = { reason, sentence };
      const known = new Set(state.entries.map((entry) => entry.id));
      news = news.filter((entry) => !known.has(entry.id));
      state.entries.push(...news);
      if (turn?.standing !== undefined) state.standing = turn.standing;
    });
    if (news.length) this.#tell("said", { entries: news, question: null });
  }

  #connected(): void {
    this.#wayIsOpen();
    // Perhaps to a server that was started anew, and is well.
    for (const repeat of this.#repeats.values()) repeat.due = 0;
    this.#tell("change");
    this.#pump();
  }

  #lost(): void {
    this.#tell("change");
    this.#pump();
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
      const turn = readTurn(messages);
      const news = entriesOf(unguessable(), turn.said);
      this.#memory.change((state) => {
        // Every tab is told; the first one keeps it for all.
        const now = Date.now();
        const recent = state.entries.filter((entry) => Math.abs(now - entry.time) < SAME_PUSH_MS);
        const known = new Set(recent.map((entry) => entry.text));
        state.entries.push(...news.filter((entry) => !known.has(entry.text)));
        stand(state, { ...turn, question: turn.question ?? state.question });
      });
      this.#tell("said", { entries: news, question: turn.question });
      this.#tell("change");
    } catch {
      // What cannot be read was not meant for this widget.
    }
  }

  /** What staff wrote, or the assistant says about them: each once, in its order. */
  #told(session: string, news: unknown): void {
    if (!isObject(news) || !Array.isArray(news.messages) || session !== this.state.id) return;
    let entries: Entry[] = [];
    let question: Question | null = null;
    this.#memory.change((state) => {
      const known = state.news ?? 0;
      const fresh = (news.messages as unknown[]).filter(isObject).filter((one) => numberOf(one) > known || !numberOf(one));
      if (!fresh.some(numberOf)) return;
      const turn = readTurn(fresh);
      ({ question } = turn);
      entries = entriesOf(`news-${numberOf(fresh.findLast(numberOf)!)}`, turn.said);
      state.entries.push(...entries);
      state.news = Math.max(known, ...fresh.map(numberOf));
      state.follows = true;
      // The list of danger signs can be answered until staff have asked something else.
      if (question ? !state.standing : turn.said.some(({ from }) => from)) state.question = question;
    });
    if (!entries.length) return;
    this.#tell("said", { entries, question });
    this.#tell("change");
  }

  #changedElsewhere(): void {
    clearTimeout(this.#takeOverTimer);
    this.#takeOverTimer = setTimeout(() => this.#pump(), TAKE_OVER_MS);
    const known = new Set(this.state.entries.map((entry) => entry.id));
    const before = this.state.id;
    this.#memory.reload();
    const { id, entries, question } = this.state;
    if (id !== before) {
      this.#forgetWays();
      if (this.#opened) this.#transport.open(id);
    } else {
      const news = entries.filter((entry) => entry.author !== "you" && !known.has(entry.id));
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
  return said.map(({ number: _, ...one }, index) => ({
    id: `${id}:${index}`,
    author: one.from ? "staff" : "assistant",
    time,
    ...one,
  }));
}

function isRefused({ failed }: Outgoing): boolean {
  return failed?.reason === "refused";
}

/** Take over what a turn leaves open. */
function stand(state: State, { question, standing, marked, follows, silent }: Turn): void {
  state.follows ||= follows;
  if (silent) return;
  if (standing !== undefined) state.standing = standing;
  else if (state.standing?.before) state.standing = null;
  // While an emergency holds, an answer to an older message opens no question of a triage.
  state.question = state.standing && !marked ? null : question;
}
