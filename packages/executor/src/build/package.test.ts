/** Packages as administrators install them: made from a build, unpacked elsewhere, and run from there. */
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sayNotChecked } from '@mesos-torque/common/testing/not-checked.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { tarGz } from './archive.ts';
import { runHere, schedulerOptions } from './ship.ts';

const root = path.resolve(import.meta.dirname, '../../../..');
const { version } = packageJson;
const isLinux = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64');
const arch = process.arch;
const debArch = arch === 'x64' ? 'amd64' : 'arm64';
const has = (program: string, ...args: readonly string[]): boolean => spawnSync(program, args).status === 0;
const hasDpkg = isLinux && has('dpkg-deb', '--version');
const hasSystemd = isLinux && has('systemd-analyze', '--version');
if (!isLinux) sayNotChecked('packages', 'they are made for Linux on x64 and arm64');
if (!hasDpkg) sayNotChecked('that dpkg can read our .deb', 'there is no dpkg-deb');
if (!hasSystemd) sayNotChecked('that systemd can read our units', 'there is no systemd-analyze');

let dir: string;

beforeAll(async () => {
  if (!isLinux) return;
  dir = await mkdtemp(path.join(tmpdir(), 'packages-'));
  await runHere(
    { entry: path.join(root, 'packages/scheduler/src/main.ts'), nodeOptions: schedulerOptions },
    path.join(dir, 'mesos-torque'),
    root,
  );
  const folder = `mesos-torque-${version}`;
  const build = await tarGz(
    [
      {
        name: `${folder}/mesos-torque`,
        mode: 0o755,
        content: await readFile(path.join(dir, 'mesos-torque')),
      },
      {
        name: `${folder}/torque-executor-linux-${arch}.tar.gz`,
        mode: 0o644,
        content: Buffer.from('executor'),
      },
      { name: `${folder}/dashboard/index.html`, mode: 0o644, content: Buffer.from('<p>') },
    ],
    0,
  );
  await writeFile(path.join(dir, `mesos-torque-linux-${arch}.tar.gz`), build);
  const made = spawnSync(process.execPath, ['scripts/package.mjs', '--from', dir, '--quick'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`package.mjs exited ${String(made.status)}: ${made.stderr}`);
  await mkdir(path.join(dir, 'root'));
}, 120_000);

afterAll(async () => {
  if (isLinux) await rm(dir, { recursive: true });
});

const deb = (): string => path.join(dir, `mesos-torque_${version}_${debArch}.deb`);

function said(program: string, ...args: readonly string[]): string {
  const ended = spawnSync(program, args, { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '' } });
  if (ended.status !== 0) throw new Error(`${program} exited ${String(ended.status)}: ${ended.stderr}`);
  return ended.stdout;
}

describe.skipIf(!isLinux)('the tarball', { timeout: 60_000 }, () => {
  it('unpacks to a program that runs without anything else', async () => {
    const place = path.join(dir, 'root');
    said('tar', '-C', place, '-xzf', path.join(dir, `mesos-torque_${version}_linux_${arch}.tar.gz`));

    expect(await readlink(path.join(place, 'usr/bin/mesos-torque'))).toBe('../lib/mesos-torque/mesos-torque');
    expect(said('env', '-i', path.join(place, 'usr/bin/mesos-torque'), 'version')).toBe(`${version}\n`);
    const help = said('env', '-i', path.join(place, 'usr/bin/mesos-torque'), 'repair', '--help');
    expect(help).toContain('mesos-torque repair --yes --why');
    expect((await stat(path.join(place, 'usr/lib/mesos-torque/dashboard/index.html'))).mode & 0o777).toBe(
      0o644,
    );
  });

  it('has a manual page of each command', async () => {
    const place = path.join(dir, 'root/usr/share/man');
    const help = said('env', '-i', path.join(dir, 'mesos-torque'), '--help');
    const commands = [...help.matchAll(/^ {2}([a-z][a-z-]+) /gm)].map(([, name = '']) => name);

    const pages = await readdir(path.join(place, 'man1'));
    expect(commands.length).toBeGreaterThan(20);
    expect(
      commands.filter((name) => name !== 'help' && !pages.includes(`mesos-torque-${name}.1.gz`)),
    ).toEqual([]);
    const page = gunzipSync(await readFile(path.join(place, 'man5/mesos-torque.yaml.5.gz'))).toString();
    expect(page).toContain('.B policy.idleTime\n');
  });

  it('has a configuration that needs nothing but names', () => {
    const place = path.join(dir, 'root/etc/mesos-torque.yaml');

    expect(said('env', '-i', path.join(dir, 'mesos-torque'), 'config', '--config', place)).toBe(
      'The configuration is sound. --print shows every option.\n',
    );
  });
});

