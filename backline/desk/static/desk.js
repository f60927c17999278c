// What a page of the desk cannot do without a script of its own: print, and hear that there is
// something new. What is new comes by htmx, which the event "news" starts.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

const SILENT_MS = 40_000; // The server beats every 15 s: a stream that says nothing is held back.
const AGAIN_MS = 60_000;

function follow(address, askEveryMs) {
  let source, opened, heard;
  const ask = () => document.body.dispatchEvent(new Event("news"));
  const open = () => {
    opened = Date.now();
    source = new EventSource(address);
    source.addEventListener("news", () => { heard = Date.now(); ask(); });
    source.addEventListener("beat", () => { heard = Date.now(); });
    source.addEventListener("error", () => { heard = 0; });
  };
  heard = 0;
  open();
  setInterval(() => {
    if (Date.now() - heard < SILENT_MS) return;
    // No stream gets through, or the server has too many: the page asks by itself meanwhile.
    ask();
    if (source.readyState === EventSource.CLOSED && Date.now() - opened > AGAIN_MS) open();
  }, askEveryMs);
}

const { live, askEvery } = document.body.dataset;
if (live) follow(live, 1000 * Number(askEvery));
