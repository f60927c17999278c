/** What the server says, read with care: nothing in it is taken to be as it should. */

import type { FailureReason } from "./words";

const MOST_OPTIONS = 60;
const KINDS = ["choice", "yes_no", "multi_choice", "scale", "number", "duration", "text"] as const;

export interface Option {
  value: string;
  title: string;
}

/** A question left open and the control that it takes; `slot` is its group where the contract names one. */
export interface Question {
  slot: string;
  kind: (typeof KINDS)[number];
  label: string;
  options: Option[];
  min: number;
  max: number;
  minTitle: string;
  maxTitle: string;
  unit: string;
}

/** The `triage_result` of the contract. */
export interface Result {
  outcome?: unknown;
  urgency?: unknown;
  reasons?: unknown;
  rules?: unknown;
  plan?: unknown;
  facts?: unknown;
}

export interface Said {
  text: string;
  result?: Result;
  /** Who of the clinic wrote it, where it is not the assistant's. */
  from?: string;
  /** Its place among what was said without having been asked for. */
  number?: number;
}

/** An emergency that holds, and whom to call; a number is "" where the clinic's own is meant. */
export interface Standing {
  kind: "emergency" | "self_harm";
  number: string;
  line: string;
  /** It was told in the conversation before this one. */
  before?: boolean;
}

export interface Turn {
  said: Said[];
  question: Question | null;
  /** The emergency that holds after this turn; null if none does, undefined if nothing tells. */
  standing: Standing | null | undefined;
  /** The server itself says that an emergency holds: then what it asks belongs to that. */
  marked: boolean;
  /** A person of the clinic answers, is asked for, or was here: more may come by itself. */
  follows: boolean;
  /** Nothing is said, since a person of the clinic reads it. */
  silent: boolean;
}

/** Why there is no answer; `sentence` is the server's own, if it gave one. */
export class Failure extends Error {
  constructor(
    readonly reason: FailureReason,
    readonly sentence = "",
    /** What was said before it failed: an emergency result is never withheld. */
    readonly turn: Turn | null = null,
    /** How long the server asks to be left alone. */
    readonly waitMs = 0,
  ) {
    super(reason);
  }
}

/**
 * The messages of one turn: what to show and the question left open.
 * @throws Failure if there is nothing to show, or the server says that it failed
 */
export function readTurn(messages: unknown): Turn {
  if (!Array.isArray(messages)) throw new Failure("server");
  const said: Said[] = [];
  let question: Question | null = null;
  let failure: string | null = null;
  let [follows, silent] = [false, false];
  const { standing, marked } = readStanding(messages);
  for (const message of messages.filter(isObject)) {
    if (words(message.text) !== "") {
      const text = words(message.text);
      said.push({ text });
      const buttons = options(message.buttons);
      question = buttons.length ? { ...BARE, kind: "choice", label: text, options: buttons } : null;
    }
    const custom = message.custom;
    if (!isObject(custom)) continue;
    silent ||= custom.type === "with_staff";
    follows ||= FOLLOWED.includes(custom.type);
    if (custom.type === "question") question = asked(custom, said) ?? question;
    else if (custom.type === "triage_result") {
      const last = said.pop() ?? { text: "" };
      said.push({ ...last, result: custom });
    } else if (custom.type === "staff" || custom.type === "notice") {
      const last = said.pop() ?? { text: "" };
      said.push({ ...last, number: numberOf(message), ...(custom.type === "staff" && { from: words(custom.name) }) });
    } else if (custom.type === "error") failure = said.pop()?.text ?? "";
  }
  const turn = { said, question, standing, marked, follows, silent };
  if (failure !== null) throw new Failure("server", failure, turn);
  if (said.length === 0 && !silent) throw new Failure("server", "", turn);
  return turn;
}

/** The place of a message among what was said without having been asked for; 0 if it has none. */
export function numberOf({ custom }: Record<string, unknown>): number {
  return isObject(custom) && Number.isSafeInteger(custom.number) ? (custom.number as number) : 0;
}

export function isEmergency(said: { result?: Result }): boolean {
  return said.result?.urgency === "emergency";
}

/** The emergency that a result tells of; null for any lesser one. */
export function standingOf(result: Result): Standing | null {
  if (result.urgency !== "emergency") return null;
  const signs = isObject(result.facts) ? result.facts.emergency_signs : null;
  const alone = Array.isArray(signs) && signs.length > 0 && signs.every((sign) => sign === "self_harm");
  return { kind: alone ? "self_harm" : "emergency", number: "", line: "" };
}

/** Whether an emergency holds, by the server's own mark, or else by what was told in this turn. */
function readStanding(messages: unknown[]): Pick<Turn, "standing" | "marked"> {
  let standing: Standing | null | undefined;
  for (const { custom } of messages.filter(isObject)) {
    if (!isObject(custom)) continue;
    if (custom.type === "emergency_standing" && custom.holds === true) {
      const kind = custom.kind === "self_harm" ? "self_harm" : "emergency";
      return { standing: { kind, number: words(custom.number), line: words(custom.line) }, marked: true };
    }
    const ended = custom.type === "emergency_standing" && custom.holds === false;
    if (ended || custom.type === "deleted") return { standing: null, marked: false };
    if (custom.type === "triage_result") standing = standingOf(custom);
  }
  return { standing, marked: false };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

export function words(value: unknown): string {
  return typeof value === "string" ? value.trim() : "";
}

const FOLLOWED: unknown[] = ["with_staff", "staff", "notice", "staff_asked"];
const BARE = { slot: "", label: "", options: [], min: 0, max: 10, minTitle: "", maxTitle: "", unit: "" };

function asked(custom: Record<string, unknown>, said: Said[]): Question | null {
  const input = custom.input;
  if (!isObject(input)) return null;
  const kind = KINDS.find((known) => known === input.kind);
  if (!kind) return null;
  const last = said.at(-1);
  // The list in the text is for channels without controls; here it stands below as a checklist.
  if (last && typeof custom.prompt === "string" && last.text.startsWith(custom.prompt)) {
    last.text = custom.prompt;
  }
  const limit = (value: unknown, otherwise: number) => (Number.isFinite(value) ? (value as number) : otherwise);
  return {
    slot: words(custom.group) || words(custom.slot),
    kind,
    label: last?.text ?? "",
    options: options(input.options),
    min: limit(input.min, 0),
    max: limit(input.max, 10),
    minTitle: words(input.min_title),
    maxTitle: words(input.max_title),
    unit: words(input.unit),
  };
}

function options(list: unknown): Option[] {
  if (!Array.isArray(list)) return [];
  return list
    .filter(isObject)
    .filter((option) => words(option.title) !== "")
    .slice(0, MOST_OPTIONS)
    .map((option) => ({ value: words(option.value), title: words(option.title) }));
}
