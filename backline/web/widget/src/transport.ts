/** The way to the server: Socket.IO, and REST where that does not get through. */

import { io, type Socket } from "socket.io-client";
import { Failure, isObject, words } from "./protocol";

const PATIENCE_MS = 60_000;
const SLOWEST_RECONNECT_MS = 8_000;
const GOODBYE_MS = 1_000;

/** One message as both ways carry it. */
export interface Envelope {
  sender: string;
  message: string;
  message_id: string;
}

export interface Listener {
  /** The connection is there (again). */
  connected(): void;
  /** The connection broke. */
  lost(): void;
  /** The server speaks without having been asked. */
  spoken(message: unknown): void;
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
  }

  /**
   * Hand one message over and wait for the answer, a list of messages.
   * @throws Failure
   */
  async deliver(envelope: Envelope): Promise<unknown> {
    if (this.#socket?.connected) {
      const { sender: _, ...event } = envelope;
      const answer: unknown = await this.#ask("user_uttered", event);
      if (isObject(answer) && "messages" in answer) return answer.messages;
      const { error, message } = isObject(answer) ? answer : {};
      // As 429 over REST: the message is kept, to be sent again later.
      throw new Failure(error === "too_fast" ? "server" : "refused", words(message));
    }
    return this.#post("webhooks/rest/webhook", envelope);
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

  async #introduce(): Promise<void> {
    try {
      await this.#ask("session_request", { session_id: this.#session });
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
    const refused = response.status < 500 && response.status !== 429;
    throw new Failure(refused ? "refused" : "server", isObject(data) ? words(data.message) : "");
  }

  #address(path: string): string {
    return new URL(path, this.#server).href;
  }

  #retry(): void {
    if (this.#socket && !this.#socket.connected) this.#socket.connect();
  }
}
