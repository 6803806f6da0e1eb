/**
 * One `Resource_List`, and what it says about a job. Thousands of jobs share one, and then also the
 * request that is made of it: equal requests being one object lets later steps see that they are equal.
 */
import type { JobRequest } from '../core/facts.ts';
import { noAmounts, type CountedAmounts } from '../core/settings.ts';
import { countedAmounts } from './job-facts.ts';
import { parseJobRequest, type Requested } from './job-request.ts';
import { parseTimeS } from './sizes.ts';
import type { XmlReader } from './xml.ts';

export type Walltime =
  | { readonly kind: 'none' }
  | { readonly kind: 'time'; readonly seconds: number }
  | { readonly kind: 'wrong'; readonly text: string };

interface Entry {
  readonly name: string;
  readonly value: string;
}

const entriesMax = 200;
/** Of what is asked for beside one list; more are read anew. */
const requestsMax = 1024;

export class ResourceList {
  static readonly empty = new ResourceList([]);

  readonly entries: readonly Entry[];
  readonly walltime: Walltime;
  readonly counted: CountedAmounts;
  /** By what the job asks for beside the list, of which it seldom has any. */
  readonly #requests = new Map<string, JobRequest>();

  constructor(entries: readonly Entry[]) {
    this.entries = entries;
    this.walltime = walltimeIn(entries);
    this.counted = entries.length === 0 ? noAmounts : countedAmounts(entries);
  }

  /** Reads the element just entered. */
  static read(xml: XmlReader): ResourceList {
    const offset = xml.offset;
    const entries: Entry[] = [];
    while (xml.enter()) {
      const name = xml.name;
      if (entries.length === entriesMax || entries.some((known) => known.name === name)) {
        throw xml.errorAt(offset, `<${name}> is too much in one <Resource_List>, which begins`);
      }
      entries.push({ name, value: xml.text() });
    }
    return new ResourceList(entries);
  }

  /** What a job with this list asks for, beside which it asks for something else. */
  requestOf(beside: Omit<Requested, 'resources'>): JobRequest {
    const { taskRequest, extension, isExclusive } = beside;
    const isPlain = taskRequest === null && extension === null && !isExclusive;
    const key = isPlain ? '' : JSON.stringify([taskRequest, extension, isExclusive]);
    const known = this.#requests.get(key);
    if (known !== undefined) return known;
    const request = parseJobRequest({ resources: this.entries, ...beside });
    if (this.#requests.size >= requestsMax) this.#requests.clear();
    this.#requests.set(key, request);
    return request;
  }
}

function walltimeIn(entries: readonly Entry[]): Walltime {
  const text = entries.find(({ name }) => name === 'walltime')?.value;
  if (text === undefined) return { kind: 'none' };
  const seconds = parseTimeS(text);
  return seconds === null ? { kind: 'wrong', text } : { kind: 'time', seconds };
}
