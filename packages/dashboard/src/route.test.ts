import { describe, expect, it } from 'vitest';
import { hrefOf, listHref, routeOf, withKey, type Route } from './route.ts';

describe('addresses', () => {
  it.each<[string, Route]>([
    ['#/', { page: 'now' }],
    ['#/nodes', { page: 'nodes', query: {} }],
    ['#/nodes?filter=phase%3Aup+bigmem', { page: 'nodes', query: { filter: 'phase:up bigmem' } }],
    ['#/node/node7.example.org', { page: 'node', id: 'node7.example.org' }],
    ['#/job/100%5B3%5D.head', { page: 'job', id: '100[3].head' }],
    ['#/journal?at=1700000000000', { page: 'journal', query: { at: '1700000000000' } }],
    ['#/settings', { page: 'settings' }],
  ])('%s leads to its page, and the page back to it', (hash, route) => {
    expect(routeOf(hash)).toEqual(route);
    expect(hrefOf(route)).toBe(hash);
  });

  it('begin at the first page where there is none', () => {
    expect(routeOf('')).toEqual({ page: 'now' });
  });

  it.each(['#/wherever', '#/job/', '#/job/%E0%A4%A'])('%s leads nowhere, and says so', (hash) => {
    expect(routeOf(hash)).toEqual({ page: 'nowhere', text: hash.slice(1) });
  });

  it('keep ids whole that have slashes and question marks in them', () => {
    const route: Route = { page: 'offer', id: 'a/b?c#d' };
    expect(routeOf(hrefOf(route))).toEqual(route);
  });

  it('lose a filter that is emptied', () => {
    expect(withKey({ filter: 'x', at: '5' }, 'filter', '')).toEqual({ at: '5' });
    expect(listHref('jobs', '')).toBe('#/jobs');
  });
});
