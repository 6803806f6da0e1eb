import { describe, expect, it } from 'vitest';
import * as facts from '@mesos-torque/proto/gen/control/v1/facts.ts';
import * as api from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { object } from './decode.ts';
import { entryIn, historyIn, jobIn, nodeIn, offerIn, pageIn, settingsIn, statusIn } from './read-messages.ts';
import { sampleCluster } from './testing/sample-cluster.ts';

const cluster = sampleCluster({ nodes: 20, jobs: 60, offers: 5, entries: 20, nowMs: 1_800_000_000_000 });

/** As it comes over the wire. */
function wire(message: unknown): Record<string, unknown> {
  return object(JSON.parse(JSON.stringify(message)), 'message');
}

/** What the generated code would say, with plain numbers instead of 64-bit ones. */
function plain(message: unknown): unknown {
  return JSON.parse(
    JSON.stringify(message, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
  );
}

describe('what the API says', () => {
  it.each([
    ['jobs', cluster.jobs.map((one) => [jobIn(wire(facts.Job.toJSON(one))), one] as const)],
    ['nodes', cluster.nodes.map((one) => [nodeIn(wire(facts.Node.toJSON(one))), one] as const)],
    ['offers', cluster.offers.map((one) => [offerIn(wire(facts.Offer.toJSON(one))), one] as const)],
    ['entries', cluster.entries.map((one) => [entryIn(wire(facts.Entry.toJSON(one))), one] as const)],
  ])('of %s is read as the generated code means it', (_, pairs) => {
    expect(pairs.length).toBeGreaterThan(0);
    for (const [read, meant] of pairs) {
      const kept = Object.entries(read).filter(([, value]) => value !== null);
      expect(plain(meant)).toMatchObject(Object.fromEntries(kept));
    }
  });

  it('of its status is read with limits that are not there as none', () => {
    const status = statusIn(wire(api.GetStatusResponse.toJSON(cluster.status)));
    expect(status.safeAllocation).toMatchObject({ nodes: 30, cpuMilli: 246_000, diskMib: null, gpus: null });
    expect(status.nodesByPhase).toMatchObject({ up: 14, suspect: 1 });
    expect(status.readings.map(({ what, reading }) => `${what} ${reading.state}`)).toContain('queue fresh');
  });

  it('of a scheduler that has just begun is not taken for an empty cluster', () => {
    const status = statusIn({});
    expect(status.plannedAtMs).toBe(0);
    expect(status.readings.map(({ reading }) => reading.state)).toEqual([
      'unknown',
      'unknown',
      'unknown',
      'unknown',
    ]);
  });

  it('of history keeps gaps as gaps', () => {
    const history = api.GetHistoryResponse.toJSON({
      atMs: [5n, 6n],
      series: [{ group: 'jobs', name: 'waiting', values: [3, NaN] }],
    });
    expect(historyIn(wire(history))).toEqual({
      atMs: [5, 6],
      series: [{ group: 'jobs', name: 'waiting', values: [3, null] }],
    });
  });

  it('of settings and pages is read whole', () => {
    expect(settingsIn(wire(api.GetSettingsResponse.toJSON(cluster.settings))).settings).toHaveLength(8);
    expect(pageIn({}, 'jobs', jobIn)).toEqual({ items: [], nextPageToken: '', totalSize: 0 });
  });

  it('that is of another shape is refused with the piece that is', () => {
    expect(() => jobIn({ id: 7 })).toThrow('id: expected text, got 7');
    expect(() => jobIn({ queued_at_ms: 'soon' })).toThrow('queued_at_ms: expected a number, got "soon"');
    expect(() => pageIn({ jobs: [[]] }, 'jobs', jobIn)).toThrow('jobs[0]: expected an object, got []');
  });
});
