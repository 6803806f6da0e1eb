import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { Artifact } from './artifact.ts';

test('a reader that is given up takes nothing from the others', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'artifact-'));
  try {
    const file = path.join(dir, 'torque-executor.tar.gz');
    const content = Buffer.alloc(5_000_000, 'executor ');
    await writeFile(file, content);
    const artifact = await Artifact.open(file);
    const [given, kept] = [artifact.read(), artifact.read()];
    const keptAll = buffer(kept);
    // The agent hangs up after the first piece.
    for await (const piece of given) {
      expect((piece as Buffer).length).toBeGreaterThan(0);
      break;
    }
    expect(given.destroyed).toBe(true);

    expect((await keptAll).equals(content)).toBe(true);
    expect((await buffer(artifact.read())).equals(content)).toBe(true);
    expect(artifact.sha256).toBe(createHash('sha256').update(content).digest('hex'));
    expect(await artifact.isUnchanged()).toBe(true);
    await artifact.close();
  } finally {
    await rm(dir, { recursive: true });
  }
});
