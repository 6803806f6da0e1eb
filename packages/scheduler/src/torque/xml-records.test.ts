/** The same document gives the same result however it comes in pieces. */
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../loop/ports.ts';
import type { OutputParser } from './parsing.ts';
import { parsePbsnodes, pbsnodesParser } from './pbsnodes.ts';
import { parseQstat, qstatParser } from './qstat.ts';
import { recording, recordings, type Recording } from './testing/recordings.ts';

function inPieces<T>(parser: OutputParser<T>, bytes: Uint8Array, cuts: readonly number[]): Outcome<T> {
  let from = 0;
  for (const at of [...cuts, bytes.length]) {
    parser.push(bytes.subarray(from, at));
    from = at;
  }
  return parser.end();
}

function everyByte(bytes: Uint8Array): readonly number[] {
  return Array.from({ length: bytes.length }, (_, at) => at);
}

const all = [...recordings('6.1'), ...recordings('4.2')];
const isQstat = ({ command }: Recording): boolean =>
  /^qstat .*-x\b/.test(command) && !/ -[QB]\b/.test(command);
const isPbsnodes = ({ command }: Recording): boolean => /^pbsnodes -x\b/.test(command);

describe('a recording that comes byte by byte is what it is as a whole', () => {
  test.each(all.filter(isQstat))('$version $name', ({ stdout }) => {
    expect(inPieces(qstatParser(), stdout, everyByte(stdout))).toEqual(parseQstat(stdout));
  });

  test.each(all.filter(isPbsnodes))('$version $name', ({ stdout }) => {
    expect(inPieces(pbsnodesParser(), stdout, everyByte(stdout))).toEqual(parsePbsnodes(stdout));
  });
});

const oneJob =
  '<?xml version="1.0"?>\n<Data><Job><Job_Id>1.head</Job_Id><Job_Name>a&amp;ü𝄞</Job_Name><Job_Owner>ä@head</Job_Owner>' +
  '<job_state>Q</job_state><queue>q</queue><ctime>1700000000</ctime></Job><Job><Job_Id>2.head</Job_Id>' +
  '<Job_Name>b</Job_Name><Job_Owner>b@head</Job_Owner><job_state>Q</job_state><queue>q</queue>' +
  '<ctime>1700000000</ctime><novelty><Job_Name>c</Job_Name></novelty></Job></Data>\n';

test('characters and entities may be cut in two anywhere', () => {
  const bytes = Buffer.from(oneJob);
  const whole = parseQstat(bytes);

  expect(whole).toMatchObject({ ok: true, value: { jobs: [{ name: 'a&ü𝄞', owner: 'ä' }, { name: 'b' }] } });
  for (const at of everyByte(bytes)) {
    expect(inPieces(qstatParser(), bytes, [at]), `cut at ${at}`).toEqual(whole);
  }
});

test('the error is the same, with the same place, wherever the pieces end', () => {
  const bytes = Buffer.from(oneJob.replace('&amp;ü𝄞', '&nbsp;'));
  const whole = parseQstat(bytes);

  expect(whole).toMatchObject({ ok: false, problem: { kind: 'garbled' } });
  for (const at of everyByte(bytes)) {
    expect(inPieces(qstatParser(), bytes, [at]), `cut at ${at}`).toEqual(whole);
  }
});

test('what was read so far does not count when the end is missing', () => {
  const bytes = Buffer.from(oneJob);
  const cut = bytes.indexOf('</Data>');

  expect(inPieces(qstatParser(), bytes.subarray(0, cut), [cut - 40])).toMatchObject({
    ok: false,
    problem: { detail: expect.stringContaining(`cut off after ${cut} bytes, within <Data>`) as unknown },
  });
});

test('a record without an end is given up before it fills the memory', () => {
  const parser = qstatParser();
  parser.push(Buffer.from('<Data><Job><Job_Name>'));
  for (let mib = 0; mib < 40; mib += 1) parser.push(Buffer.alloc(1024 * 1024, 'x'));

  expect(parser.end()).toMatchObject({
    ok: false,
    problem: { detail: 'qstat output: <Job> of more than 33554432 bytes' },
  });
});

test('equal lists of resources are one object, and so are their requests', () => {
  const zoo = parseQstat(recording('zoo-qstat-f-t-x').stdout);
  const jobs = zoo.ok ? zoo.value.jobs : [];
  const elements = jobs.filter(({ id }) => id.startsWith('100['));

  expect(elements.length).toBeGreaterThan(1);
  expect(new Set(elements.map(({ request }) => request)).size).toBe(1);
});