describe.skipIf(!hasDpkg)('the .deb', { timeout: 60_000 }, () => {
  it('says what it is and what it needs', () => {
    expect(said('dpkg-deb', '--field', deb(), 'Package', 'Version', 'Architecture')).toBe(
      `Package: mesos-torque\nVersion: ${version}\nArchitecture: ${debArch}\n`,
    );
    expect(said('dpkg-deb', '--field', deb(), 'Depends')).toContain('libc6');
  });

  it('holds the files of the tarball, as root’s, with every folder', () => {
    const lines = said('dpkg-deb', '--contents', deb()).trimEnd().split('\n');
    const names = lines.map((line) => line.split(/\s+/)[5] ?? '');

    expect(lines.filter((line) => !/^[dl-][rwx-]{9} (?:0\/0|root\/root) /.test(line))).toEqual([]);
    expect(names).toEqual(
      expect.arrayContaining([
        './usr/bin/mesos-torque',
        './usr/lib/systemd/system/mesos-torque.service',
        './usr/share/man/man1/mesos-torque-drain.1.gz',
        './usr/share/bash-completion/completions/mesos-torque',
        './etc/mesos-torque.yaml',
      ]),
    );
    const folders = names.filter((name) => name.endsWith('/'));
    const missing = names.filter((name) => {
      const parent = `${path.posix.dirname(name.replace(/\/$/, ''))}/`;
      return name !== './' && !folders.includes(parent);
    });
    expect(missing).toEqual([]);
  });

  it('unpacks to a program that runs', async () => {
    const place = path.join(dir, 'from-deb');
    said('dpkg-deb', '--extract', deb(), place);

    expect(said('env', '-i', path.join(place, 'usr/bin/mesos-torque'), 'version')).toBe(`${version}\n`);
    await rm(place, { recursive: true });
  });

  it('has scripts that a shell can read, and keeps an administrator’s configuration', async () => {
    const place = path.join(dir, 'control');
    said('dpkg-deb', '--control', deb(), place);

    for (const name of ['postinst', 'prerm', 'postrm']) said('sh', '-n', path.join(place, name));
    expect(await readFile(path.join(place, 'conffiles'), 'utf8')).toBe('/etc/mesos-torque.yaml\n');
    await rm(place, { recursive: true });
  });
});

describe.skipIf(!hasSystemd)('systemd', () => {
  it.each(['mesos-torque.service', 'mesos-torque-manage.service'])('understands %s', async (unit) => {
    // The programs that a unit names have to be there.
    const text = await readFile(path.join(root, 'packaging', unit), 'utf8');
    const program = path.join(dir, 'program');
    await writeFile(program, '');
    await chmod(program, 0o755);
    const copy = path.join(dir, unit);
    const withoutManual = text
      .replaceAll('/usr/bin/mesos-torque', program)
      .replace(/^Documentation=.*$/m, '');
    await writeFile(copy, withoutManual);

    const { stderr, status } = spawnSync('systemd-analyze', ['verify', '--man=no', copy], {
      encoding: 'utf8',
    });

    expect(stderr.split('\n').filter((line) => line.includes(unit))).toEqual([]);
    expect(status).toBe(0);
  });
});
