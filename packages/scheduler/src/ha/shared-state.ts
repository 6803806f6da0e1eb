/**
 * The durable state in ZooKeeper, where the next leader finds it. Each write names the version it is to
 * replace: one who was a leader and writes after another has, is refused by ZooKeeper itself.
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { sleep, type Clock } from '@mesos-torque/common/clock.ts';
import { messageOf } from '@mesos-torque/common/text.ts';
import type { DurableState, Outcome, Problem, StatePort } from '../loop/ports.ts';
import { readStateText, stateText } from '../loop/state-text.ts';
import type { ZooData } from '../zookeeper/session.ts';
import type { Reign } from './election.ts';

/** What the znode may hold when unpacked. Tens of thousands of nodes need less. Bytes. */
const textBytesMax = 64 * 1024 * 1024;
/** Between two attempts to read the state at the beginning of a reign. Milliseconds. */
const retryMs = 250;

const packed = promisify(gzip);
const unpacked = promisify(gunzip);

export interface SharedStateOptions {
  readonly reign: Pick<Reign, 'session' | 'mayAct' | 'end'>;
  readonly path: string;
  /** What a scheduler without ZooKeeper has left behind; it is taken when there is nothing in ZooKeeper yet. */
  readonly first: () => Promise<DurableState | null>;
  readonly clock: Clock;
}

/** To be loaded before it is saved. Finding another's state in place of ours ends the reign. */
export function sharedState({ reign, path, first, clock }: SharedStateOptions): StatePort {
  const { session } = reign;
  const znode = `${path}/state`;
  /** The version that we know; null while there is no znode. */
  let known: number | null = null;
  /** What a write held that was not answered: it may have been done. */
  let unanswered: Buffer | null = null;

  async function load(): Promise<DurableState | null> {
    const read = await readWhileLeading();
    if (!read.ok) {
      if (read.problem.kind !== 'not-found') throw new Error(read.problem.detail);
      known = null;
      return first();
    }
    known = read.value.version;
    const text = await unpacked(read.value.data, { maxOutputLength: textBytesMax }).catch(
      (error: unknown) => {
        throw new Error(`reading the state in ${znode}: ${messageOf(error)}`);
      },
    );
    return readStateText(text.toString('utf8'), znode);
  }

  /** A lost answer is no reason to give a reign up that its lease does not end. */
  async function readWhileLeading(): Promise<Outcome<ZooData>> {
    for (;;) {
      const read = await session.read(znode);
      if (read.ok || !isPassing(read.problem.kind) || !reign.mayAct()) return read;
      await sleep(clock, retryMs);
    }
  }

  async function save(state: DurableState): Promise<void> {
    await learnOfUnanswered();
    const data = await packed(Buffer.from(stateText(state)));
    unanswered = data;
    const written =
      known === null
        ? await session.create(znode, data, 'persistent')
        : await session.write(znode, data, known);
    if (!written.ok) {
      const { kind, detail } = written.problem;
      if (kind !== 'conflict' && kind !== 'not-found') throw new Error(detail);
      // Nothing we decide on what we remember is right any more: whoever leads next reads it anew.
      const why = `${detail}: another scheduler has written the state since`;
      reign.end(why);
      throw new Error(why);
    }
    unanswered = null;
    known = typeof written.value === 'number' ? written.value : 0;
  }

  /** A write without an answer is done or not: only ZooKeeper knows. */
  async function learnOfUnanswered(): Promise<void> {
    if (unanswered === null) return;
    const read = await session.read(znode);
    if (!read.ok && read.problem.kind !== 'not-found') throw new Error(read.problem.detail);
    if (read.ok && read.value.data.equals(unanswered)) known = read.value.version;
    unanswered = null;
  }

  return { load, save };
}

function isPassing(kind: Problem['kind']): boolean {
  return kind === 'unreachable' || kind === 'timed-out';
}
