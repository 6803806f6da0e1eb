import fc from 'fast-check';
import { test } from 'vitest';
import { plan } from './plan.ts';
import { checkPlan } from './check-plan.ts';
import { apply } from './testing/apply.ts';
import { policies, snapshots } from './testing/arbitrary.ts';
test('dbg', () => {
  const n = Number(process.env['N'] ?? 3000);
  const r1 = fc.check(
    fc.property(snapshots, policies, (s, p) => checkPlan(s, p, plan(s, p)).length === 0),
    { numRuns: n },
  );
  if (r1.failed) {
    const [s, p] = r1.counterexample!;
    console.log('CHECK', checkPlan(s, p, plan(s, p)), JSON.stringify(s), JSON.stringify(p));
  }
  const r2 = fc.check(
    fc.property(snapshots, policies, (s, p0) => {
      const p = { ...p0, nodeActsMax: 1000 };
      const f = plan(s, p);
      if (f.decisions.some((d) => d.kind === 'forget')) return true;
      return (
        plan(apply(s, f), p).decisions.filter(
          (d) =>
            !f.report.offers.some((o) => o.kind === 'held') ||
            !['decline', 'suppress', 'revive'].includes(d.kind),
        ).length === 0
      );
    }),
    { numRuns: n },
  );
  if (r2.failed) {
    const [s, p0] = r2.counterexample!;
    const p = { ...p0, nodeActsMax: 1000 };
    const f = plan(s, p);
    const t = plan(apply(s, f), p);
    console.log(
      'FIX\nPOLICY',
      JSON.stringify(p),
      '\nJOBS',
      s.queue.state !== 'unknown'
        ? s.queue.value.jobs
            .map((j) => JSON.stringify([j.id, j.state, j.request, j.queuedAtMs, j.walltimeS]))
            .join('\n')
        : '',
      '\nOFFERS',
      s.offers.map((o) => JSON.stringify(o)).join('\n'),
      '\nINTENTS',
      s.intents.map((o) => JSON.stringify(o)).join('\n'),
      '\nNODES',
      s.nodes.state !== 'unknown' ? s.nodes.value.map((o) => JSON.stringify(o)).join('\n') : '',
      '\nREST',
      JSON.stringify({ ...s, queue: 0, nodes: 0, offers: 0, intents: 0 }),
      '\n1:',
      f.decisions.map((d) => JSON.stringify(d)).join('\n'),
      '\nREPORT',
      f.report.jobs.map((d) => JSON.stringify(d)).join('\n'),
      f.report.nodes.map((d) => JSON.stringify(d)).join('\n'),
      '\n2:',
      t.decisions.map((d) => JSON.stringify(d)).join('\n'),
      '\nREPORT',
      t.report.jobs.map((d) => JSON.stringify(d)).join('\n'),
      t.report.nodes.map((d) => JSON.stringify(d)).join('\n'),
    );
  }
});
