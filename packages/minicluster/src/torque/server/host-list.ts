/**
 * The list of hosts that trust each other. After a change the server waits ten seconds, in which
 * further changes are gathered, before it sends the list to all moms; until then a new node is
 * "down,offline,MOM-list-not-sent".
 */
import type { MomReply, MomReport } from '../shared/api.ts';
import type { Node } from './model.ts';
import { callMom, hostList } from './mom-calls.ts';
import type { Server } from './server.ts';
import { trustKey } from './server.ts';

/** How often nodes are looked at that have not reported. */
const checkMs = 500;

export class HostListSender {
  readonly #server: Server;
  #due: NodeJS.Timeout | null = null;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(server: Server) {
    this.#server = server;
  }

  /** At the start every mom is asked to report, and told the list. */
  begin(): void {
    const { nodes } = this.#server.db;
    for (const node of nodes) {
      node.listSent = true;
      node.down = true;
    }
    // Each is told of all of them, of those too that were made shortly before the server ended.
    for (const node of nodes) void this.#greet(node);
    const check = setInterval(() => {
      this.#markSilentNodes();
    }, checkMs);
    this.#timers.add(check);
  }

  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#due !== null) clearTimeout(this.#due);
  }

  listChanged(): void {
    this.#due ??= setTimeout(() => {
      this.#send();
    }, this.#server.settings.hostListDelayMs);
  }

  #send(): void {
    this.#due = null;
    // An offline that was set meanwhile is lost.
    for (const node of this.#server.db.nodes.filter((n) => !n.listSent)) {
      node.listSent = true;
      node.offline = false;
    }
    this.#server.changed();
    const hosts = hostList(this.#server);
    for (const node of this.#server.db.nodes) {
      // Who is offline now is not told, and not when the mark is cleared either.
      if (node.status !== null && !node.offline) void callMom(node, { op: 'host-list', hosts });
    }
  }

  async #greet(node: Node): Promise<void> {
    await callMom(node, { op: 'host-list', hosts: hostList(this.#server) });
    await callMom(node, { op: 'report-now' });
  }

  /** A mom reports. Its node becomes free with it, whether or not the mom has the list. */
  report(report: MomReport): MomReply {
    const node = this.#nodeOf(report);
    if (node === null) return { kind: 'untrusted' };
    if (!node.listSent) return { kind: 'pending' };
    node.down = false;
    node.busy = report.busy;
    node.status = report.status;
    node.statusAtMs = this.#server.nowMs;
    this.#server.changed();
    const hosts = hostList(this.#server);
    if (report.list === 'lacks') this.#sendLate(node);
    return { kind: 'accepted', hosts: report.list === 'asks' ? hosts : null };
  }

  #nodeOf(report: MomReport): Node | null {
    const name = this.#server.trusted.get(trustKey(report));
    return name === undefined ? null : this.#server.node(name);
  }

  /** A mom that ran before its node was created is free long before it has the list. */
  #sendLate(node: Node): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#server.node(node.name) === node) {
        void callMom(node, { op: 'host-list', hosts: hostList(this.#server) });
      }
    }, this.#server.settings.lateHostListMs);
    this.#timers.add(timer);
  }

  /** `momctl -s` and SIGTERM: the node is down at once. */
  momDown(at: { readonly address: string; readonly servicePort: number }): void {
    const name = this.#server.trusted.get(trustKey(at));
    const node = name === undefined ? null : this.#server.node(name);
    if (node === null) return;
    node.down = true;
    this.#server.changed();
  }

  /** A killed mom says nothing: its node stays free for node_check_rate. */
  #markSilentNodes(): void {
    const limitMs = this.#server.numberSetting('node_check_rate', 150) * 1000;
    for (const node of this.#server.db.nodes) {
      if (node.down || node.statusAtMs === null) continue;
      if (this.#server.nowMs - node.statusAtMs <= limitMs) continue;
      node.down = true;
      this.#server.changed();
    }
  }
}
