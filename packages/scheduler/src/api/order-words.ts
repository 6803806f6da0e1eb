/** Who asks for a change and why: every changing call names both, and they are shown wherever it has an effect. */
import type { Wish } from '../core/wishes.ts';
import { ControlError } from './control-error.ts';
import type { Caller } from './tokens.ts';

const whoCharsMax = 100;
const whyCharsMax = 500;

/** The name behind a token outweighs what the request says. Throws INVALID_ARGUMENT. */
export function wishOf(
  request: { readonly who: string; readonly why: string },
  caller: Caller,
  nowMs: number,
): Wish {
  const who = caller.name ?? textOf(request.who, 'who', whoCharsMax);
  return { who, why: textOf(request.why, 'why', whyCharsMax), sinceMs: nowMs };
}

/** As the journal has it. */
export function whoWhy({ who, why }: Wish): string {
  return `${who}: ${why}`;
}

export function invalid(reason: string, message: string): ControlError {
  return new ControlError('INVALID_ARGUMENT', reason, message);
}

function textOf(text: string, field: 'who' | 'why', charsMax: number): string {
  const clean = text.trim();
  if (clean === '')
    throw invalid(`${field.toUpperCase()}_MISSING`, `${field}: every change names who and why`);
  if (clean.length > charsMax)
    throw invalid(`${field.toUpperCase()}_TOO_LONG`, `${field}: at most ${String(charsMax)} characters`);
  if (/\p{Cc}/u.test(clean))
    throw invalid(`${field.toUpperCase()}_INVALID`, `${field}: without control characters`);
  return clean;
}
