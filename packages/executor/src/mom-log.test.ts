import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { followMomLog, levelOf } from './mom-log.ts';
import { waitUntil } from './testing/wait-until.ts';

it.each([
  ['11/22/2026 06:44:09.365;01;   pbs_mom.231;Svr;pbs_mom;LOG_ERROR::Permission denied', 'error'],
  ['11/22/2026 06:44:09.365;08;   pbs_mom.231;Job;7.head;Job Modified at request of PBS_Server', 'info'],
  ['11/22/2026 06:44:09.365;80;   pbs_mom.231;Req;dis_request_read;decoding command', null],
  [
    '11/22/2026 06:44:09.365;02;   pbs_mom.231;n/a;report_other_configured_attribute;setting alarm in report_other_configured_attribute',
    null,
  ],
  ['2026-11-22T06:44:09 epilogue.parallel 7.head: ends what was left running: hello (12)', 'info'],
  ['', null],
])('%s is shown as %s', (line, level) => {
  expect(levelOf(line)).toBe(level);
});

it('shows what is written from now to the end, over a change of files', async () => {
  const home = await mkdtemp(path.join(tmpdir(), 'mt-'));
  const shown: string[] = [];
  const logs = path.join(home, 'mom_logs');
  await mkdir(logs);
  await writeFile(path.join(logs, '20261122'), '11/22/2026 06:44:09.365;02;pbs_mom.1;Svr;Log;one\n');
  const end = followMomLog(home, (level, line) => shown.push(`${level} ${line.split(';').at(-1) ?? ''}`));
  await waitUntil('the first line was shown', () => shown.length === 1);
  await appendFile(path.join(logs, '20261122'), '11/22/2026 06:44:10.365;01;pbs_mom.1;Svr;x;LOG_ERROR::two');
  await appendFile(path.join(logs, '20261122'), ' and a half\n');
  await waitUntil('the second line was shown', () => shown.length === 2);
  await writeFile(path.join(logs, '20261123'), '11/23/2026 06:44:09.365;02;pbs_mom.1;Svr;Log;three\n');
  await writeFile(path.join(home, 'job-scripts.log'), '2026-11-23T06:44:09 epilogue 7.head: four\n');
  await waitUntil('all lines were shown', () => shown.length === 4);
  end();
  expect(shown.slice(0, 2)).toEqual(['info one', 'error LOG_ERROR::two and a half']);
  expect(shown.slice(2).sort()).toEqual(['info 2026-11-23T06:44:09 epilogue 7.head: four', 'info three']);
  await rm(home, { recursive: true });
});
