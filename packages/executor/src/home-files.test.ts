import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { homeFilesPort, linkDirsFor } from './home-files.ts';
import { homeCharsMax } from './mom-home.ts';
import type { MomHome } from './mom-home.ts';
import { checkOrders } from './orders.ts';
import type { HomePort } from './ports.ts';
import { ordersWith } from './testing/fakes.ts';

let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mt-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

/** A sandbox as Mesos makes it: a long path, mode 0750. */
async function sandboxOf(length: 'long' | 'short'): Promise<string> {
  const sandbox = path.join(dir, length === 'long' ? `slaves/${'x'.repeat(130)}` : 's');
  await mkdir(sandbox, { recursive: true });
  await chmod(sandbox, 0o750);
  return sandbox;
}

function portIn(sandbox: string): HomePort {
  return homeFilesPort({
    owner: { frameworkId: 'f', executorId: 'e', sandbox },
    linkDirs: [path.join(dir, 'links')],
    log: silentLog,
  });
}

async function prepared(port: HomePort, changes: Parameters<typeof ordersWith>[0] = {}): Promise<MomHome> {
  const check = checkOrders(ordersWith(changes));
  if (!check.ok) throw new Error(check.error);
  const home = await port.prepare(check.orders, null);
  if (!home.ok) throw new Error(home.error);
  return home.value;
}

async function modeOf(file: string): Promise<string> {
  return ((await stat(file)).mode & 0o7777).toString(8);
}

const named = [
  ...['', 'aux', 'checkpoint', 'mom_logs', 'mom_priv', 'mom_priv/jobs', 'spool', 'undelivered'],
  ...['server_name', 'pbs_environment'],
];

describe('the home', () => {
  it('has all that pbs_mom asks for, with the modes that it asks for, whatever the umask', async () => {
    const umask = process.umask(0o077);
    try {
      const sandbox = await sandboxOf('short');
      const home = await prepared(portIn(sandbox));
      const modes: Record<string, string> = {};
      for (const name of named) modes[name] = await modeOf(path.join(home.path, name));
      expect(modes).toEqual({
        '': '755',
        aux: '755',
        checkpoint: '1777',
        mom_logs: '755',
        mom_priv: '751',
        'mom_priv/jobs': '751',
        spool: '1777',
        undelivered: '1777',
        server_name: '644',
        pbs_environment: '644',
      });
      expect(await modeOf(sandbox)).toBe('755');
    } finally {
      process.umask(umask);
    }
  });

  it('says what the orders say, the administrator’s lines last', async () => {
    const home = await prepared(portIn(await sandboxOf('short')), {
      momConfigLines: ['$usecp *:/ /', '$loglevel 3'],
    });
    expect(await readFile(path.join(home.path, 'server_name'), 'utf8')).toBe('head.torque.test\n');
    expect(await readFile(path.join(home.path, 'mom_priv/config'), 'utf8')).toBe(
      '$pbsserver head.torque.test\n$status_update_time 10\n$check_poll_time 10\n$log_file_max_size 10240\n$log_file_roll_depth 2\n$log_keep_days 7\n$usecp *:/ /\n$loglevel 3\n',
    );
    expect(await readFile(path.join(home.path, 'pbs_environment'), 'utf8')).toBe(
      `PATH=/opt/torque/sbin:/usr/bin\n${home.mark}\n${home.frameworkMark}\n`,
    );
  });

  it('gives the mom a plain PATH when the ordered one is longer than it can read', async () => {
    const home = await prepared(portIn(await sandboxOf('short')), { path: `/usr/bin:/${'p'.repeat(300)}` });
    expect(await readFile(path.join(home.path, 'pbs_environment'), 'utf8')).toContain('PATH=/usr/bin:/bin\n');
  });

  it('is reached by a short link from a long sandbox, which goes with it', async () => {
    const sandbox = await sandboxOf('long');
    const port = portIn(sandbox);
    const home = await prepared(port);
    expect(home.folder.length).toBeGreaterThan(homeCharsMax);
    expect(home.path.length).toBeLessThanOrEqual(homeCharsMax);
    expect(await readlink(home.path)).toBe(path.join(sandbox, 'torque-home'));

    await port.remove(home);
    await expect(lstat(home.path)).rejects.toThrow('ENOENT');
    expect(await modeOf(home.folder)).toBe('755');
  });

  it('takes its link again, and never one that leads elsewhere', async () => {
    const sandbox = await sandboxOf('long');
    const first = await prepared(portIn(sandbox));
    expect((await prepared(portIn(sandbox))).path).toBe(first.path);

    await rm(first.path);
    await symlink('/etc', first.path);
    const check = checkOrders(ordersWith());
    const again = check.ok ? await portIn(sandbox).prepare(check.orders, null) : null;
    expect(again).toMatchObject({ ok: false });
    expect(again).toHaveProperty('error', expect.stringContaining('no short link to it could be made'));
    expect(await readlink(first.path)).toBe('/etc');
  });

  it('sweeps links of ours that lead nowhere any more, and no others', async () => {
    const links = path.join(dir, 'links');
    await mkdir(links);
    const dead = ['mom-0123456789abcdef', 'mom-fedcba9876543210'].map((name) => path.join(links, name));
    await symlink(path.join(dir, 'gone/torque-home'), dead[0]!);
    await symlink(path.join(dir, 'gone/elsewhere'), dead[1]!);
    await symlink('/nowhere/torque-home', path.join(links, 'somebody-else'));
    await prepared(portIn(await sandboxOf('long')));
    await expect(lstat(dead[0]!)).rejects.toThrow('ENOENT');
    await lstat(dead[1]!);
    await lstat(path.join(links, 'somebody-else'));
  });

  it('needs no link where the path is short', async () => {
    const home = await prepared(portIn(await sandboxOf('short')));
    expect(home.path).toBe(home.folder);
  });

  it('outside the sandbox is a folder of its own, and leaves its logs in the sandbox', async () => {
    const sandbox = await sandboxOf('short');
    const port = portIn(sandbox);
    const home = await prepared(port, { torqueHome: path.join(dir, 'homes') });
    expect(path.dirname(home.folder)).toBe(path.join(dir, 'homes'));
    expect(await modeOf(sandbox)).toBe('750');
    await writeFile(path.join(home.folder, 'mom_logs/20261122'), 'a\nb\n');
    expect(await port.lastLogLines(home)).toEqual(['a', 'b']);

    await port.remove(home);
    await expect(lstat(home.folder)).rejects.toThrow('ENOENT');
    expect(await readFile(path.join(sandbox, 'mom_logs/20261122'), 'utf8')).toBe('a\nb\n');
  });

  it('of the host is used as it is, and put back', async () => {
    const host = path.join(dir, 'spool');
    await mkdir(path.join(host, 'mom_priv'), { recursive: true });
    await writeFile(path.join(host, 'server_name'), 'own.example.org\n');
    await writeFile(path.join(host, 'mom_priv/config'), '$loglevel 7\n');
    const port = portIn(await sandboxOf('short'));
    const orders = { torqueHome: host, hostHome: true };
    const home = await prepared(port, orders);
    expect(home.path).toBe(host);
    // A second executor, after one that was killed: what was kept is still the host's.
    await prepared(port, orders);
    expect(await readFile(path.join(host, 'server_name'), 'utf8')).toBe('head.torque.test\n');

    await port.remove(home);
    expect(await readFile(path.join(host, 'server_name'), 'utf8')).toBe('own.example.org\n');
    expect(await readFile(path.join(host, 'mom_priv/config'), 'utf8')).toBe('$loglevel 7\n');
    await expect(lstat(path.join(host, 'mom_priv/prologue'))).rejects.toThrow('ENOENT');
  });

  it('of the host that is none is a failure', async () => {
    const check = checkOrders(ordersWith({ torqueHome: path.join(dir, 'none'), hostHome: true }));
    const home = check.ok ? await portIn(await sandboxOf('short')).prepare(check.orders, null) : null;
    expect(home).toHaveProperty('error', expect.stringContaining('is TORQUE installed here?'));
  });

  it('that cannot be made is a failure that names the folder', async () => {
    await writeFile(path.join(dir, 'file'), '');
    const check = checkOrders(ordersWith({ torqueHome: path.join(dir, 'file') }));
    const home = check.ok ? await portIn(await sandboxOf('short')).prepare(check.orders, null) : null;
    expect(home).toHaveProperty('error', expect.stringContaining(`making TORQUE's home in ${dir}/file/mom-`));
  });
});

