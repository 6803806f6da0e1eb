/** Times as TORQUE writes them. */

/** 3600 → "01:00:00". */
export function hhmmss(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** "01:00:00", "10:00" or "90" → seconds; null for anything else. */
export function parseDuration(text: string): number | null {
  if (!/^\d{1,9}(:\d{1,9}){0,3}$/.test(text)) return null;
  const units = [1, 60, 3600, 86_400];
  return text
    .split(':')
    .reverse()
    .reduce((sum, part, i) => sum + Number(part) * (units[i] ?? 0), 0);
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As C's ctime: "Sun Nov 22 06:20:10 2026", in local time. */
export function ctime(epochS: number): string {
  const d = new Date(epochS * 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = String(d.getDate()).padStart(2, ' ');
  const time = `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
  return `${days[d.getDay()] ?? ''} ${months[d.getMonth()] ?? ''} ${day} ${time} ${d.getFullYear()}`;
}

/** The date in pbs_sched's comment: "Sun Nov 22 at 06:24". */
export function startedOn(epochS: number): string {
  const [weekday = '', month = '', day = '', time = ''] = ctime(epochS).split(/\s+/);
  return `${weekday} ${month} ${day} at ${time.slice(0, 5)}`;
}

/** qsub's `-a [[[[CC]YY]MM]DD]hhmm[.SS]` in seconds since the epoch; null if it is not such a date. */
export function parseDateTime(text: string, nowS: number): number | null {
  const match = /^(\d{4}|\d{6}|\d{8}|\d{10}|\d{12})(?:\.(\d{2}))?$/.exec(text);
  const digits = match?.[1];
  if (digits === undefined) return null;
  const now = new Date(nowS * 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const today = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const full = digits.length === 12 ? digits : today.slice(0, 12 - digits.length) + digits;
  const part = (from: number, length: number): number => Number(full.slice(from, from + length));
  const at = new Date(
    part(0, 4),
    part(4, 2) - 1,
    part(6, 2),
    part(8, 2),
    part(10, 2),
    Number(match?.[2] ?? 0),
  );
  return Math.floor(at.getTime() / 1000);
}
