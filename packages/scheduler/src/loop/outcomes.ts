/** Answers of ports, made safe to wait for. */
import type { Outcome } from './ports.ts';

/** A port that throws has a bug; the loop goes on as if it had not been answered. */
export async function asOutcome<T>(answer: Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await answer;
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { ok: false, problem: { kind: 'garbled', detail: `the adapter failed: ${detail}` } };
  }
}
