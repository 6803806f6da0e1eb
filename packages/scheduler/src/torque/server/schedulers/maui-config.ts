/**
 * What maui.cfg should say so that jobs start soon after their nodes are up. For the doctor: reads, changes nothing.
 */

export interface MauiAdvice {
  readonly parameter: 'DEFERTIME' | 'RMPOLLINTERVAL' | 'ADMIN1';
  readonly ok: boolean;
  /** The value found, and what it does. */
  readonly found: string;
  /** The line that mends it; null where nothing is to be mended. */
  readonly remedy: string | null;
}

/** Maui's own default for RMPOLLINTERVAL, and what it takes to start a job soon after its nodes came. Seconds. */
const pollDefaultS = 30;
const pollWantedS = 10;
const deferDefaultS = 3600;
const linesMax = 100_000;

/** `user` is as whom our commands run. */
export function checkMauiConfig(text: string, user: string): readonly MauiAdvice[] {
  const values = valuesIn(text);
  return [deferral(values.get('DEFERTIME')), polling(values.get('RMPOLLINTERVAL')), admin(values, user)];
}

function deferral(value: string | undefined): MauiAdvice {
  const seconds = value === undefined ? deferDefaultS : secondsIn(value);
  const ok = seconds === 0;
  const shown = value ?? `not set (${deferDefaultS} s)`;
  return {
    parameter: 'DEFERTIME',
    ok,
    found: ok
      ? `${shown}: jobs for which there is no node yet are looked at again and again`
      : `${shown}: jobs for which there is no node yet are set aside for so long; we release them when their nodes are up`,
    remedy: ok ? null : 'DEFERTIME 0',
  };
}

function polling(value: string | undefined): MauiAdvice {
  const seconds = value === undefined ? pollDefaultS : secondsIn(value);
  const ok = seconds !== null && seconds <= pollWantedS;
  const shown = value ?? `not set (${pollDefaultS} s)`;
  return {
    parameter: 'RMPOLLINTERVAL',
    ok,
    found: `${shown}: so late may Maui notice a new node`,
    remedy: ok ? null : `RMPOLLINTERVAL 00:00:${String(pollWantedS)}`,
  };
}

/** Only the users of ADMIN1 may release holds; the first is the one as whom Maui runs. */
function admin(values: ReadonlyMap<string, string>, user: string): MauiAdvice {
  const admins = (values.get('ADMIN1') ?? '').split(/[\s,]+/).filter((name) => name !== '');
  const ok = admins.includes(user) || admins.includes('ALL');
  return {
    parameter: 'ADMIN1',
    ok,
    found: admins.length === 0 ? 'not set' : admins.join(' '),
    remedy: ok ? null : `ADMIN1 ${[...admins, user].join(' ')}`,
  };
}

/** Parameters by name in capitals; the last line of a name counts. `#` begins a comment. */
function valuesIn(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n').slice(0, linesMax)) {
    const groups = /^\s*(?<name>[A-Za-z][A-Za-z0-9]*)(?:\[[^\]]*\])?[\s=]+(?<value>[^#]*)/.exec(line)?.groups;
    const { name, value } = groups ?? {};
    if (name !== undefined && value !== undefined) values.set(name.toUpperCase(), value.trim());
  }
  return values;
}

/** `[[[DD:]HH:]MM:]SS`; null where it is none. */
function secondsIn(value: string): number | null {
  if (!/^[0-9]{1,9}(?::[0-9]{1,9}){0,3}$/.test(value)) return null;
  const units = [1, 60, 3600, 86_400];
  return value
    .split(':')
    .reverse()
    .reduce((sum, part, index) => sum + Number(part) * (units[index] ?? 0), 0);
}
