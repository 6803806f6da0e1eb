import { describe, expect, it } from 'vitest';
import { connectLive, type LiveState } from './live.ts';

/** A scheduler that the test plays, and a clock that it moves. */
function given() {
  let nowMs = 0;
  let timers: { atMs: number; callback: () => void }[] = [];
  let down = '';
  const opened: { after: string; say: (text: string) => void; end: () => void }[] = [];
  const live = connectLive({
    now: () => nowMs,
    later(ms, callback) {
      const timer = { atMs: nowMs + ms, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    open(after) {
      if (down !== '') return Promise.reject(new Error(down));
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const writer = writable.getWriter();
      opened.push({
        after,
        say: (text) => void writer.write(new TextEncoder().encode(text)),
        end: () => void writer.close(),
      });
      return Promise.resolve(readable);
    },
    changed: () => undefined,
  });
  return {
    live,
    opened,
    goDown: (why: string) => {
      down = why;
    },
    comeUp: () => {
      down = '';
    },
    pass: async (ms: number): Promise<void> => {
      const endMs = nowMs + ms;
      for (;;) {
        await settled();
        const next = timers
          .filter(({ atMs }) => atMs <= endMs)
          .sort((left, right) => left.atMs - right.atMs)[0];
        if (next === undefined) break;
        timers = timers.filter((each) => each !== next);
        nowMs = next.atMs;
        next.callback();
      }
      nowMs = endMs;
      await settled();
    },
    state: (): LiveState => live.state(),
  };
}

/** Streams hand on in a few turns of the event loop. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const status = 'event: status\ndata: {"planned_at_ms":"5","mesos_connected":true}\n\n';
const entry = (sequence: number): string =>
  `event: entry\nid: ${sequence}\ndata: {"sequence":"${sequence}","event":"node created"}\n\n`;

describe('the live connection', () => {
  it('is live once something was heard, and keeps status and entries', async () => {
    const { opened, pass, state } = given();
    await pass(0);
    expect(state().link).toEqual({ state: 'connecting' });
    opened[0]!.say(status + entry(7) + entry(8));
    await pass(10);
    expect(state()).toMatchObject({ link: { state: 'live' }, status: { plannedAtMs: 5 }, connections: 1 });
    expect(state().entries.map(({ sequence }) => sequence)).toEqual([8, 7]);
  });

  it('goes on after the last entry that it heard', async () => {
    const { opened, pass } = given();
    await pass(0);
    expect(opened[0]!.after).toBe('now');
    opened[0]!.say(entry(7));
    await pass(10);
    opened[0]!.end();
    await pass(1_000);
    expect(opened[1]!.after).toBe('7');
  });

  it('does not alarm about a scheduler that is back within three seconds', async () => {
    const { opened, pass, state, goDown, comeUp } = given();
    await pass(0);
    opened[0]!.say(status);
    await pass(10);
    goDown('refused');
    opened[0]!.end();
    await pass(1_000);
    expect(state().link.state).toBe('lost');
    comeUp();
    await pass(2_000);
    opened.at(-1)!.say(status);
    await pass(10);
    expect(state().link.state).toBe('live');
  });

  it('says since when a scheduler is gone, keeps what it had, and comes back by itself', async () => {
    const { opened, pass, state, goDown, comeUp } = given();
    await pass(0);
    opened[0]!.say(status);
    await pass(500);
    goDown('refused');
    opened[0]!.end();
    await pass(60_000);
    expect(state()).toMatchObject({
      link: { state: 'gone', sinceMs: 500, why: 'refused' },
      status: { plannedAtMs: 5 },
    });
    comeUp();
    await pass(10_000);
    opened.at(-1)!.say(status);
    await pass(10);
    expect(state()).toMatchObject({ link: { state: 'live' }, connections: 2 });
  });

  it('connects at once when it is asked to', async () => {
    const { live, opened, pass, goDown, comeUp } = given();
    await pass(0);
    goDown('refused');
    opened[0]!.end();
    await pass(60_000);
    comeUp();
    live.retry();
    await pass(0);
    expect(opened).toHaveLength(2);
  });

  it('calls a scheduler gone that takes the connection and says nothing for 10 s', async () => {
    const { pass, state } = given();
    await pass(9_900);
    expect(state().link.state).toBe('connecting');
    await pass(200);
    expect(state().link).toMatchObject({ state: 'gone', why: 'it said nothing for 10 s' });
  });

  it('takes a silence longer than the signs of life for a loss', async () => {
    const { opened, pass, state } = given();
    await pass(0);
    opened[0]!.say(status);
    await pass(30_000);
    expect(state().link.state).toBe('live');
    opened[0]!.say(': alive\n\n');
    await pass(39_000);
    expect(state().link.state).toBe('live');
    await pass(1_500);
    expect(opened.length).toBe(2);
  });
});