describe('pathFault', () => {
  it('finds the folder above the home that others can write to', async () => {
    const port = portIn(await sandboxOf('short'));
    const home = await prepared(port);
    await chmod(path.join(dir), 0o777);
    // Where the temporary folder itself is open to everybody, or not root's, that is the first fault.
    expect(await port.pathFault(home)).toMatch(/^everybody can write to \/|^\/.* belongs to user \d+$/);
  });
});

describe('linkDirsFor', () => {
  it('keeps root’s links out of folders that others can write to', () => {
    expect(linkDirsFor(true, '/tmp')).not.toContain('/tmp');
    expect(linkDirsFor(false, '/tmp')).toEqual(['/tmp']);
  });
});

describe('what jobs find', () => {
  it('is a launcher that every user may run, named to every MPI, and scripts as pbs_mom wants them', async () => {
    const sandbox = await sandboxOf('long');
    const check = checkOrders(
      ordersWith({ mpi: { pbsdsh: 'pbsdsh', environment: ['UCX_TLS=tcp,self'], mpd: false } }),
    );
    const home = check.ok ? await portIn(sandbox).prepare(check.orders, '/opt/torque/bin/pbsdsh') : null;
    if (home?.ok !== true) throw new Error('no home');
    const { path: link } = home.value;
    const environment = (await readFile(path.join(link, 'pbs_environment'), 'utf8')).split('\n');
    expect(environment).toContain(`HYDRA_LAUNCHER_EXEC=${link}/mpi-launch`);
    expect(environment).toContain(`OMPI_MCA_plm_rsh_agent=${link}/mpi-launch`);
    expect(environment.at(-2)).toBe('UCX_TLS=tcp,self');
    for (const line of environment) expect(line.length).toBeLessThanOrEqual(250);
    expect(await modeOf(path.join(link, 'mpi-launch'))).toBe('755');
    for (const script of ['prologue', 'prologue.parallel', 'epilogue', 'epilogue.parallel']) {
      expect(await modeOf(path.join(link, 'mom_priv', script))).toBe('500');
    }
  });

  it('has no word of MPI where there is no pbsdsh', async () => {
    const home = await prepared(portIn(await sandboxOf('short')));
    expect(await readFile(path.join(home.path, 'pbs_environment'), 'utf8')).not.toContain('HYDRA');
    await expect(lstat(path.join(home.path, 'mpi-launch'))).rejects.toThrow('ENOENT');
  });

  it('has a layout where the orders give one', async () => {
    const home = await prepared(portIn(await sandboxOf('short')), { momLayoutLines: ['nodes=0', 'nodes=1'] });
    expect(await readFile(path.join(home.path, 'mom_priv/mom.layout'), 'utf8')).toBe('nodes=0\nnodes=1\n');
  });
});
