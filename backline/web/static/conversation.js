/** The conversation as this tab knows it; a reload of the page finds it again. */

const KEY = "backline.conversation";
const VERSION = 1;
const ID_BYTES = 24;

/**
 * @typedef {object} Entry
 * @property {"you" | "assistant"} author
 * @property {string} text
 * @property {number} time milliseconds since 1970
 * @property {object} [result] the triage result that the text explains
 *
 * @typedef {object} Unsent
 * @property {string} text
 * @property {string} id stays the same when the message is sent again
 * @property {number} time
 * @property {string} reason a key of `WORDS.failed`
 * @property {string} sentence the server's own words, if any
 * @property {boolean} retry
 */
export class Conversation {
  constructor(storage = tabStorage()) {
    this.storage = storage;
    Object.assign(this, this.#stored() ?? fresh());
  }

  /** @param {Partial<{entries: Entry[], question: object | null, unsent: Unsent | null, draft: string}>} changes */
  update(changes) {
    Object.assign(this, changes);
    const { id, entries, question, unsent, draft } = this;
    try {
      this.storage?.setItem(
        KEY,
        JSON.stringify({ version: VERSION, id, entries, question, unsent, draft }),
      );
    } catch {
      // Storage that is full or switched off costs the reload, not the conversation.
    }
  }

  add(entries) {
    const time = Date.now();
    this.update({ entries: [...this.entries, ...entries.map((entry) => ({ time, ...entry }))] });
  }

  startAgain() {
    this.update(fresh());
  }

  #stored() {
    try {
      const data = JSON.parse(this.storage?.getItem(KEY) ?? "null");
      const whole = data?.version === VERSION && typeof data.id === "string";
      return whole && Array.isArray(data.entries) ? data : null;
    } catch {
      return null;
    }
  }
}

/** An id nobody can guess: whoever knows it can go on with the conversation. */
export function unguessable() {
  // Not crypto.randomUUID: browsers have it on https pages only.
  const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fresh() {
  return { id: `web-${unguessable()}`, entries: [], question: null, unsent: null, draft: "" };
}

function tabStorage() {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}
