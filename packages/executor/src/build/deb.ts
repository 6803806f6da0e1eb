/**
 * A package for Debian and its kin, written without their tools: an `ar` archive of the format's version, the control files
 * and the data. The same input gives the same bytes.
 */
import { createHash } from 'node:crypto';
import { tarGz, type ArchiveEntry, type ArchiveFile } from './archive.ts';

export interface DebControl {
  readonly name: string;
  readonly version: string;
  /** As Debian says it: amd64, arm64. */
  readonly architecture: string;
  readonly depends: string;
  readonly recommends: string;
  readonly maintainer: string;
  readonly homepage: string;
  /** One line. */
  readonly summary: string;
  /** Lines of at most 80 characters. */
  readonly description: readonly string[];
  /** Files of the package, absolute, that an administrator's changes to are kept. */
  readonly conffiles: readonly string[];
  /** postinst, prerm and so on, whole. */
  readonly scripts: Readonly<Record<string, string>>;
}

const fixedTimeS = 946_684_800;

/** `files`: names are absolute paths without the first slash. `level`: of gzip. */
export async function debPackage(
  control: DebControl,
  files: readonly ArchiveEntry[],
  level = 9,
): Promise<Buffer> {
  const members: readonly (readonly [string, Uint8Array])[] = [
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar.gz', await tarGz(controlFiles(control, files), level)],
    ['data.tar.gz', await tarGz(withFolders(files), level)],
  ];
  return Buffer.concat([
    Buffer.from('!<arch>\n'),
    ...members.flatMap(([name, content]) => member(name, content)),
  ]);
}

function controlFiles(control: DebControl, files: readonly ArchiveEntry[]): readonly ArchiveFile[] {
  const text = (name: string, content: string): ArchiveFile => ({
    name: `./${name}`,
    mode: 0o644,
    content: Buffer.from(content),
  });
  const scripts = Object.entries(control.scripts).map(([name, content]): ArchiveFile => ({
    name: `./${name}`,
    mode: 0o755,
    content: Buffer.from(content),
  }));
  return [
    text('control', controlText(control, files)),
    text('conffiles', control.conffiles.map((file) => `${file}\n`).join('')),
    text(
      'md5sums',
      plainFiles(files)
        .map(({ name, content }) => `${md5(content)}  ${name}\n`)
        .join(''),
    ),
    ...scripts,
  ];
}

function controlText(control: DebControl, files: readonly ArchiveEntry[]): string {
  const kib = plainFiles(files).reduce((sum, { content }) => sum + Math.ceil(content.length / 1024), 0);
  const fields = [
    ['Package', control.name],
    ['Version', control.version],
    ['Architecture', control.architecture],
    ['Maintainer', control.maintainer],
    ['Installed-Size', String(kib)],
    ['Depends', control.depends],
    ['Recommends', control.recommends],
    ['Section', 'admin'],
    ['Priority', 'optional'],
    ['Homepage', control.homepage],
    ['Description', [control.summary, ...control.description.map((line) => ` ${line}`)].join('\n')],
  ];
  const text = fields
    .filter(([, value]) => value !== '')
    .map(([name = '', value = '']) => `${name}: ${value}\n`)
    .join('');
  const odd = /^[^\n]*\p{Cc}/mu.exec(text.replaceAll('\n', ' '));
  if (odd !== null) throw new Error(`deb: a control character in ${JSON.stringify(odd[0])}`);
  return text;
}

/** dpkg makes no folder that the archive does not name. */
function withFolders(files: readonly ArchiveEntry[]): readonly ArchiveEntry[] {
  const folders = new Set<string>();
  for (const { name } of files) {
    const parts = name.split('/').slice(0, -1);
    parts.forEach((_, index) => folders.add(parts.slice(0, index + 1).join('/')));
  }
  return [
    { name: './', isFolder: true },
    ...[...folders].sort().map((name): ArchiveEntry => ({ name: `./${name}/`, isFolder: true })),
    ...files.map((file): ArchiveEntry => ({ ...file, name: `./${file.name}` })),
  ];
}

function plainFiles(files: readonly ArchiveEntry[]): readonly ArchiveFile[] {
  return files.filter((file): file is ArchiveFile => 'content' in file);
}

function md5(content: Uint8Array): string {
  return createHash('md5').update(content).digest('hex');
}

/** A header of 60 bytes, and the content on even bytes. */
function member(name: string, content: Uint8Array): readonly Uint8Array[] {
  const fields = [
    name.padEnd(16),
    String(fixedTimeS).padEnd(12),
    '0'.padEnd(6),
    '0'.padEnd(6),
    '100644'.padEnd(8),
  ];
  const head = `${fields.join('')}${String(content.length).padEnd(10)}\`\n`;
  return [Buffer.from(head), content, Buffer.from(content.length % 2 === 0 ? '' : '\n')];
}
