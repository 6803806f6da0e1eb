/** The options with which the file system of a folder is mounted, from the text of /proc/self/mountinfo. */
import type { Seen } from './facts.ts';

/** `folder` is absolute and real. The last of the longest mount points over it counts. */
export function mountOptionsOf(folder: string, mountInfo: string): Seen<readonly string[]> {
  let best: { readonly point: string; readonly options: readonly string[] } | null = null;
  for (const line of mountInfo.split('\n')) {
    const [, , , , point, options] = line.split(' ');
    if (point === undefined || options === undefined) continue;
    const plain = unescaped(point);
    if (!isWithin(folder, plain) || plain.length < (best?.point.length ?? 0)) continue;
    best = { point: plain, options: options.split(',') };
  }
  return best === null
    ? { ok: false, error: `no mount of ${folder} was found` }
    : { ok: true, value: best.options };
}

function isWithin(folder: string, point: string): boolean {
  return point === '/' || folder === point || folder.startsWith(`${point}/`);
}

/** Blanks and the like stand there as `\040`. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(?<octal>[0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(parseInt(octal, 8)),
  );
}
