/**
 * Plays the stories: makes the site, plays, audits, reports, takes the site away. Exit code 0 when no story failed,
 * 1 when one did, 2 when the command line is wrong or the site could not be made.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@mesos-torque/common/text.ts';
import { e2eOptions, isChosen, usage, type E2eOptions } from './options.ts';
import { playStory } from './play-story.ts';
import { hasFailed, junitXml, summaryText, type RunReport, type StoryResult } from './report.ts';
import { openRuntime } from './open-runtime.ts';
import type { Program, Site } from './site.ts';
import { stories } from './stories/all.ts';
import type { Story } from './story.ts';

const usualReportDir = fileURLToPath(new URL('../../.mesos-torque/e2e', import.meta.url));

async function main(args: readonly string[]): Promise<number> {
  let options: E2eOptions;
  try {
    options = e2eOptions(args);
  } catch (error) {
    say(`${messageOf(error)}\n\n${usage}`);
    return 2;
  }
  const chosen = stories.filter(({ title }) => isChosen(title, options.only));
  if (options.list) {
    for (const { title, proves } of chosen) say(`${title}\n    ${proves}`);
    return 0;
  }
  if (chosen.length === 0) {
    say(`no story has ${options.only.join(' or ')} in its title; --list names them`);
    return 2;
  }
  return play(chosen, options);
}

async function play(chosen: readonly Story[], options: E2eOptions): Promise<number> {
  const startedAtMs = Date.now();
  const seconds = (): number => (Date.now() - startedAtMs) / 1000;
  const reportDir = path.resolve(options.reportDir ?? usualReportDir);
  let site: Site;
  try {
    await mkdir(reportDir, { recursive: true });
    site = await openRuntime(options, say);
  } catch (error) {
    say(`the site could not be made: ${messageOf(error)}`);
    return 2;
  }
  const setUpSeconds = seconds();
  say(`mesos: ${programText(site.programs.mesos)}, torque: ${programText(site.programs.torque)}`);
  const results: StoryResult[] = [];
  for (const [index, story] of chosen.entries()) {
    const leave = options.keep && index === chosen.length - 1;
    const result = await playStory(story, site, { keepDir: reportDir, leave });
    tell(result);
    results.push(result);
  }
  const report: RunReport = {
    runtime: site.runtime,
    programs: { mesos: programText(site.programs.mesos), torque: programText(site.programs.torque) },
    startedAtMs,
    setUpSeconds,
    seconds: seconds(),
    stories: results,
  };
  await writeFile(path.join(reportDir, 'report.xml'), junitXml(report));
  await writeFile(path.join(reportDir, 'report.txt'), summaryText(report));
  say(`\n${summaryText(report)}`);
  if (!options.keep) await site.close();
  return hasFailed(report) ? 1 : 0;
}

function tell({ title, seconds, outcome, seen }: StoryResult): void {
  say(`\n${title}: ${outcome.kind === 'left-out' ? 'LEFT OUT' : outcome.kind} (${seconds.toFixed(1)} s)`);
  for (const { second, text } of seen)
    say(`  ${second < 0 ? '      ' : second.toFixed(1).padStart(6)}  ${text}`);
  if (outcome.kind === 'left-out') say(`  ${outcome.why}`);
  if (outcome.kind === 'failed') for (const problem of outcome.problems) say(`  FAILED: ${problem}`);
}

function programText(program: Program): string {
  return program.kind === 'stand-in' ? 'stand-in' : `real ${program.version}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main(process.argv.slice(2));
