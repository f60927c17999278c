/** The way to the server: Socket.IO, and REST where that does not get through. */

import { io, type Socket } from "socket.io-client";
import { Failure, isObject, words } from "./protocol";

const PATIENCE_MS = 60_000;
const SLOWEST_RECONNECT_MS = 8_000;
const GOODBYE_MS = 1_000;
/** How long a message goes by the socket alone. */
const SOCKET_ALONE_MS = 8_000;

/** One message as both ways carry it. */
export interface Envelope {
  sender: string;
  message: string;
  message_id: string;
  /** How it comes to be no answer to the question that is open at the server, and what it answers. */
  manner?: "early" | "late";
  answers?: string;
}

export interface Listener {
  /** The connection is there (again). */
  connected(): void;
  /** The connection broke. */
  lost(): void;
  /** The server speaks without having been asked. */
  spoken(message: unknown): void;
  /** The number of the latest news that is known. */
  known(): number;
  /** What staff of the clinic wrote. */
  told(session: string, news: unknown): void;
}

export class Transport {
  readonly #server: string;
  readonly #listener: Listener;
  #socket: Socket | null = null;
  #session = "";

  constructor(server: string, listener: Listener) {
    this.#server = server;
    this.#listener = listener;
    addEventListener("online", () => this.#retry());
    // Without this a dead socket is only noticed at the next heartbeat.
    addEventListener("offline", () => this.#socket?.disconnect().connect());
    // A page that comes back by the back button finds its socket closed.
    addEventListener("pageshow", ({ persisted }) => persisted && this.#retry());
  }

  /** Keep a connection for this conversation from now on. */
  open(session: string): void {
    this.#session = session;
    if (this.#socket) {
      if (this.#socket.connected) void this.#introduce();
      return;
    }
    const socket = io(this.#server, {
      // A WebSocket where there is one; proxies that let none through still take polling.
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelayMax: SLOWEST_RECONNECT_MS,
    });
    this.#socket = socket;
    socket.on("connect", () => void this.#introduce());
    socket.on("disconnect", (reason) => {
      // A server that stops says goodbye, and Socket.IO takes that as final.
      if (reason === "io server disconnect") setTimeout(() => this.#retry(), GOODBYE_MS);
      this.#listener.lost();
    });
    socket.on("bot_uttered", (message: unknown) => this.#listener.spoken(message));
    socket.on("news", (news: unknown) => this.#listener.told(this.#session, news));
  }

  /**
   * Hand one message over and wait for the answer, a list of messages.
   *
   * What the socket does not deliver, or not soon, goes by REST: the server hears an id once.
   * @throws Failure
   */
  async deliver(envelope: Envelope): Promise<unknown> {
    const post = () => this.#post("webhooks/rest/webhook", envelope);
    if (!this.#socket?.connected) return post();
    const spoken = this.#utter(envelope);
    let timer = 0;
    const late = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, SOCKET_ALONE_MS)));
    try {
      const answer = await Promise.race([spoken, late]);
      if (answer !== undefined) return answer;
    } catch (error) {
      if (!(error instanceof Failure) || error.reason !== "offline") throw error;
      return post();
    } finally {
      clearTimeout(timer);
    }
    try {
      return await Promise.any([spoken, post()]);
    } catch (error) {
      const failures = (error as AggregateError).errors as Failure[];
      throw failures.find(({ reason }) => reason !== "offline") ?? failures[0];
    }
  }

  /** Ask what staff wrote, where no connection tells it. @throws Failure */
  async look(): Promise<void> {
    const sender = this.#session;
    if (sender === "" || this.#socket?.connected) return;
    this.#listener.told(sender, await this.#post("widget/news", { sender, news: this.#listener.known() }));
  }

  /** Delete a conversation on the server. @throws Failure */
  async erase(sender: string): Promise<void> {
    await this.#post("widget/erase", { sender });
  }

  /** The clinic's name, numbers and first line; null when the server does not say. */
  async config(): Promise<Record<string, unknown> | null> {
    try {
      const response = await fetch(this.#address("widget/config"), { credentials: "omit" });
      const data: unknown = response.ok ? await response.json() : null;
      return isObject(data) ? data : null;
    } catch {
      return null;
    }
  }

  /** Whether the server is there but will not talk to pages of this site. */
  async refusesThisSite(): Promise<boolean> {
    if (new URL(this.#server).origin === location.origin) return false;
    try {
      // Any page may ask for the script; only what can be read of the answer is restricted.
      await fetch(this.#address("widget.js"), { method: "HEAD", mode: "no-cors", credentials: "omit" });
      return true;
    } catch {
      return false;
    }
  }

  async #utter({ sender: _, ...event }: Envelope): Promise<unknown> {
    const answer = await this.#ask("user_uttered", event);
    if (isObject(answer) && "messages" in answer) return answer.messages ?? null;
    const { error, message, retry_after } = isObject(answer) ? answer : {};
    // The socket was not introduced yet, so this way does not lead to the server.
    if (error === "no_session") throw new Failure("offline");
    throw refusal(error, error === "too_fast", message, retry_after);
  }

  async #introduce(): Promise<void> {
    try {
      await this.#ask("session_request", { session_id: this.#session, news: this.#listener.known() });
      this.#listener.connected();
    } catch {
      // The socket broke again; the next connection asks anew.
    }
  }

  async #ask(event: string, data: unknown): Promise<unknown> {
    const socket = this.#socket;
    if (!socket?.connected) throw new Failure("offline");
    const gone = new AbortController();
    const broken = new Promise<never>((_, reject) => {
      const fail = () => reject(new Failure("offline"));
      socket.once("disconnect", fail);
      gone.signal.addEventListener("abort", () => socket.off("disconnect", fail));
    });
    try {
      const answered = socket.timeout(PATIENCE_MS).emitWithAck(event, data);
      return await Promise.race([answered, broken]);
    } catch (error) {
      throw error instanceof Failure ? error : new Failure("slow");
    } finally {
      gone.abort();
    }
  }

  async #post(path: string, body: object): Promise<unknown> {
    let response: Response;
    let text: string;
    const signal = AbortSignal.timeout(PATIENCE_MS);
    try {
      response = await fetch(this.#address(path), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        signal,
      });
      // The body may also break off in the middle.
      text = await response.text();
    } catch {
      throw new Failure(signal.aborted ? "slow" : "offline");
    }
    let data: unknown = null;
    try {
      data = JSON.parse(text);
    } catch {
      throw new Failure("server");
    }
    if (response.ok) return data;
    const { error, message } = isObject(data) ? data : {};
    const passing = response.status >= 500 || response.status === 429;
    throw refusal(error, passing, message, response.headers.get("Retry-After"));
  }

  #address(path: string): string {
    return new URL(path, this.#server).href;
  }

  #retry(): void {
    if (this.#socket && !this.#socket.connected) this.#socket.connect();
  }
}

/** Only the server's own word says that it will never take a message. */
function refusal(error: unknown, passing: boolean, sentence: unknown, seconds: unknown): Failure {
  const reason = words(error) === "" || passing ? "server" : "refused";
  return new Failure(reason, words(sentence), null, 1000 * (Number(seconds) || 0));
}
