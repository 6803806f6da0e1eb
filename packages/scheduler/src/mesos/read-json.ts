/** A JSON answer of a known shape; fields beyond it are passed over. */
import { z } from 'zod';
import { quote } from '@mesos-torque/common/text.ts';
import type { Reading } from './operator-reads.ts';

export function readJson<T>(text: string, shape: z.ZodType<T>): Reading<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, why: `the answer is not JSON: ${quote(text)}` };
  }
  const read = shape.safeParse(value);
  if (read.success) return { ok: true, value: read.data };
  return { ok: false, why: z.prettifyError(read.error).replaceAll('\n', ' ') };
}
