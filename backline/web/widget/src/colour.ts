/** The clinic's colour, made readable: WCAG 2.2 asks 4.5:1 of text, in light and in dark. */

const READABLE = 4.5;
const STEPS = 40;

export type Rgb = readonly [number, number, number];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
const DARK_SURFACE: Rgb = [20, 33, 37];

/** The accent colours as custom properties of the style sheet, or null for no colour. */
export function accentProperties(colour: string, probe: HTMLElement): Record<string, string> | null {
  const rgb = parsed(colour, probe);
  if (!rgb) return null;
  const light = shifted(rgb, BLACK, (shade) => contrast(shade, WHITE) >= READABLE);
  const dark = shifted(rgb, WHITE, (tint) => contrast(tint, DARK_SURFACE) >= READABLE + 1);
  const mine = shifted(rgb, BLACK, (shade) => contrast(shade, WHITE) >= READABLE);
  return {
    "--accent-light": css(light),
    "--accent-light-strong": css(mixed(light, BLACK, 0.22)),
    "--accent-light-soft": css(mixed(light, WHITE, 0.88)),
    "--accent-dark": css(dark),
    "--accent-dark-strong": css(mixed(dark, WHITE, 0.3)),
    "--accent-dark-soft": css(mixed(dark, DARK_SURFACE, 0.82)),
    "--accent-dark-on": css(contrast(dark, BLACK) >= READABLE ? BLACK : WHITE),
    "--accent-dark-mine": css(mixed(mine, BLACK, 0.2)),
  };
}

/** The ratio of WCAG 2.2, from 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

/** The colour itself if it will do, or the nearest on the way to another that does. */
export function shifted(colour: Rgb, towards: Rgb, does: (colour: Rgb) => boolean): Rgb {
  for (let step = 0; step < STEPS; step++) {
    const candidate = mixed(colour, towards, step / STEPS);
    if (does(candidate)) return candidate;
  }
  return towards;
}

function mixed(colour: Rgb, other: Rgb, share: number): Rgb {
  const part = (index: 0 | 1 | 2) => Math.round(colour[index] + (other[index] - colour[index]) * share);
  return [part(0), part(1), part(2)];
}

function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Any CSS colour that the browser writes as rgb(): names, hexadecimal, hsl(). */
function parsed(colour: string, probe: HTMLElement): Rgb | null {
  if (!CSS.supports("color", colour)) return null;
  probe.style.color = colour;
  const found = /^rgba?\((\d+), (\d+), (\d+)/.exec(getComputedStyle(probe).color);
  probe.style.color = "";
  return found ? [Number(found[1]), Number(found[2]), Number(found[3])] : null;
}

function css(colour: Rgb): string {
  return `rgb(${colour.join(" ")})`;
}
