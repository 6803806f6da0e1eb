import { spawnSync } from 'node:child_process';
import { sayNotChecked } from '@mesos-torque/common/testing/not-checked.ts';
import { describe, expect, it, test } from 'vitest';
import { optionKeys } from '../config-options.ts';
import { buildProgram } from './commands.ts';
import { manPages, type ManPage } from './man-page.ts';

const parts = {
  run: () => Promise.resolve(0),
  setup: () => Promise.reject(new Error('not here')),
  doctor: () => Promise.reject(new Error('not here')),
};
const program = buildProgram(parts);
const pages = manPages(program, '1.2.3', '2026-11-22');

function pageOf(file: string): ManPage {
  return pages.find((page) => page.file === file) ?? expect.fail(`there is no ${file}`);
}

const groff = spawnSync('groff', ['-v']).status === 0;
if (!groff)
  sayNotChecked('that manual pages are sound roff', 'there is no groff; install Debian’s groff-base');

describe('manual pages', () => {
  it.each(program.commands.map((command) => command.name()))(
    'there is one of %s, with all its options',
    (name) => {
      const command = program.commands.find((one) => one.name() === name);
      const { text } = pageOf(`mesos-torque-${name}.1`);

      expect(text).toContain(`.SH NAME\nmesos\\-torque\\-${name.replaceAll('-', '\\-')} \\- `);
      for (const { long } of command?.options ?? [])
        expect(text).toContain((long ?? '').replaceAll('-', '\\-'));
      expect(text).toContain('.SH EXAMPLES\n.nf\n');
      expect(text).toContain('.SH EXIT STATUS\n');
      expect(pageOf('mesos-torque.1').text).toContain(`mesos\\-torque\\-${name.replaceAll('-', '\\-')} (1)`);
    },
  );

  it('there is one of the configuration, with every option', () => {
    const { text } = pageOf('mesos-torque.yaml.5');

    expect(optionKeys.filter((key) => !text.includes(`.B ${key}\n`))).toEqual([]);
  });

  it('no line of text begins a request by mistake', () => {
    const requests = pages.flatMap(({ text }) =>
      text
        .split('\n')
        .filter((line) => /^[.']/.test(line) && !/^\.(?:TH|SH|TP|B|BR|I|PP|nf|fi|br)\b/.test(line)),
    );

    expect(requests).toEqual([]);
  });
});

describe.skipIf(!groff)('groff', () => {
  test.each(pages)('$file is sound, and reads as it should', ({ file, text }) => {
    const { stdout, stderr, status } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-P-c'], {
      input: text,
      encoding: 'utf8',
    });

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    if (file === 'mesos-torque-drain.1') {
      expect(stdout).toContain('mesos-torque drain node n7.example.org --why "new disk"');
      expect(stdout).toContain('--deadline');
    }
  });
});
