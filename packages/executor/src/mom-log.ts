/**
 * The mom's log, followed into the executor's output, which Mesos shows beside the task. Only what a
 * person would want to read: 6.1.3 writes a line or two of routine every second, 25 MB a day.
 */
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';

export type LogLevel = 'error' | 'info';

const everyMs = 1000;
const bytesAtOnceMax = 64 * 1024;
const linesAMinuteMax = 120;
const lineCharsMax = 1000;
/** Written each second or with each report, whatever happens. */
const routine =
  /;(?:report_other_configured_attribute|mom_server_update_stat|mom_server_all_update_stat|check_busy);/;
/** Classes of 6.1.3: 1 is an error, those from 80 on are for developers. */
const debugClass = 0x80;

/** How a line of pbs_mom's log is to be shown; null for what is not. */
export function levelOf(line: string): LogLevel | null {
  const groups = /^\S+ \S+;(?<class>[0-9a-f]{2,4});/.exec(line)?.groups;
  if (/LOG_(?:ERROR|ALERT|CRIT|EMERG)/.test(line)) return 'error';
  if (groups === undefined) return line.trim() === '' ? null : 'info';
  const eventClass = Number.parseInt(groups['class'] ?? '0', 16);
  if ((eventClass & 1) === 1) return 'error';
  return eventClass >= debugClass || routine.test(line) ? null : 'info';
}

/** Follows what pbs_mom and the scripts of its jobs write below `home` until told to stop. */
export function followMomLog(home: string, show: (level: LogLevel, line: string) => void): () => void {
  const followers = [
    // Files are named by day (with a port after it for a mom with ports of its own).
    new Follower(path.join(home, 'mom_logs'), /^\d{8}(?:-\d+)?$|^mom\.log$/, show),
    new Follower(home, /^job-scripts\.log$/, show),
  ];
  const look = (): void => {
    for (const follower of followers) void follower.look();
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    look();
  };
}

class Follower {
  readonly #dir: string;
  readonly #names: RegExp;
  readonly #show: (level: LogLevel, line: string) => void;
  #file = '';
  #offset = 0;
  #rest = '';
  #busy = false;
  #minute = 0;
  #shown = 0;
  #leftOut = 0;

  constructor(dir: string, names: RegExp, show: (level: LogLevel, line: string) => void) {
    this.#dir = dir;
    this.#names = names;
    this.#show = show;
  }

  async look(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      await this.#read();
    } catch {
      // There is no log yet, or it went with its home.
    } finally {
      this.#busy = false;
    }
  }

  async #read(): Promise<void> {
    const newest = (await readdir(this.#dir))
      .filter((name) => this.#names.test(name))
      .sort()
      .at(-1);
    if (newest === undefined) return;
    if (newest !== this.#file) {
      this.#file = newest;
      this.#offset = 0;
    }
    const handle = await open(path.join(this.#dir, newest), 'r');
    try {
      const { size } = await handle.stat();
      // A file that has become shorter was begun anew.
      if (size < this.#offset) this.#offset = 0;
      if (size - this.#offset > bytesAtOnceMax) this.#offset = size - bytesAtOnceMax;
      const { bytesRead, buffer } = await handle.read({
        buffer: Buffer.alloc(bytesAtOnceMax),
        position: this.#offset,
      });
      this.#offset += bytesRead;
      this.#take(buffer.toString('utf8', 0, bytesRead));
    } finally {
      await handle.close();
    }
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(-lineCharsMax);
    for (const line of lines) {
      const level = levelOf(line);
      if (level !== null) this.#showLimited(level, line.slice(0, lineCharsMax));
    }
  }

  #showLimited(level: LogLevel, line: string): void {
    const minute = Math.floor(Date.now() / 60_000);
    if (minute !== this.#minute) {
      if (this.#leftOut > 0) this.#show('info', `${this.#leftOut} lines were left out; they are in mom_logs`);
      this.#minute = minute;
      this.#shown = 0;
      this.#leftOut = 0;
    }
    if (this.#shown >= linesAMinuteMax) this.#leftOut++;
    else this.#show(level, line);
    this.#shown++;
  }
}
