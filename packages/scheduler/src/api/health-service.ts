/**
 * gRPC's standard health service. The whole server ("") serves as long as it answers; the control service serves while
 * the scheduler is ready, so that who balances or probes several schedulers finds the one that leads.
 */
import { Metadata, status, type ServerWritableStream } from '@grpc/grpc-js';
import type { Clock } from '@mesos-torque/common/clock.ts';
import type {
  HealthCheckRequest,
  HealthCheckResponse,
  HealthServer,
} from '@mesos-torque/proto/gen/grpc/health/v1/health.ts';

/** How soon a watcher hears of a change. */
export const healthIntervalMs = 1_000;
/** Watchers at once; each costs a look at a flag every second. */
const watchersMax = 1_000;

export const controlServiceName = 'control.v1.ControlService';

interface Watcher {
  readonly service: string;
  readonly call: ServerWritableStream<HealthCheckRequest, HealthCheckResponse>;
  told: HealthCheckResponse['status'];
}

/** `isReady`: as /readyz says. */
export function healthService(isReady: () => boolean, clock: Clock): HealthServer {
  const watchers = new Set<Watcher>();
  let cancel = (): void => undefined;

  const statusOf = (service: string): HealthCheckResponse['status'] => {
    if (service === '') return 'SERVING';
    if (service !== controlServiceName) return 'SERVICE_UNKNOWN';
    return isReady() ? 'SERVING' : 'NOT_SERVING';
  };
  const lookAgain = (): void => {
    cancel = clock.after(healthIntervalMs, () => {
      for (const watcher of watchers) {
        const now = statusOf(watcher.service);
        if (now === watcher.told) continue;
        watcher.told = now;
        watcher.call.write({ status: now });
      }
      if (watchers.size > 0) lookAgain();
    });
  };

  return {
    check({ request: { service } }, respond) {
      const now = statusOf(service);
      if (now === 'SERVICE_UNKNOWN') respond(grpcError(status.NOT_FOUND, `there is no service ${service}`));
      else respond(null, { status: now });
    },
    watch(call) {
      if (watchers.size >= watchersMax) {
        call.emit(
          'error',
          grpcError(status.RESOURCE_EXHAUSTED, `${String(watchersMax)} watch health already`),
        );
        return;
      }
      const watcher: Watcher = { call, service: call.request.service, told: statusOf(call.request.service) };
      const stop = (): void => {
        watchers.delete(watcher);
        if (watchers.size === 0) cancel();
      };
      call.on('cancelled', stop);
      call.on('close', stop);
      call.write({ status: watcher.told });
      watchers.add(watcher);
      if (watchers.size === 1) lookAgain();
    },
  };
}

function grpcError(
  code: number,
  details: string,
): { code: number; details: string; metadata: Metadata; name: string; message: string } {
  return { code, details, metadata: new Metadata(), name: 'HealthError', message: details };
}
