/** The page: shows the conversation, sends answers, keeps focus where the person needs it. */

import { answerControls, starter } from "./answers.js";
import { Conversation, unguessable } from "./conversation.js";
import { callLink, element, paragraphs, telephone } from "./elements.js";
import { exchange, Failure } from "./exchange.js";
import { isEmergency, resultCard } from "./result.js";
import { WORDS } from "./words.js";

const MOST_CHARACTERS = 4000;
const WARN_BELOW = 300;
const TYPING_AFTER_MS = 250;
const LONG_WAIT_MS = 8_000;
const PATIENCE_FOR_CLINIC_MS = 1_500;

const byId = (id) => document.getElementById(id);
const log = byId("log");
const scroller = byId("scroller");
const message = byId("message");
const status = byId("status");

const clinic = { numbers: [], emergency: "", crisis: "", phone: "", opening: WORDS.opening };
const conversation = new Conversation();
/** Ends the request under way; null while nothing is. */
let waiting = null;
let controls = null;

// ---- What is shown ------------------------------------------------------------------------------

function bubble(entry, note = "") {
  const mine = entry.author === "you";
  const body = entry.result
    ? [resultCard(entry, clinic)]
    : mine
      ? [element("p", { dir: "auto" }, entry.text)]
      : paragraphs(entry.text, clinic.numbers);
  return element(
    "article",
    { class: `message message-${entry.author}${entry.result ? " message-result" : ""}` },
    element("span", { class: "visually-hidden" }, mine ? WORDS.you : WORDS.assistant),
    element("div", { class: "bubble" }, ...body),
    element(
      "p",
      { class: "meta" },
      entry.time ? clock(new Date(entry.time)) : "",
      note ? element("span", { class: "note" }, note) : "",
    ),
  );
}

function clock(time) {
  const shown = time.toLocaleTimeString(document.documentElement.lang, {
    hour: "numeric",
    minute: "2-digit",
  });
  return element("time", { datetime: time.toISOString() }, shown);
}

/** Of messages within one minute, only the last shows it. */
function tidyTimes() {
  const times = [...log.querySelectorAll("time")];
  times.forEach((time, index) => {
    time.hidden = time.textContent === times[index + 1]?.textContent;
  });
}

function opening() {
  return bubble({ author: "assistant", text: clinic.opening, time: 0 });
}

/** Draw everything anew, silently: nothing here is news to the person. */
function drawAll() {
  log.setAttribute("aria-live", "off");
  log.replaceChildren(
    opening(),
    ...conversation.entries.map((entry) => bubble(entry)),
  );
  if (conversation.unsent) drawUnsent();
  drawAnswer();
  tidyTimes();
  // Screen readers take what is there when the log comes alive as read.
  requestAnimationFrame(() => requestAnimationFrame(() => log.setAttribute("aria-live", "polite")));
}

function drawAnswer() {
  controls = null;
  const started = conversation.entries.length > 0 || conversation.unsent;
  if (!started) controls = starter(send);
  else if (conversation.question && !conversation.unsent && !waiting) {
    controls = answerControls(conversation.question, send);
  }
  byId("answer").replaceChildren(...(controls ? [controls.node] : []));
}

function drawUnsent() {
  const { text, time, reason, sentence, retry } = conversation.unsent;
  log.append(bubble({ author: "you", text, time }, WORDS.notSent));
  log.lastElementChild.classList.add("message-unsent");
  tidyTimes();
  drawProblem(sentence || WORDS.failed[reason] || WORDS.failed.server, retry, sentence === "");
}

function drawProblem(sentence, retry, addPhone) {
  const button = retry
    ? element("button", { type: "button", class: "primary", onclick: sendAgain }, WORDS.tryAgain)
    : null;
  const more = addPhone && clinic.phone ? ` ${WORDS.call(clinic.phone)}` : "";
  byId("problem").replaceChildren(...paragraphs(sentence + more, clinic.numbers), ...(button ? [button] : []));
}

