/**
 * Saved offers: Mesos' own JSON, an array of offers or the OFFERS event that has it. What Mesos always
 * prints must be there, and of its kind; anything else is one error that names the place.
 */
import { z } from 'zod';
import { Offer } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { messageOf, quote } from '@mesos-torque/common/text.ts';
import type { OfferFacts } from '../core/facts.ts';
import { readOffer } from '../mesos/translate-offer.ts';
import { failed, readText, type Input } from './read-file.ts';

const fileBytesMax = 64 * 1024 * 1024;
const offersMax = 100_000;

const id = z.looseObject({ value: z.string() });
/** Whole numbers of Mesos may be written as text, and may be larger than a double holds exactly. */
const int64 = z.union([z.int(), z.string().regex(/^-?[0-9]{1,19}$/)]);
const range = z.looseObject({ begin: int64, end: int64 });
const valueType = z.enum(['SCALAR', 'RANGES', 'SET', 'TEXT']);
const value = z.looseObject({
  name: z.string(),
  type: valueType,
  scalar: z.looseObject({ value: z.number() }).nullish(),
  ranges: z.looseObject({ range: z.array(range) }).nullish(),
  set: z.looseObject({ item: z.array(z.string()) }).nullish(),
  text: z.looseObject({ value: z.string() }).nullish(),
});

const offer = z.looseObject({
  id,
  agent_id: id,
  framework_id: id.nullish(),
  hostname: z.string(),
  resources: z.array(value),
  attributes: z.array(value).nullish(),
  unavailability: z.looseObject({ start: z.looseObject({ nanoseconds: int64 }) }).nullish(),
});

export interface SavedOffers {
  readonly offers: readonly OfferFacts[];
  /** To whom they were made; null where there are none, or they do not say. */
  readonly frameworkId: string | null;
}

/** Reads offers as of `nowMs`. Never throws. */
export async function readOffersFile(file: string, nowMs: number): Promise<Input<SavedOffers>> {
  const text = await readText(file, fileBytesMax);
  if (!text.ok) return text;
  const parsed = parseJson(text.value);
  if (!parsed.ok) return failed(file, `${parsed.error}; save the offers as JSON`);
  const offers = readOffers(parsed.value, nowMs);
  return offers.ok ? offers : failed(file, offers.error);
}

function parseJson(text: string): Input<unknown> {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    const what = messageOf(error);
    return { ok: false, error: `this is not JSON (${quote(what, 200).slice(1, -1)})` };
  }
}

function readOffers(json: unknown, nowMs: number): Input<SavedOffers> {
  const list = listOf(json);
  if (!list.ok) return list;
  if (list.value.items.length > offersMax) {
    return {
      ok: false,
      error: `${list.value.items.length} offers are more than the ${offersMax} that are read`,
    };
  }
  const facts = new Map<string, OfferFacts>();
  let frameworkId: string | null = null;
  for (const [i, item] of list.value.items.entries()) {
    const where = `${list.value.where}[${i}]`;
    const read = readOne(item, where, nowMs);
    if (!read.ok) return read;
    const { offer: one } = read.value;
    if (facts.has(one.id)) {
      return { ok: false, error: `${where}: offer ${quote(one.id)} is there twice; leave one out` };
    }
    facts.set(one.id, one);
    frameworkId ??= read.value.frameworkId;
  }
  return { ok: true, value: { offers: [...facts.values()], frameworkId } };
}

interface Items {
  readonly items: readonly unknown[];
  /** For errors: `offers.offers`. */
  readonly where: string;
}

function listOf(json: unknown): Input<Items> {
  if (Array.isArray(json)) return { ok: true, value: { items: json, where: '' } };
  const event = z.looseObject({ type: z.string().optional() }).safeParse(json);
  if (event.success) {
    const { type } = event.data;
    if (type !== undefined && type !== 'OFFERS') {
      return {
        ok: false,
        error: `type: ${quote(type)} is another event; give the OFFERS event or its array of offers`,
      };
    }
    const offers = z.looseObject({ offers: z.looseObject({ offers: z.array(z.unknown()) }) }).safeParse(json);
    if (offers.success)
      return { ok: true, value: { items: offers.data.offers.offers, where: 'offers.offers' } };
  }
  return { ok: false, error: 'there are no offers in it; give the OFFERS event or its array of offers' };
}

function readOne(
  item: unknown,
  where: string,
  nowMs: number,
): Input<{ readonly offer: OfferFacts; readonly frameworkId: string | null }> {
  const checked = offer.safeParse(item);
  if (!checked.success)
    return { ok: false, error: `${issueOf(checked.error, item, where)}; save the offers again` };
  const read = readOffer(Offer.fromJSON(item), nowMs);
  if (!read.ok) return { ok: false, error: `${where}: ${read.why}; leave it out` };
  return { ok: true, value: { offer: read.facts, frameworkId: checked.data.framework_id?.value ?? null } };
}

/** The first thing that is wrong: the place, the value there, and what was wanted. */
function issueOf(error: z.ZodError, item: unknown, where: string): string {
  const issue = error.issues[0];
  const path = issue?.path ?? [];
  const place = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  const found: unknown = path.reduce<unknown>(
    (inner, step) => (inner as Record<PropertyKey, unknown> | undefined)?.[step],
    item,
  );
  return `${where}${place}: ${shown(found)} is not possible: ${wantedOf(issue)}`;
}

function shown(found: unknown): string {
  if (found === undefined) return 'nothing';
  return typeof found === 'string' ? quote(found) : quote(JSON.stringify(found)).slice(1, -1);
}

function wantedOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'invalid_type') return `${issue.expected} is expected`;
  if (issue?.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')} is expected`;
  return issue?.message.toLowerCase() ?? 'something else is expected';
}
