/** Numbers, amounts and times as people read them. Pure: the present moment is an argument. */

const integers = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** 65536 as "65,536". */
export function grouped(value: number): string {
  return integers.format(value);
}

/** "1 node", "3 nodes". */
export function counted(count: number, word: string): string {
  return `${grouped(count)} ${word}${count === 1 ? '' : 's'}`;
}

/** Thousandths of a processor: 2500 as "2.5". */
export function cpus(milli: number): string {
  return tenths.format(milli / 1000);
}

/** MiB, in GiB or TiB where that loses nothing that matters: 1536 as "1.5 GiB", 512 as "512 MiB". */
export function mib(amount: number): string {
  if (amount < 1024) return `${grouped(amount)} MiB`;
  if (amount < 1024 * 1024) return `${tenths.format(amount / 1024)} GiB`;
  return `${tenths.format(amount / 1024 / 1024)} TiB`;
}

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Two units at the most: "0.4 s", "12 s", "3 min 20 s", "2 h 5 min", "3 d 4 h". Negative times count as none. */
export function duration(ms: number): string {
  if (ms <= 0) return '0 s';
  if (ms < 9_950) return `${tenths.format(ms / secondMs)} s`;
  if (ms < 59_500) return `${grouped(ms / secondMs)} s`;
  if (ms < hourMs - secondMs / 2) return twoUnits(ms, minuteMs, 'min', secondMs, 's');
  if (ms < dayMs - minuteMs / 2) return twoUnits(ms, hourMs, 'h', minuteMs, 'min');
  return twoUnits(ms, dayMs, 'd', hourMs, 'h');
}

function twoUnits(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  // Rounded first, so that 119.9 s is 2 min and not 1 min 60 s.
  const rounded = Math.round(ms / small) * small;
  const rest = (rounded % large) / small;
  const whole = `${grouped(Math.floor(rounded / large))} ${largeName}`;
  return rest === 0 ? whole : `${whole} ${grouped(rest)} ${smallName}`;
}

/** "12 s ago"; "now" within a second, and where the clocks of page and scheduler differ the other way. */
export function ago(atMs: number, nowMs: number): string {
  const passed = nowMs - atMs;
  if (passed < secondMs) return 'now';
  // Whole seconds: tenths of a past moment only flicker.
  return `${duration(Math.floor(passed / secondMs) * secondMs)} ago`;
}

/** The reader's own clock: "14:03:27"; with the day where it is not today's: "21 Nov 14:03:27". */
export function clockTime(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(':');
  const sameDay = at.toDateString() === new Date(nowMs).toDateString();
  return sameDay ? time : `${String(at.getDate())} ${monthName(at)} ${time}`;
}

/** In full, for titles and screen readers: "2026-11-22 14:03:27". */
export function fullTime(atMs: number): string {
  const at = new Date(atMs);
  const day = [at.getFullYear(), twoDigits(at.getMonth() + 1), twoDigits(at.getDate())].join('-');
  return `${day} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(':')}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

function monthName(at: Date): string {
  return at.toLocaleString('en', { month: 'short' });
}

/** `42.head.example.org` as "42", `100[3].head` as "100[3]": the server is the same for all. */
export function shortJobId(id: string): string {
  const dot = id.indexOf('.');
  return dot <= 0 ? id : id.slice(0, dot);
}

/** `node7.example.org` as "node7"; addresses stay as they are. */
export function shortHost(name: string): string {
  const dot = name.indexOf('.');
  return dot <= 0 || /^[\d.]+$/.test(name) ? name : name.slice(0, dot);
}

/** "4 cpus, 16 GiB memory, 10 GiB disk"; gpus where there are some. */
export function amountsText(amounts: {
  readonly cpuMilli: number;
  readonly memMib: number;
  readonly diskMib: number;
  readonly gpus: number;
}): string {
  const parts = [
    `${cpus(amounts.cpuMilli)} cpus`,
    `${mib(amounts.memMib)} memory`,
    `${mib(amounts.diskMib)} disk`,
  ];
  return [...parts, ...(amounts.gpus > 0 ? [counted(amounts.gpus, 'gpu')] : [])].join(', ');
}
