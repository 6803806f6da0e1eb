/** Whether text can be read on its ground, as WCAG counts it. */

/** WCAG's contrast of two colours. */
export function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((left, right) => right - left);
  return (light + 0.05) / (dark + 0.05);
}

/** Of "#rgb", "#rrggbb" or "rgb(r, g, b)". */
export function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = channels(colour.trim()).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(colour: string): readonly number[] {
  if (!colour.startsWith('#')) return (colour.match(/\d+/g) ?? []).map(Number);
  const digits = colour.length === 4 ? colour.replace(/[\da-f]/gi, '$&$&') : colour;
  return (digits.match(/[\da-f]{2}/gi) ?? []).map((pair) => Number.parseInt(pair, 16));
}
