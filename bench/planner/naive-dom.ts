/** A naive parser of XML, to compare with: the whole text as one string, and an object for each element. */

interface Element {
  readonly name: string;
  readonly children: Element[];
  text: string;
}

/** The root of the document. Throws where tags do not match. */
export function parseDom(text: string): Element {
  const top: Element = { name: '', children: [], text: '' };
  const open: Element[] = [top];
  for (const [, closing, name = '', run = ''] of text.matchAll(/<(\/?)([A-Za-z0-9_.-]+)>([^<]*)/g)) {
    const inner = open.at(-1) ?? top;
    if (closing === '/') {
      if (inner.name !== name) throw new Error(`</${name}> closes <${inner.name}>`);
      open.pop();
    } else {
      const element: Element = { name, children: [], text: resolve(run) };
      inner.children.push(element);
      open.push(element);
    }
  }
  return top.children[0] ?? top;
}

function resolve(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}
