/**
 * Ten reasons for which a job waits, and that everybody who asks gets the same plain sentence: gRPC, HTTP, command
 * line, the dashboard's reading of the answer and, where a Chromium is there, what stands on its page.
 */
import path from 'node:path';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { sayNotChecked } from '@mesos-torque/common/testing/not-checked.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aControlStory } from '../../scheduler/src/api/testing/control-story.ts';
import { serveStory, type ServedStory } from '../../scheduler/src/api/testing/served-story.ts';
import { run } from '../../scheduler/src/cli/testing/run.ts';
import { storyMs } from '../../scheduler/src/core/testing/builders.ts';
import { situations, type Situation } from '../../scheduler/src/core/testing/situations.ts';
import { object } from './decode.ts';
import { explanationIn } from './read-messages.ts';
import { chromiumPath } from './testing/chromium.ts';
import { createBrowserLab, type BrowserLab } from './testing/dashboard-in-chromium.ts';

const chromium = chromiumPath();
if (chromium === null) {
  sayNotChecked(
    'what the job page says in ten situations',
    'there is no Chromium here; name one in CHROMIUM',
  );
}

let served: ServedStory;

async function serve({ before, scenario }: Situation, pages: string): Promise<void> {
  const story = aControlStory(before ?? scenario, { ...systemClock, nowMs: () => storyMs });
  if (before !== null) story.tell(scenario);
  served = await serveStory(story, pages);
}

afterEach(() => served.close());

describe.each(situations)('a job that waits because of $name', (situation) => {
  const { sentence } = situation;

  it('is explained alike by gRPC, HTTP, the command line and what the dashboard reads', async () => {
    await serve(situation, path.join(import.meta.dirname, 'no-pages'));

    const http: unknown = await (await fetch(`${served.url}api/v1/explain/job/42`)).json();
    const asJson = await run('explain', 'job', '42', '--json', '--socket', served.socket);
    const asText = await run('explain', 'job', '42', '--socket', served.socket);
    const listed = await run('jobs', 'id:42', '--json', '--socket', served.socket);

    expect(object(JSON.parse(asJson.out), 'grpc')['conclusion']).toBe(sentence);
    expect(asText.out.trimEnd().split('\n').at(-1)).toBe(sentence);
    expect(explanationIn(object(http, 'http')).conclusion).toBe(sentence);
    expect(http).toEqual(JSON.parse(asJson.out));
    const [job] = (JSON.parse(listed.out) as { jobs: { why: string }[] }).jobs;
    expect(sentence).toContain(job?.why);
  });
});

describe.skipIf(chromium === null)('the job page in Chromium', { timeout: 60_000 }, () => {
  let lab: BrowserLab;
  beforeAll(async () => {
    lab = await createBrowserLab(chromium ?? '');
  }, 60_000);
  afterAll(() => lab.close());

  it.each(situations)('says the same of a job that waits because of $name', async (situation) => {
    await serve(situation, lab.dist);
    const page = await lab.visit(`${served.url}#/job/42`);

    expect(await page.locator('.conclusion').innerText()).toBe(situation.sentence);
  });
});
