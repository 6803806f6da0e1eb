/** The built dashboard in a real browser, over a made-up cluster. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { buildDashboard } from '../../build.ts';
import { launchChromium } from './chromium.ts';
import { serveFakeApi, type FakeApi } from './fake-api.ts';
import type { SampleCluster } from './sample-cluster.ts';

/** Looked at by people, kept by CI; not committed. */
const screenshots = fileURLToPath(new URL('../../screenshots/', import.meta.url));

export interface OpenedPage {
  readonly page: Page;
  readonly api: FakeApi;
  /** What the page complained about, and whatever it asked of another host: both should be empty. */
  readonly complaints: readonly string[];
  /** Under this name: the whole page, or what is in the window. */
  readonly screenshot: (name: string, part?: 'whole' | 'window') => Promise<void>;
}

export interface BrowserLab {
  /** Where the built dashboard is. */
  readonly dist: string;
  /** A page that somebody else serves. */
  visit(url: string): Promise<Page>;
  open(cluster: SampleCluster, hash: string, options?: BrowserContextOptions): Promise<OpenedPage>;
  /** Ends pages and servers that were opened since the last time. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export async function createBrowserLab(executablePath: string): Promise<BrowserLab> {
  const dist = mkdtempSync(path.join(os.tmpdir(), 'mesos-torque-dashboard-'));
  await buildDashboard(dist);
  mkdirSync(screenshots, { recursive: true });
  const browser: Browser = await launchChromium(executablePath);
  let opened: (() => Promise<void>)[] = [];
  const clear = async (): Promise<void> => {
    for (const end of opened.splice(0)) await end();
    opened = [];
  };
  const newPage = async (options: BrowserContextOptions): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    opened.unshift(() => context.close());
    return context.newPage();
  };
  return {
    dist,
    async visit(url) {
      const page = await newPage({});
      await page.goto(url);
      return page;
    },
    async open(cluster, hash, options = {}) {
      const api = await serveFakeApi(dist, cluster);
      opened.push(() => api.close());
      const page = await newPage(options);
      const complaints = complaintsOf(page, api.url);
      await page.goto(api.url + hash);
      return {
        page,
        api,
        complaints,
        screenshot: async (name, part = 'whole') => {
          await page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: part === 'whole' });
        },
      };
    },
    clear,
    async close() {
      await clear();
      await browser.close();
      rmSync(dist, { recursive: true, force: true });
    },
  };
}

function complaintsOf(page: Page, home: string): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // The browser itself reports requests that are refused; some stories refuse them on purpose.
    const isOfNetwork = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isOfNetwork) complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(home) && !url.startsWith('data:')) complaints.push(`asked ${url}`);
  });
  return complaints;
}
