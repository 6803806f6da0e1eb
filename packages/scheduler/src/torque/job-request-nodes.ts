/**
 * The grammar of `-l nodes=`, as pbs_server reads it:
 *
 *     spec     = part *("+" part) *("#" property *(":" property))
 *     part     = (count / host / property) *(":" element)
 *     element  = "ppn=" count / "gpus=" count *(":" gpu mode) / property
 *
 * What follows a `#` holds for every part. So `2#shared` and `1#excl` ask 6.1.3 for nodes that have the
 * *property* `shared` or `excl` ("Not enough of the right type of nodes are available" where none has).
 * Sites with a patched server (`#excl` for a node of one's own, `^x` for nodes without x, brackets,
 * sizes such as `mem=4gb` in a part) mean something else by their spelling: `#` is read as TORQUE reads
 * it, the others are named.
 */
import { quote } from '@mesos-torque/common/text.ts';
import { grouped } from '@mesos-torque/common/units.ts';
import type { NodeRequest } from '../core/facts.ts';
import {
  countOf,
  isHostWord,
  isNotUnderstood,
  isProperty,
  noCount,
  notUnderstood,
  type NotUnderstood,
} from './job-request-words.ts';

const partsMax = 10_000;

/** The value of `-l nodes=`: `4:ppn=8:bigmem+node7.example.org:ppn=2`. */
export function parseNodes(text: string): readonly NodeRequest[] | NotUnderstood {
  const odd = /[[\](){}|&^%!*\s]/.exec(text);
  if (odd !== null) return notUnderstood(text, whyOdd(odd[0]));
  const [spec = '', ...forAll] = text.split('#');
  const common = forAll.flatMap((words) => words.split(':'));
  const wrong = common.find((word) => !isProperty(word));
  if (wrong !== undefined) return notUnderstood(text, `has ${quote(wrong)} after "#", which is no property`);
  const pieces = spec.split('+');
  if (pieces.length > partsMax) return notUnderstood(text, `has more than ${grouped(partsMax)} parts`);
  const parts: NodeRequest[] = [];
  for (const piece of pieces) {
    const part = parsePart(piece);
    if (isNotUnderstood(part)) return part;
    parts.push(common.length === 0 ? part : { ...part, properties: [...part.properties, ...common] });
  }
  return parts;
}

function whyOdd(character: string): string {
  switch (character) {
    case '^':
    case '!':
      return `has ${quote(character)} in it: nodes without something are a site's own extension`;
    case '|':
      return 'has "|" in it: a choice of requests is for Cray systems';
    default:
      return `has ${quote(character)} in it, which is not of TORQUE's grammar`;
  }
}

interface Draft {
  readonly part: NodeRequest;
  /** Words that follow `gpus=` may be modes of the gpus. */
  readonly hasGpus: boolean;
}

function parsePart(piece: string): NodeRequest | NotUnderstood {
  const [first = '', ...others] = piece.split(':');
  const isCount = /^[0-9]+$/.test(first);
  const count = isCount ? countOf(first) : 1;
  if (count === null) return notUnderstood(piece, noCount);
  // TORQUE takes a node's name for one of its properties. A name with a dot is surely a host; whether
  // another word is one depends on the nodes that there are, which the planner knows.
  const isHost = !isCount && first.includes('.') && !first.includes('=');
  if (isHost && !isHostWord(first)) {
    return notUnderstood(piece, `has ${quote(first)} in it, which is no host name`);
  }
  const host = isHost ? first.toLowerCase() : null;
  let draft: Draft = { part: { count, ppn: 1, gpus: 0, properties: [], host }, hasGpus: false };
  for (const element of isCount || isHost ? others : [first, ...others]) {
    const next = withElement(draft, element);
    if (isNotUnderstood(next)) return notUnderstood(piece, next.why);
    draft = next;
  }
  return draft.part;
}

/** Modes of gpus, which pbs_server sets and which say nothing about which node does. */
const gpuModes: ReadonlySet<string> = new Set([
  'exclusive_thread',
  'exclusive',
  'exclusive_process',
  'default',
  'shared',
  'reseterr',
]);

function withElement({ part, hasGpus }: Draft, element: string): Draft | NotUnderstood {
  const [key = '', value, ...more] = element.split('=');
  if (value === undefined) return withWord({ part, hasGpus }, element);
  const count = more.length === 0 ? countOf(value) : null;
  switch (key) {
    case 'ppn':
    case 'gpus':
      if (count === null) return notUnderstood(element, whyNoCount(element, value));
      return key === 'ppn'
        ? { part: { ...part, ppn: count }, hasGpus }
        : { part: { ...part, gpus: count }, hasGpus: true };
    case 'mics':
      return notUnderstood(element, `has ${quote(element)} in it: coprocessors cannot be had from Mesos`);
    default:
      return notUnderstood(element, `has ${quote(element)} in it, which is not of TORQUE's grammar`);
  }
}

function whyNoCount(element: string, value: string): string {
  return /^[0-9]+\.[0-9]+$/.test(value)
    ? `has ${quote(element)} in it: a part of a processor is a site's own extension`
    : `has ${quote(element)} in it, which ${noCount}`;
}

function withWord({ part, hasGpus }: Draft, word: string): Draft | NotUnderstood {
  if (hasGpus && gpuModes.has(word.toLowerCase())) return { part, hasGpus };
  if (!isProperty(word)) {
    return notUnderstood(word, `has ${quote(word)} in it, which is no property`);
  }
  return { part: { ...part, properties: [...part.properties, word] }, hasGpus };
}
