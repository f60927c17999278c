// What a page of the desk cannot do without a script of its own: print, hear that there is something
// new, and notify. What is new comes by htmx, which the event "news" starts.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

const SILENT_MS = 40_000; // The server beats every 15 s: a stream that says nothing is held back.
const AGAIN_MS = 60_000;
const { live, askEvery, notify } = document.body.dataset;

// Whether whoever is signed in asked for notifications in this browser; off until then.
const notifying = () =>
  Boolean(notify) && "Notification" in window && Notification.permission === "granted" &&
  localStorage.getItem(`notify-${notify}`) === "on";

function show(alert) {
  // Nothing but the reference. The same one from another page of the desk takes its place.
  const shown = new Notification(alert.title, { body: alert.reference, tag: alert.key });
  shown.addEventListener("click", () => {
    shown.close();
    // Beside the page that is open: somebody may be writing on it.
    window.open(`/desk/person/${alert.reference}`, "_blank", "noopener");
  });
}

function follow(address, askEveryMs) {
  let source, opened, heard;
  const ask = () => document.body.dispatchEvent(new Event("news"));
  const hear = (event) => {
    heard = Date.now();
    if (event.lastEventId) sessionStorage.setItem("told", event.lastEventId);
  };
  const open = () => {
    const told = sessionStorage.getItem("told");
    const after = told === null ? "" : `&after=${encodeURIComponent(told)}`;
    if (source) source.close();
    opened = Date.now();
    heard = 0;
    source = new EventSource(notifying() ? `${address}?alerts=1${after}` : address);
    source.addEventListener("news", (event) => { hear(event); ask(); });
    source.addEventListener("beat", hear);
    source.addEventListener("alert", (event) => { hear(event); show(JSON.parse(event.data)); });
    source.addEventListener("error", () => { heard = 0; });
  };
  open();
  setInterval(() => {
    if (Date.now() - heard < SILENT_MS) return;
    // No stream gets through, or the server has too many: the page asks by itself meanwhile.
    ask();
    if (source.readyState === EventSource.CLOSED && Date.now() - opened > AGAIN_MS) open();
  }, askEveryMs);
  return open;
}

const openAgain = live ? follow(live, 1000 * Number(askEvery)) : null;

for (const part of document.querySelectorAll("[data-notifications]")) {
  if (!("Notification" in window)) break;
  const [button, refused] = [part.querySelector("button"), part.querySelector("[data-refused]")];
  const tell = () => {
    button.setAttribute("aria-pressed", String(notifying()));
    refused.hidden = Notification.permission !== "denied";
  };
  button.addEventListener("click", async () => {
    const on = !notifying();
    if (on) await Notification.requestPermission();
    localStorage.setItem(`notify-${notify}`, on ? "on" : "off");
    sessionStorage.removeItem("told");
    tell();
    openAgain();
  });
  tell();
  part.hidden = false;
}
