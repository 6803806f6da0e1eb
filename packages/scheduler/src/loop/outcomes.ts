/** Answers of ports, made safe to wait for. */
import { messageOf } from '@mesos-torque/common/text.ts';
import type { Outcome } from './ports.ts';

/** A port that throws has a bug; the loop goes on as if it had not been answered. */
export async function asOutcome<T>(answer: Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await answer;
  } catch (error) {
    const detail = messageOf(error);
    return { ok: false, problem: { kind: 'garbled', detail: `the adapter failed: ${detail}` } };
  }
}
