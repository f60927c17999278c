/** One message to the server, and what came back. */

const ENDPOINT = "webhooks/rest/webhook";
const PATIENCE_MS = 60_000;
const MOST_OPTIONS = 60;
const KINDS = ["choice", "yes_no", "multi_choice", "scale", "number", "duration", "text"];

/** Why there is no answer. `reason` is a key of `WORDS.failed`; `sentence` is the server's own. */
export class Failure extends Error {
  constructor(reason, { sentence = "", retry = true, entries = [] } = {}) {
    super(reason);
    this.reason = reason;
    this.sentence = sentence;
    this.retry = retry;
    this.entries = entries;
  }
}

/**
 * @param {{sender: string, message: string, message_id: string}} body the id stays the same when
 *   a message is sent again, so that a server can tell a repeat from a second answer
 * @param {AbortSignal} signal
 * @returns {Promise<{entries: object[], question: object | null}>}
 * @throws {Failure} or the signal's AbortError
 */
export async function exchange(body, signal) {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), PATIENCE_MS);
  const stop = () => timeout.abort();
  signal.addEventListener("abort", stop);
  try {
    const response = await fetch(ENDPOINT, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
      signal: timeout.signal,
    });
    return await read(response);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Failure) throw error;
    throw new Failure(timeout.signal.aborted ? "slow" : "offline");
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

async function read(response) {
  let data = null;
  // The body may also break off in the middle; that is the network's failure, not the server's.
  const text = await response.text();
  try {
    data = JSON.parse(text);
  } catch {
    throw new Failure("server");
  }
  if (!response.ok) {
    const refused = response.status < 500 && response.status !== 429;
    const sentence = typeof data?.message === "string" ? data.message : "";
    throw new Failure(refused ? "refused" : "server", { sentence, retry: !refused });
  }
  if (!Array.isArray(data) || data.length === 0) throw new Failure("server");
  return turn(data);
}

/** The messages of one turn as log entries and the question left open. */
export function turn(messages) {
  const entries = [];
  let question = null;
  let failure = null;
  for (const message of messages) {
    if (message === null || typeof message !== "object") continue;
    if (typeof message.text === "string" && message.text.trim() !== "") {
      entries.push({ author: "assistant", text: message.text });
      question = options(message.buttons).length
        ? { kind: "choice", label: message.text, options: options(message.buttons) }
        : null;
    }
    const custom = message.custom;
    if (custom?.type === "question") {
      question = asked(custom, entries) ?? question;
    } else if (custom?.type === "triage_result") {
      const last = entries.pop() ?? { author: "assistant", text: "" };
      entries.push({ ...last, result: custom });
    } else if (custom?.type === "error") {
      failure = { sentence: entries.pop()?.text ?? "", retry: custom.retry === true };
    }
  }
  if (failure) throw new Failure("server", { ...failure, entries });
  if (entries.length === 0) throw new Failure("server");
  return { entries, question };
}

function asked(custom, entries) {
  const input = custom.input;
  if (input === null || typeof input !== "object" || !KINDS.includes(input.kind)) return null;
  const last = entries.at(-1);
  // The list in the text is for channels without controls; here it stands below as a checklist.
  if (typeof custom.prompt === "string" && last?.text.startsWith(custom.prompt)) {
    last.text = custom.prompt;
  }
  const limit = (value, otherwise) => (Number.isFinite(value) ? value : otherwise);
  return {
    kind: input.kind,
    label: last?.text ?? "",
    options: options(input.options),
    min: limit(input.min, 0),
    max: limit(input.max, 10),
    minTitle: words(input.min_title),
    maxTitle: words(input.max_title),
    unit: words(input.unit),
  };
}

function options(list) {
  if (!Array.isArray(list)) return [];
  return list
    .filter((option) => words(option?.title) !== "")
    .slice(0, MOST_OPTIONS)
    .map((option) => ({ value: words(option.value), title: option.title.trim() }));
}

function words(value) {
  return typeof value === "string" ? value.trim() : "";
}
