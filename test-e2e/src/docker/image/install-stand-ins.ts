/**
 * Run once while an image is built: puts the stand-ins of TORQUE and Mesos below /opt/stand-in. Their folders are last on
 * the PATH, so that the programs of the base image, where it has them, are found first.
 */
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installTorque } from '@mesos-torque/minicluster/torque/install.ts';
import { head, standInTimes } from '../../layout.ts';

const dir = '/opt/stand-in';

const torque = await installTorque({
  dir: path.join(dir, 'torque'),
  actAs: 'process',
  settings: {
    serverName: head.name,
    // As with the real one: jobs are their owners' processes, and a home that these cannot enter fails them.
    jobAccount: 'owner',
    closedHomeFolders: 'fail-jobs',
    ...standInTimes,
  },
});
// Names resolve as they do for every other program of the machine.
const hosts = path.join(torque.home, 'hosts');
rmSync(hosts);
symlinkSync('/etc/hosts', hosts);

const mesos = path.join(dir, 'mesos', 'bin');
mkdirSync(mesos, { recursive: true });
for (const program of ['master', 'agent']) {
  const file = path.join(mesos, `mesos-${program}`);
  const main = new URL(`../../../../packages/minicluster/src/mesos/${program}-main.ts`, import.meta.url);
  writeFileSync(file, `#!${process.execPath}\nimport(${JSON.stringify(main.href)});\n`);
  chmodSync(file, 0o755);
}
