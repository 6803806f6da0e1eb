import { describe, expect, it } from 'vitest';
import { createPoller } from './poller.ts';

function given() {
  let nowMs = 0;
  let due: { atMs: number; callback: () => void } | null = null;
  const questions: ((answer: string | Error) => void)[] = [];
  const heard: string[] = [];
  const poller = createPoller<string>({
    ask: () =>
      new Promise((resolve, reject) => {
        questions.push((answer) => {
          if (answer instanceof Error) reject(answer);
          else resolve(answer);
        });
      }),
    answered: (value) => heard.push(value),
    failed: (error) => heard.push(String(error)),
    intervalMs: 2_000,
    now: () => nowMs,
    later(ms, callback) {
      due = { atMs: nowMs + ms, callback };
      return () => {
        due = null;
      };
    },
  });
  return {
    poller,
    questions,
    heard,
    pass: async (ms: number): Promise<void> => {
      nowMs += ms;
      if (due !== null && due.atMs <= nowMs) {
        const { callback } = due;
        due = null;
        callback();
      }
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('polling', () => {
  it('asks one question at a time, however often it is wanted', async () => {
    const { poller, questions, pass } = given();
    poller.want();
    poller.want();
    await pass(0);
    poller.want();
    poller.want();
    await pass(10_000);
    expect(questions).toHaveLength(1);
  });

  it('asks once more after the answer when it was wanted meanwhile, not sooner than the interval', async () => {
    const { poller, questions, heard, pass } = given();
    poller.want();
    await pass(0);
    poller.want();
    questions[0]!('first');
    await pass(100);
    expect(questions).toHaveLength(1);
    await pass(1_900);
    questions[1]!('second');
    await pass(0);
    expect(heard).toEqual(['first', 'second']);
  });

  it('goes on after a failure', async () => {
    const { poller, questions, heard, pass } = given();
    poller.want();
    await pass(0);
    questions[0]!(new Error('refused'));
    await pass(2_000);
    poller.want();
    await pass(0);
    questions[1]!('well');
    await pass(0);
    expect(heard).toEqual(['Error: refused', 'well']);
  });

  it('tells nothing after it was closed', async () => {
    const { poller, questions, heard, pass } = given();
    poller.want();
    await pass(0);
    poller.close();
    questions[0]!('too late');
    await pass(0);
    expect(heard).toEqual([]);
  });
});
