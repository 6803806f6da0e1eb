/**
 * Amounts as whole numbers, so that sums are exact: processors in thousandths (Mesos keeps three
 * decimals), memory and disk in MiB (Mesos calls them MB and means MiB).
 */
export interface ResourceVector {
  readonly cpuMilli: number;
  readonly memMib: number;
  readonly diskMib: number;
  readonly gpus: number;
}

/** The kinds of a vector, in the order in which they are compared and printed. */
export const resourceKinds = ['cpuMilli', 'memMib', 'diskMib', 'gpus'] as const;
export type ResourceKind = (typeof resourceKinds)[number];

export const nothing: ResourceVector = { cpuMilli: 0, memMib: 0, diskMib: 0, gpus: 0 };

export function add(a: ResourceVector, b: ResourceVector): ResourceVector {
  return {
    cpuMilli: a.cpuMilli + b.cpuMilli,
    memMib: a.memMib + b.memMib,
    diskMib: a.diskMib + b.diskMib,
    gpus: a.gpus + b.gpus,
  };
}

/** `a` without `b`; a negative part says how much is short. */
export function subtract(a: ResourceVector, b: ResourceVector): ResourceVector {
  return {
    cpuMilli: a.cpuMilli - b.cpuMilli,
    memMib: a.memMib - b.memMib,
    diskMib: a.diskMib - b.diskMib,
    gpus: a.gpus - b.gpus,
  };
}

export function scale(a: ResourceVector, times: number): ResourceVector {
  return {
    cpuMilli: a.cpuMilli * times,
    memMib: a.memMib * times,
    diskMib: a.diskMib * times,
    gpus: a.gpus * times,
  };
}

/** The larger of each kind. */
export function atLeast(a: ResourceVector, b: ResourceVector): ResourceVector {
  return {
    cpuMilli: Math.max(a.cpuMilli, b.cpuMilli),
    memMib: Math.max(a.memMib, b.memMib),
    diskMib: Math.max(a.diskMib, b.diskMib),
    gpus: Math.max(a.gpus, b.gpus),
  };
}

/** The first kind in which `whole` is smaller than `part`, or null when `part` fits. */
export function firstShort(part: ResourceVector, whole: ResourceVector): ResourceKind | null {
  return resourceKinds.find((kind) => part[kind] > whole[kind]) ?? null;
}

/** 48000 → "48,000": numbers in sentences are grouped, whatever the locale. */
export function grouped(n: number): string {
  const [whole = '0', fraction] = Math.abs(n).toString().split('.');
  const sign = n < 0 ? '-' : '';
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? `${sign}${digits}` : `${sign}${digits}.${fraction}`;
}

/** An amount of one kind for people: "1.5 cpus", "48,000 MiB", "2 gpus". */
export function amount(kind: ResourceKind, value: number): string {
  switch (kind) {
    case 'cpuMilli':
      return `${grouped(value / 1000)} ${value === 1000 ? 'cpu' : 'cpus'}`;
    case 'memMib':
    case 'diskMib':
      return `${grouped(value)} MiB`;
    case 'gpus':
      return `${grouped(value)} ${value === 1 ? 'gpu' : 'gpus'}`;
  }
}

/** Ends a switch that must name every case: the compiler complains about a case left out. */
export function unreachable(value: never): never {
  throw new Error(`not a case that can be: ${JSON.stringify(value)}`);
}
