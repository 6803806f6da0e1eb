/** Which programs are the base image's and which are stand-ins, as `docker/machine/detect` prints it. */
import type { Program, Site } from '../site.ts';

/** Throws with the line that it cannot read. */
export function programsIn(printed: string): Site['programs'] {
  const found = new Map<string, Program>();
  for (const line of printed.split('\n').filter((text) => text !== '')) {
    const [name = '', kind, version] = line.split(' ');
    if (kind === 'stand-in') found.set(name, { kind });
    else if (kind === 'real' && version !== undefined) found.set(name, { kind, version });
    else throw new Error(`detecting programs: ${JSON.stringify(line)}`);
  }
  const [mesos, torque] = [found.get('mesos'), found.get('torque')];
  if (mesos === undefined || torque === undefined)
    throw new Error(`detecting programs: neither stand-in nor real: ${JSON.stringify(printed)}`);
  return { mesos, torque };
}
