/**
 * How fast OFFERS events are read and written: the generated code that the product uses, and protobufjs
 * by reflection, which is there for tests. On the recorded event that is largest, and on one of 1,000
 * offers made of the recorded ones.
 *
 * Processor time is measured, not time on the clock, so that other work on the machine disturbs less.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { schedulerStreams } from '../packages/common/src/testing/mesos-recordings.ts';
import { Event } from '../packages/proto/src/gen/mesos/v1/scheduler/scheduler.ts';

interface Codec {
  readonly name: string;
  readonly decode: (bytes: Uint8Array) => unknown;
  /** Encodes the message that these bytes hold; decoding them is not part of what is measured. */
  readonly encoderOf: (bytes: Uint8Array) => () => unknown;
}

const roundsDefault = 9;
/** One round works on about this many bytes, for as long as a few tens of milliseconds. */
const bytesPerRound = 8_000_000;

/** `args`: the number of rounds, 9 if left out; medians are printed. */
export function run(args: readonly string[]): Promise<void> {
  const rounds = Number(args[0] ?? roundsDefault);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1000) {
    throw new Error(`bench codec: rounds are a whole number from 1 to 1000, not ${String(args[0])}`);
  }
  const events = recordedOffers();
  console.log('event           bytes  codec                   decode µs    encode µs');
  for (const { name, bytes } of events) {
    for (const codec of [generated, reflection()]) {
      const times = Math.max(1, Math.round(bytesPerRound / bytes.length));
      const decodeUs = medianUs(rounds, times, () => codec.decode(bytes));
      const encodeUs = medianUs(rounds, times, codec.encoderOf(bytes));
      console.log(
        [
          name.padEnd(12),
          String(bytes.length).padStart(8),
          ` ${codec.name.padEnd(20)}`,
          decodeUs.toFixed(1).padStart(12),
          encodeUs.toFixed(1).padStart(12),
        ].join(' '),
      );
    }
  }
  return Promise.resolve();
}

const generated: Codec = {
  name: 'ts-proto (generated)',
  decode: (bytes) => Event.decode(bytes),
  encoderOf: (bytes) => {
    const event = Event.decode(bytes);
    return () => Event.encode(event).finish();
  },
};

function reflection(): Codec {
  const protos = path.join(path.dirname(fileURLToPath(import.meta.url)), '../protos');
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => path.join(protos, target);
  const type = root.loadSync('mesos/v1/scheduler/scheduler.proto').lookupType('mesos.v1.scheduler.Event');
  return {
    name: 'protobufjs',
    decode: (bytes) => type.decode(bytes),
    encoderOf: (bytes) => {
      const event = type.decode(bytes);
      return () => type.encode(event).finish();
    },
  };
}

function recordedOffers(): { readonly name: string; readonly bytes: Uint8Array }[] {
  const events = schedulerStreams()
    .filter(({ encoding }) => encoding === 'protobuf')
    .flatMap(({ records }) => records)
    .filter((record) => Event.decode(record).type === 'OFFERS');
  const largest = events.reduce((a, b) => (b.length > a.length ? b : a));
  const offers = events.flatMap((bytes) => Event.decode(bytes).offers?.offers ?? []);
  const many = Array.from({ length: 1000 }, (_, n) =>
    offers.slice(n % offers.length, (n % offers.length) + 1),
  ).flat();
  const event = Event.create({ type: 'OFFERS', offers: { offers: many } });
  return [
    { name: 'largest', bytes: largest },
    { name: '1,000 offers', bytes: Event.encode(event).finish() },
  ];
}

/** Processor time of one call, in microseconds: the median of the rounds, after one that is not counted. */
function medianUs(rounds: number, times: number, call: () => unknown): number {
  const perCall: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const before = process.cpuUsage();
    for (let n = 0; n < times; n += 1) call();
    const { user, system } = process.cpuUsage(before);
    if (round > 0) perCall.push((user + system) / times);
  }
  return perCall.sort((a, b) => a - b)[Math.floor(perCall.length / 2)] ?? 0;
}
