/** Building the page's elements. Text from outside only ever becomes text nodes. */

/**
 * @param {string} tag
 * @param {Record<string, unknown>} [properties] `class`, `on…` listeners, attributes
 * @param {...(Node | string | null)} children
 */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** A `tel:` address, or null if the words hold no number to dial ("your nurse line"). */
export function telephone(words) {
  const dialled = String(words ?? "").replace(/[^\d+]/g, "");
  return /^\+?\d{3,15}$/.test(dialled) ? `tel:${dialled}` : null;
}

/** A link to dial, or plain text if there is nothing to dial. */
export function callLink(number, label = number, properties = {}) {
  const href = telephone(number);
  return href ? element("a", { href, ...properties }, label) : document.createTextNode(label);
}

/**
 * Paragraphs of a message, with links for https addresses, e-mail addresses and the clinic's own
 * telephone numbers. No other kind of address becomes a link.
 * @param {string} text
 * @param {string[]} numbers
 */
export function paragraphs(text, numbers) {
  return text
    .split(/\n[^\S\n]*\n/)
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => element("p", { dir: "auto" }, ...linked(part, numbers)));
}

/** @returns {(Node | string)[]} */
export function linked(text, numbers) {
  const known = numbers.filter((number) => telephone(number)).map(escaped);
  // Longer numbers first, so that "000" is not found inside "000 111".
  known.sort((a, b) => b.length - a.length);
  const address = "https://[^\\s<>\"']+";
  const mail = "[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+";
  const number = known.length ? `|(?<![\\d+])(?:${known.join("|")})(?!\\d)` : "";
  const pieces = [];
  let from = 0;
  for (const match of text.matchAll(new RegExp(`${address}|${mail}${number}`, "gi"))) {
    const word = match[0].replace(/[.,;:!?)\]]+$/, "");
    pieces.push(text.slice(from, match.index), link(word, numbers));
    from = match.index + word.length;
  }
  pieces.push(text.slice(from));
  return pieces.filter((piece) => piece !== "");
}

function link(word, numbers) {
  if (numbers.includes(word)) return callLink(word);
  if (!/^https:/i.test(word)) return element("a", { href: `mailto:${word}` }, word);
  if (!isHttps(word)) return word;
  return element("a", { href: word, target: "_blank", rel: "noopener noreferrer" }, word);
}

function isHttps(address) {
  try {
    return new URL(address).protocol === "https:";
  } catch {
    return false;
  }
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
