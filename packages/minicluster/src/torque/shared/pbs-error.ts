/**
 * Errors of pbs_server as 6.1.3 words them. Commands exit with the code's last eight bits: 15038,
 * "exceeds queue resource limits", makes qsub exit 190.
 */
import { Refusal } from './wire.ts';

const texts = {
  15001: 'Unknown Job Id Error',
  15002: 'Undefined attribute ',
  15003: 'Cannot set attribute, read only or insufficient permission ',
  15004: 'Invalid request',
  15007: 'Unauthorized Request ',
  15010: 'Access from host not allowed, or unknown host',
  15016: 'Illegal attribute or resource value for',
  15018: 'Request invalid for state of job',
  15020: 'Unknown queue',
  15023: 'Queue is not enabled',
  15027: 'Queue already exists',
  15029: 'Cannot delete busy queue',
  15037: 'Unknown resource type ',
  15038: 'Job exceeds queue resource limits',
  15039: 'No default queue specified',
  15043: 'Execution server rejected request',
  15046: 'Resource temporarily unavailable',
  15048: 'Maximum number of jobs already in queue',
  15056: 'Invalid Job Dependency',
  15064: 'Unknown node ',
  15065: 'Unknown node-attribute ',
  15066: 'Server has no node list',
  15068: 'Node name already exists',
  15072: 'Server could not connect to MOM',
  15083: 'Bad Job Array Request',
  15131: 'Command syntax invalid',
  15155:
    "The updated okclients list hasn't been sent out to the cluster yet. The node(s) will automatically update to free once this is done and the mom has reported in.",
} as const;

export type PbsCode = keyof typeof texts;

export class PbsError extends Refusal {
  /** `detail` is what follows `MSG=`; `subject` what follows the text directly, such as an attribute's name. */
  constructor(code: PbsCode, detail?: string, subject?: string) {
    const text = subject === undefined ? texts[code] : `${texts[code]} ${subject}`;
    super(code, detail === undefined ? text : `${text} MSG=${detail}`);
  }
}
