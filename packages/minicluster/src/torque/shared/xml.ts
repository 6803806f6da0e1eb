/** XML as TORQUE prints it: no indentation, no attributes, everything on one line. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

export function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}