function clearProblem() {
  byId("problem").replaceChildren();
  log.querySelector(".message-unsent")?.remove();
}

// ---- Sending ------------------------------------------------------------------------------------

function send(text) {
  const words = text.trim();
  if (words === "" || waiting) return;
  clearProblem();
  deliver({ text: words, id: unguessable(), time: Date.now() });
}

function sendAgain() {
  if (waiting || !conversation.unsent) return;
  const { text, id, time } = conversation.unsent;
  clearProblem();
  deliver({ text, id, time });
}

async function deliver({ text, id, time }) {
  const request = new AbortController();
  waiting = request;
  const shown = bubble({ author: "you", text, time });
  log.append(shown);
  tidyTimes();
  // Kept as unsent until the answer is here: a page closed in between can offer it again.
  conversation.update({
    unsent: { text, id, time, reason: "interrupted", sentence: "", retry: true },
  });
  drawAnswer();
  keepFocus();
  showWaiting(true);
  scrollToEnd();
  try {
    const body = { sender: conversation.id, message: text, message_id: id };
    const { entries, question } = await exchange(body, request.signal);
    finish(request);
    conversation.update({ unsent: null, question });
    conversation.add([{ author: "you", text, time }]);
    show(entries);
    drawAnswer();
    focusNext(entries);
  } catch (error) {
    if (request.signal.aborted) return;
    finish(request);
    if (!(error instanceof Failure)) throw error;
    fail(error, { text, id, time }, shown);
  }
}

function fail(failure, { text, id, time }, shown) {
  shown.remove();
  if (failure.entries.length) show(failure.entries);
  const { reason, sentence, retry } = failure;
  conversation.update({ unsent: { text, id, time, reason, sentence, retry } });
  drawUnsent();
  if (!retry) takeBack(text);
  scrollToEnd();
  (byId("problem").querySelector("button") ?? message).focus();
}

/** What the server does not take as it is goes back into the box, to be changed. */
function takeBack(text) {
  conversation.update({ unsent: null });
  log.querySelector(".message-unsent")?.remove();
  if (message.value.trim() === "") message.value = text;
  typed();
  drawAnswer();
}

function finish(request) {
  if (waiting === request) waiting = null;
  showWaiting(false);
}

function show(entries) {
  const from = conversation.entries.length;
  conversation.add(entries);
  for (const entry of conversation.entries.slice(from)) {
    log.append(bubble(entry));
    if (isEmergency(entry)) byId("alert").textContent = entry.text.split("\n")[0];
  }
  tidyTimes();
}

let timers = [];
function showWaiting(on) {
  timers.forEach(clearTimeout);
  timers = [];
  scroller.setAttribute("aria-busy", String(on));
  byId("send").setAttribute("aria-disabled", String(on));
  if (!on) {
    byId("typing").hidden = true;
    status.textContent = "";
    return;
  }
  timers = [
    setTimeout(() => {
      byId("typing").hidden = false;
      status.textContent = WORDS.typing;
      scrollToEnd();
    }, TYPING_AFTER_MS),
    setTimeout(() => {
      status.textContent = WORDS.stillTyping;
    }, LONG_WAIT_MS),
  ];
}

// ---- Focus and scrolling ------------------------------------------------------------------------

/** The control just used is gone from the page; without this, focus would fall to the body. */
function keepFocus() {
  if (document.activeElement === document.body || document.activeElement === null) {
    scroller.focus({ preventScroll: true });
  }
}

function focusNext(entries) {
  const result = entries.findLastIndex((entry) => entry.result);
  if (result >= 0) {
    const cards = log.querySelectorAll(".result");
    const card = cards[cards.length - 1];
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "start", behavior: "auto" });
    return;
  }
  // Whoever is writing already is not pulled away.
  if (document.activeElement === message && message.value !== "") return scrollToEnd();
  showNewest(entries.length);
  if (controls) controls.focus();
  else message.focus({ preventScroll: true });
}

