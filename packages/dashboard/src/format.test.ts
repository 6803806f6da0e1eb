import { describe, expect, it } from 'vitest';
import {
  ago,
  amountsText,
  clockTime,
  cpus,
  duration,
  fullTime,
  mib,
  shortHost,
  shortJobId,
} from './format.ts';

describe('durations', () => {
  it.each([
    [-5, '0 s'],
    [0, '0 s'],
    [400, '0.4 s'],
    [9_940, '9.9 s'],
    [12_400, '12 s'],
    [59_499, '59 s'],
    [59_700, '1 min'],
    [119_900, '2 min'],
    [200_000, '3 min 20 s'],
    [3_599_800, '1 h'],
    [86_390_000, '1 d'],
    [7_500_000, '2 h 5 min'],
    [273_600_000, '3 d 4 h'],
  ])('%d ms reads as "%s"', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

describe('moments', () => {
  const noon = new Date(2026, 10, 22, 12, 0, 5).getTime();

  it('are told by the clock alone on the same day, with the day on another one', () => {
    expect(clockTime(noon, noon + 60_000)).toBe('12:00:05');
    expect(clockTime(noon, noon + 86_400_000)).toBe('22 Nov 12:00:05');
    expect(fullTime(noon)).toBe('2026-11-22 12:00:05');
  });

  it('do not flicker in tenths, and do not lie in the future', () => {
    expect(ago(noon, noon + 4_700)).toBe('4 s ago');
    expect(ago(noon, noon - 3_000)).toBe('now');
  });
});

describe('amounts', () => {
  it('take the unit that people would take', () => {
    expect([mib(512), mib(1536), mib(1_572_864)]).toEqual(['512 MiB', '1.5 GiB', '1.5 TiB']);
    expect(cpus(2_500)).toBe('2.5');
  });

  it('name gpus where there are some', () => {
    const amounts = { cpuMilli: 4_000, memMib: 1024, diskMib: 100, gpus: 0 };
    expect(amountsText(amounts)).toBe('4 cpus, 1 GiB memory, 100 MiB disk');
    expect(amountsText({ ...amounts, gpus: 2 })).toBe('4 cpus, 1 GiB memory, 100 MiB disk, 2 gpus');
  });
});

describe('names', () => {
  it('are cut at the first dot, addresses are not', () => {
    expect(shortJobId('100[3].head.example.org')).toBe('100[3]');
    expect(shortHost('node7.example.org')).toBe('node7');
    expect(shortHost('10.0.0.7')).toBe('10.0.0.7');
  });
});
