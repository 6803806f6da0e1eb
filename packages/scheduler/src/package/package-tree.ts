/**
 * What a package puts where: the program and what it carries, systemd units, manual pages, completion, documents and the
 * site's configuration. The same tree is in the .deb and in the tarball.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildProgram } from '../cli/commands.ts';
import { completionScript } from '../cli/completion.ts';
import { manPages } from '../cli/man-page.ts';

export interface PackagedFile {
  /** Absolute, without the first slash. */
  readonly name: string;
  readonly mode: 0o644 | 0o755;
  readonly content: Uint8Array;
}

export interface PackagedLink {
  readonly name: string;
  readonly linkTo: string;
}

export interface TreeParts {
  /** Where the program lies with what it carries: executors, dashboard, licences. */
  readonly programDir: string;
  /** The checkout. */
  readonly root: string;
  readonly version: string;
  /** Of the release, YYYY-MM-DD, for the manual. */
  readonly date: string;
}

export const configName = 'etc/mesos-torque.yaml';

const home = 'usr/lib/mesos-torque';
const docs = 'usr/share/doc/mesos-torque';

export async function packageTree(parts: TreeParts): Promise<readonly (PackagedFile | PackagedLink)[]> {
  const { programDir, root, version, date } = parts;
  const packaging = (name: string): Promise<Buffer> => readFile(path.join(root, 'packaging', name));
  const program = buildProgram(noParts);
  const units = ['mesos-torque.service', 'mesos-torque-manage.service'];
  return [
    ...(await filesOf(programDir, home, (name) => name === 'mesos-torque')),
    { name: 'usr/bin/mesos-torque', linkTo: '../lib/mesos-torque/mesos-torque' },
    ...(await Promise.all(
      units.map(async (unit) => plain(`usr/lib/systemd/system/${unit}`, await packaging(unit))),
    )),
    plain('usr/lib/sysusers.d/mesos-torque.conf', await packaging('mesos-torque.sysusers')),
    plain(configName, await packaging('mesos-torque.yaml')),
    ...manPages(program, version, date).map(({ file, text }) =>
      plain(`usr/share/man/man${file.slice(-1)}/${file}.gz`, zipped(text)),
    ),
    plain('usr/share/bash-completion/completions/mesos-torque', completionScript(program, 'bash')),
    plain('usr/share/zsh/vendor-completions/_mesos-torque', completionScript(program, 'zsh')),
    ...(await filesOf(path.join(root, 'docs'), docs, () => false)).filter(isForAdministrators),
    plain(`${docs}/examples/mesos-torque.yaml`, await packaging('mesos-torque.yaml')),
    plain(`${docs}/copyright`, await readFile(path.join(root, 'LICENSE'))),
  ];
}

/** The commands are only looked at. */
const notHere = (): Promise<never> => Promise.reject(new Error('a package runs nothing while it is made'));
const noParts = { run: notHere, setup: notHere, doctor: notHere };

/** How it is built and why is in the sources. */
function isForAdministrators({ name }: PackagedFile): boolean {
  return !name.startsWith(`${docs}/adr/`) && !name.endsWith('/ARCHITECTURE.md');
}

async function filesOf(
  from: string,
  to: string,
  isProgram: (name: string) => boolean,
): Promise<readonly PackagedFile[]> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(from, path.join(entry.parentPath, entry.name)));
  return Promise.all(
    names.sort().map(async (name) => ({
      name: path.posix.join(to, name),
      mode: isProgram(name) ? 0o755 : 0o644,
      content: await readFile(path.join(from, name)),
    })),
  );
}

function plain(name: string, content: string | Uint8Array): PackagedFile {
  return { name, mode: 0o644, content: typeof content === 'string' ? Buffer.from(content) : content };
}

/** Without a time, so that the same page gives the same bytes. */
function zipped(text: string): Buffer {
  return gzipSync(text, { level: 9 });
}
