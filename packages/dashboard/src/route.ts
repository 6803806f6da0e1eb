/** Where in the dashboard we are: the part of the address behind `#`. */

export type Route =
  | { readonly page: 'now' }
  | { readonly page: ListPage; readonly query: Query }
  | { readonly page: ThingPage; readonly id: string }
  | { readonly page: 'settings' | 'repair' }
  | { readonly page: 'nowhere'; readonly text: string };

export type ListPage = 'nodes' | 'jobs' | 'offers' | 'journal';
export type ThingPage = 'node' | 'job' | 'offer' | 'agent';

/** What a list is narrowed to; keys without a value are left out. */
export type Query = Readonly<Record<string, string>>;

/** Never throws: an address that leads nowhere is a route of its own, which the page can show. */
export function routeOf(hash: string): Route {
  const text = hash.replace(/^#/, '');
  const [path, search] = cut(text, '?');
  const [page, argument] = cut(path.replace(/^\/+/, ''), '/');
  switch (page) {
    case '':
    case 'now':
      return { page: 'now' };
    case 'nodes':
    case 'jobs':
    case 'offers':
    case 'journal':
      return { page, query: queryOf(search) };
    case 'settings':
    case 'repair':
      return { page };
    case 'node':
    case 'job':
    case 'offer':
    case 'agent': {
      const id = decoded(argument);
      return id === null || id === '' ? { page: 'nowhere', text } : { page, id };
    }
    default:
      return { page: 'nowhere', text };
  }
}

export function hrefOf(route: Route): string {
  switch (route.page) {
    case 'now':
      return '#/';
    case 'nodes':
    case 'jobs':
    case 'offers':
    case 'journal':
      return `#/${route.page}${searchOf(route.query)}`;
    case 'node':
    case 'job':
    case 'offer':
    case 'agent':
      return `#/${route.page}/${encodeURIComponent(route.id)}`;
    case 'settings':
    case 'repair':
      return `#/${route.page}`;
    case 'nowhere':
      return `#${route.text}`;
  }
}

/** The address of a list narrowed by a filter of the API's words. */
export function listHref(page: ListPage, filter: string): string {
  return hrefOf({ page, query: withKey({}, 'filter', filter) });
}

/** The query with one key set, or dropped where the value is empty. */
export function withKey(query: Query, key: string, value: string): Query {
  const kept = Object.entries(query).filter(([name]) => name !== key);
  return Object.fromEntries(value === '' ? kept : [...kept, [key, value]]);
}

function searchOf(query: Query): string {
  const search = new URLSearchParams(query).toString();
  return search === '' ? '' : `?${search}`;
}

function queryOf(search: string): Query {
  return Object.fromEntries([...new URLSearchParams(search)].filter(([, value]) => value !== ''));
}

function cut(text: string, at: string): readonly [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + at.length)];
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
