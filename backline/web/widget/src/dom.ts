/** Building elements. Text from outside only ever becomes text nodes. */

type Child = Node | string | null;
type Properties = Record<string, string | number | boolean | null | undefined | ((event: never) => void)>;

/** An element with attributes, `on…` listeners and children; null children are left out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value as EventListener);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child): child is Node | string => child !== null));
  return node;
}

/** A line drawing in the colour of the text around it. */
export function icon(path: string, size = 20): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const line = document.createElementNS(space, "path");
  const draw = (node: Element, attributes: Record<string, string>) => {
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  };
  draw(svg, {
    viewBox: "0 0 24 24",
    width: String(size),
    height: String(size),
    "aria-hidden": "true",
    focusable: "false",
  });
  draw(line, {
    d: path,
    fill: "none",
    stroke: "currentColor",
    "stroke-width": "2.1",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
  });
  svg.append(line);
  return svg;
}

/** A `tel:` address, or null if the words hold no number to dial ("your nurse line"). */
export function telephone(words: string): string | null {
  const dialled = words.replace(/[^\d+]/g, "");
  return /^\+?\d{3,15}$/.test(dialled) ? `tel:${dialled}` : null;
}

/** A link to dial, or plain text if there is nothing to dial. */
export function callLink(number: string, label = number, properties: Properties = {}): Node {
  const href = telephone(number);
  return href ? element("a", { href, ...properties }, label) : document.createTextNode(label);
}

/**
 * Paragraphs of a message, with links for https addresses, e-mail addresses and the clinic's own
 * telephone numbers. No other kind of address becomes a link.
 */
export function paragraphs(text: string, numbers: string[]): HTMLElement[] {
  return parts(text).map((part) => element("p", { dir: "auto" }, ...linked(part, numbers)));
}

/** What blank lines divide. */
export function parts(text: string): string[] {
  return text
    .split(/\n[^\S\n]*\n/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** A text in pieces, some of them links. */
export function linked(text: string, numbers: string[]): (Node | string)[] {
  const known = numbers.filter((number) => telephone(number)).map(escaped);
  // Longer numbers first, so that "000" is not found inside "000 111".
  known.sort((a, b) => b.length - a.length);
  const address = "https://[^\\s<>\"']+";
  const mail = "[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+";
  const number = known.length ? `|(?<![\\d+])(?:${known.join("|")})(?!\\d)` : "";
  const pieces: (Node | string)[] = [];
  let from = 0;
  for (const match of text.matchAll(new RegExp(`${address}|${mail}${number}`, "gi"))) {
    const word = match[0].replace(/[.,;:!?)\]]+$/, "");
    pieces.push(text.slice(from, match.index), link(word, numbers));
    from = match.index + word.length;
  }
  pieces.push(text.slice(from));
  return pieces.filter((piece) => piece !== "");
}

function link(word: string, numbers: string[]): Node | string {
  if (numbers.includes(word)) return callLink(word);
  if (!/^https:/i.test(word)) return element("a", { href: `mailto:${word}` }, word);
  if (!URL.canParse?.(word)) return word;
  return element("a", { href: word, target: "_blank", rel: "noopener noreferrer" }, word);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
