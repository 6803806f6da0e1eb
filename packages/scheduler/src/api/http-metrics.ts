/** `/metrics`, as Prometheus reads it. */
import type { PlanView } from './plan-view.ts';
import type { Handler } from './http-server.ts';

export interface MetricsText<Standing> {
  readonly contentType: string;
  text(view: PlanView | null, standing: Standing): Promise<string>;
}

export function httpMetrics<Standing>(
  metrics: MetricsText<Standing>,
  feed: { view(): Promise<PlanView | null> },
  standing: () => Standing,
): Handler {
  return async (request, response, { pathname }) => {
    if (pathname !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
    const body = await metrics.text(await feed.view(), standing());
    response.writeHead(200, { 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' });
    response.end(body);
    return true;
  };
}
