/** What a caller of the control API is told when there is no answer: a standard code, a word for programs, a sentence. */
import { status } from '@grpc/grpc-js';
import { messageOf } from '@mesos-torque/common/text.ts';

export type ControlCode =
  | 'INVALID_ARGUMENT'
  | 'NOT_FOUND'
  | 'FAILED_PRECONDITION'
  | 'OUT_OF_RANGE'
  | 'UNAUTHENTICATED'
  | 'PERMISSION_DENIED'
  | 'UNAVAILABLE'
  | 'RESOURCE_EXHAUSTED'
  | 'UNIMPLEMENTED'
  | 'INTERNAL';

export class ControlError extends Error {
  readonly code: ControlCode;
  /** Stable, in capitals: `JOB_UNKNOWN`. */
  readonly reason: string;

  constructor(code: ControlCode, reason: string, message: string) {
    super(message);
    this.name = 'ControlError';
    this.code = code;
    this.reason = reason;
  }
}

/** Anything else that was thrown is a mistake of ours. */
export function asControlError(error: unknown): ControlError {
  if (error instanceof ControlError) return error;
  const message = messageOf(error);
  return new ControlError('INTERNAL', 'MISTAKE_OF_OURS', message);
}

export function grpcCode(code: ControlCode): number {
  return status[code];
}

const httpCodes: Readonly<Record<ControlCode, number>> = {
  INVALID_ARGUMENT: 400,
  NOT_FOUND: 404,
  FAILED_PRECONDITION: 409,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  UNAVAILABLE: 503,
  RESOURCE_EXHAUSTED: 429,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
};

export function httpCode(code: ControlCode): number {
  return httpCodes[code];
}