/** A long answer, such as a checklist, is shown from its first line. */
function showNewest(count) {
  const first = log.children[log.children.length - count];
  const room = scroller.clientHeight;
  const height = scroller.scrollHeight - first.offsetTop;
  if (height > room) first.scrollIntoView({ block: "start" });
  else scrollToEnd();
}

function scrollToEnd() {
  scroller.scrollTop = scroller.scrollHeight;
  if (scroller.scrollHeight <= scroller.clientHeight + 1) {
    byId("answer").scrollIntoView({ block: "nearest" });
  }
}

// ---- The message box ----------------------------------------------------------------------------

/** Characters as the server counts them: an emoji is one. */
function tooManyBy() {
  return [...message.value.trim()].length - MOST_CHARACTERS;
}

function typed() {
  const over = tooManyBy();
  const limit = byId("limit");
  limit.textContent = over > 0 ? WORDS.tooLong(over) : over > -WARN_BELOW ? WORDS.left(-over) : "";
  limit.classList.toggle("wrong", over > 0);
  message.toggleAttribute("aria-invalid", false);
  if (over > 0) message.setAttribute("aria-invalid", "true");
  message.style.height = "auto";
  message.style.height = `${message.scrollHeight + 2}px`;
}

function submit() {
  if (waiting || message.value.trim() === "" || tooManyBy() > 0) {
    message.focus();
    return;
  }
  const text = message.value;
  message.value = "";
  conversation.update({ draft: "" });
  typed();
  message.focus({ preventScroll: true });
  send(text);
}

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});

message.addEventListener("input", () => {
  typed();
  conversation.update({ draft: message.value });
});

message.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (!event.repeat) submit();
});

// ---- Starting again -----------------------------------------------------------------------------

const dialog = byId("restart-dialog");

byId("restart").addEventListener("click", () => {
  if (conversation.entries.length || conversation.unsent) dialog.showModal();
  else startAgain();
});
byId("restart-cancel").addEventListener("click", () => dialog.close());
byId("restart-confirm").addEventListener("click", () => {
  dialog.close();
  startAgain();
});

function startAgain() {
  waiting?.abort();
  waiting = null;
  showWaiting(false);
  clearProblem();
  byId("alert").textContent = "";
  conversation.startAgain();
  message.value = "";
  typed();
  drawAll();
  scroller.scrollTop = 0;
  message.focus();
}

// ---- The clinic ---------------------------------------------------------------------------------

async function loadClinic() {
  try {
    const response = await fetch("page-config", { credentials: "same-origin" });
    if (!response.ok) return;
    introduce(await response.json());
  } catch {
    // Without it the page has no name and numbers, but the chat works.
  }
}

function introduce(config) {
  const text = (name) => (typeof config?.[name] === "string" ? config[name].trim() : "");
  clinic.emergency = text("emergency_number");
  clinic.crisis = text("crisis_line");
  clinic.phone = text("phone");
  clinic.numbers = [clinic.emergency, clinic.crisis, clinic.phone, text("health_line")].filter(telephone);
  clinic.opening = text("opening") || clinic.opening;
  document.title = text("title") || document.title;
  if (/^[a-z]{2,3}(-[A-Za-z0-9]+)*$/.test(text("language"))) document.documentElement.lang = text("language");
  byId("clinic-name").textContent = text("clinic_name");
  dialable(byId("emergency-link"), clinic.emergency, byId("emergency-number"));
  dialable(byId("phone-link"), clinic.phone);
  dialable(byId("footnote-phone"), clinic.phone);
}

function dialable(link, number, label = link) {
  const href = telephone(number);
  if (href) link.href = href;
  label.textContent = number;
  link.hidden = number === "";
}

// ---- Beginning ----------------------------------------------------------------------------------

const introduced = loadClinic();
// A slow answer must not keep anybody from writing; the name and numbers then come later.
await Promise.race([introduced, new Promise((resolve) => setTimeout(resolve, PATIENCE_FOR_CLINIC_MS))]);
message.value = conversation.draft ?? "";
typed();
drawAll();
scrollToEnd();
await introduced;
log.firstElementChild.replaceWith(opening());
