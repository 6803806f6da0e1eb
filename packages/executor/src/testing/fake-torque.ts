/**
 * pbs_mom and momctl as small programs, written into a folder. The mom can be told by lines in its
 * configuration to misbehave: `$fake_exit CODE WORDS`, `$fake_job deaf|plain`.
 */
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';

const pbsMom = `
import net from 'node:net';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
const option = (name) => process.argv[process.argv.indexOf(name) + 1];
const home = option('-d');
for (const name of ['aux', 'checkpoint', 'spool', 'undelivered', 'pbs_environment'])
  if (!existsSync(home + '/' + name)) process.exit(3);
const config = readFileSync(home + '/mom_priv/config', 'utf8').split('\\n').map((line) => line.split(' '));
const said = (directive) => config.find(([word]) => word === directive)?.slice(1);
const exit = said('$fake_exit');
if (exit) { console.error(exit.slice(1).join(' ')); process.exit(Number(exit[0])); }
writeFileSync(home + '/mom_logs/20261122', 'environment ' + JSON.stringify(process.env) + '\\n');
const job = said('$fake_job');
if (job) {
  const env = Object.fromEntries(readFileSync(home + '/pbs_environment', 'utf8').trim().split('\\n').map((l) => l.split('=')));
  const deaf = job[0] === 'deaf' ? "process.on('SIGTERM', () => {});" : '';
  spawn(process.execPath, ['-e', deaf + 'setInterval(() => {}, 1000)'], { env, detached: true, stdio: 'ignore' }).unref();
}
const host = process.argv.includes('-H') ? option('-H') : (await import('node:os')).hostname();
net.createServer((socket) => socket.once('data', (asked) => {
  if (String(asked) === 'shutdown') { socket.end('shutdown request successful on localhost\\n'); socket.once('close', () => process.exit(0)); return; }
  socket.end('\\nHost: ' + host + '/' + host + '   Version: 6.1.3.h5   IP address: 127.0.0.1   PID: ' + process.pid +
    '\\nServer[0]: ' + said('$pbsserver')[0] + ' (127.0.0.1:15001)\\n  WARNING:  no messages received from server\\nHomeDirectory:          ' +
    home + '/mom_priv\\nNOTE:  no local jobs detected\\n\\ndiagnostics complete\\n');
})).listen(Number(option('-R')), '127.0.0.1');
console.log('pbs_mom is up');
`;

const momctl = `
import net from 'node:net';
const port = Number(process.argv[process.argv.indexOf('-p') + 1]);
const socket = net.connect(port, '127.0.0.1', () => socket.write(process.argv.includes('-s') ? 'shutdown' : 'diagnose'));
socket.on('data', (answer) => process.stdout.write(answer));
socket.on('error', () => { console.error("cannot connect to MOM on node 'localhost', errno=111 (Connection refused)"); process.exit(1); });
`;

/** Writes both programs into `dir`; they run on the Node that runs us. */
export async function writeFakeTorque(dir: string): Promise<void> {
  for (const [name, text] of [
    ['pbs_mom', pbsMom],
    ['momctl', momctl],
  ] as const) {
    await writeFile(path.join(dir, `${name}.mjs`), text);
    const file = path.join(dir, name);
    await writeFile(file, `#!/bin/sh\nexec '${process.execPath}' '${path.join(dir, `${name}.mjs`)}' "$@"\n`);
    await chmod(file, 0o755);
  }
}
