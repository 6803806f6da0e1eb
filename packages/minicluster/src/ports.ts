/** Free TCP ports on the loopback interface. */
import net from 'node:net';

const tries = 50;
/** Below the range from which the system takes ports for outgoing connections (32768 on Linux). */
const portMin = 20_000;
const portMax = 32_000;

/**
 * The first of `count` ports in a row that nobody listens on now. The start is drawn from the process
 * id, so that clusters started at the same time look in different places. Throws after 50 tries.
 */
export async function freePortRange(count: number): Promise<number> {
  let first = portMin + ((process.pid * 97 + nextOffset()) % (portMax - portMin - count));
  for (let attempt = 0; attempt < tries; attempt++) {
    const taken = await firstTaken(first, count);
    if (taken === null) return first;
    first = taken + 1 + count > portMax ? portMin : taken + 1;
  }
  throw new Error(
    `no ${String(count)} free ports in a row between ${String(portMin)} and ${String(portMax)}`,
  );
}

let handedOut = 0;

/** Ranges handed out by one process do not touch, even while nobody listens on them yet. */
function nextOffset(): number {
  handedOut += 1;
  return handedOut * 211;
}

async function firstTaken(first: number, count: number): Promise<number | null> {
  for (let port = first; port < first + count; port++) {
    if (!(await isFree(port))) return port;
  }
  return null;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
