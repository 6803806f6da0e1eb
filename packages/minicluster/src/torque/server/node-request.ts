/** The grammar of `-l nodes=`: `1:ppn=4:bigmem+node7.example.org:ppn=2+2`. */

export interface RequestPart {
  readonly count: number;
  readonly ppn: number;
  readonly gpus: number;
  /** Properties that a node must have; every node has its own name as one. */
  readonly properties: readonly string[];
}

/** Null where 6.1.3 says "Invalid Syntax". `#` gives properties to every part. */
export function parseNodeRequest(text: string): RequestPart[] | null {
  const [spec = '', ...everywhere] = text.split('#');
  const parts: RequestPart[] = [];
  for (const piece of spec.split('+')) {
    const part = parsePart([piece, ...everywhere].join(':'));
    if (part === null) return null;
    parts.push(part);
  }
  return parts;
}

function parsePart(text: string): RequestPart | null {
  const words = text.split(':');
  let count = 1;
  if (/^\d+$/.test(words[0] ?? '')) count = Number(words.shift());
  let ppn = 1;
  let gpus = 0;
  const properties: string[] = [];
  for (const word of words) {
    const number = /^(ppn|gpus|mics)=(\d{1,6})$/.exec(word);
    if (number?.[1] === 'ppn') ppn = Number(number[2]);
    else if (number?.[1] === 'gpus') gpus = Number(number[2]);
    else if (/^[A-Za-z][\w.-]*$/.test(word)) properties.push(word);
    else if (!['shared', 'excl', 'exclusive_thread', 'default'].includes(word)) return null;
  }
  return count > 0 && ppn > 0 ? { count, ppn, gpus, properties } : null;
}

export function nodesOf(parts: readonly RequestPart[]): number {
  return parts.reduce((sum, part) => sum + part.count, 0);
}

export function slotsOf(parts: readonly RequestPart[]): number {
  return parts.reduce((sum, part) => sum + part.count * part.ppn, 0);
}

/** [0,1,2,5] → "0-2,5", as in exec_host and in a node's `jobs`. */
export function slotRanges(slots: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const slot of [...slots].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.[1] === slot - 1) last[1] = slot;
    else ranges.push([slot, slot]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}
