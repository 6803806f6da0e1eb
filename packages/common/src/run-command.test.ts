import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { CommandResult, RunOptions } from './run-command.ts';
import { runCommand } from './run-command.ts';

describe('a program that ends by itself', () => {
  test('gives its code and both outputs', async () => {
    const result = await runScript(
      "process.stdout.write('out'); process.stderr.write('err'); process.exit(3)",
    );
    expect(shown(result)).toEqual({ kind: 'exit', code: 3, stdout: 'out', stderr: 'err' });
  });

  test('gets its arguments as they are, no shell between', async () => {
    const result = await runCommand(
      [process.execPath, '-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', '$HOME; *', "a'b"],
      options(),
    );
    expect(shown(result)).toMatchObject({ stdout: '["$HOME; *","a\'b"]\n' });
  });

  test('reads its standard input to the end', async () => {
    const result = await runScript('process.stdin.pipe(process.stdout)', { stdin: 'some text' });
    expect(shown(result)).toMatchObject({ kind: 'exit', code: 0, stdout: 'some text' });
  });

  test('finds standard input empty when it is given none', async () => {
    const result = await runScript(
      "process.stdin.pipe(process.stdout); process.stdin.on('end', () => console.log('end'))",
    );
    expect(shown(result)).toMatchObject({ kind: 'exit', code: 0, stdout: 'end\n' });
  });

  test('may leave its input unread', async () => {
    const result = await runScript('process.exit(0)', { stdin: 'x'.repeat(1_000_000) });
    expect(shown(result)).toMatchObject({ kind: 'exit', code: 0 });
  });

  test('has the environment and the folder that it is given', async () => {
    const script =
      "console.log(process.env.A, process.env.HOME, process.cwd() === require('fs').realpathSync('/'))";
    const result = await runScript(script, { env: { A: 'b' }, cwd: '/' });
    expect(shown(result)).toMatchObject({ stdout: 'b undefined true\n' });
  });

  test('by a signal is told from one that exits', async () => {
    const result = await runScript("process.kill(process.pid, 'SIGUSR2')");
    expect(shown(result)).toMatchObject({ kind: 'signal', signal: 'SIGUSR2' });
  });
});

describe('a program that cannot be started', () => {
  test.each([
    ['is not there', '/nowhere/qstat', {}, 'no program /nowhere/qstat (ENOENT)'],
    ['may not be run', '/etc/passwd', {}, '/etc/passwd may not be run by this user (EACCES)'],
    ['has no folder to run in', process.execPath, { cwd: '/nowhere' }, 'no folder /nowhere (ENOENT)'],
    ['has a NUL byte in its name', 'a\u0000b', {}, 'without null bytes'],
  ])('because it %s is a value', async (_why, program, more, error) => {
    const result = await runCommand([program], options(more));
    expect(result).toEqual({ kind: 'spawn-failed', error: expect.stringContaining(error) as unknown });
  });
});

describe('output that is taken while it comes', () => {
  test('comes in pieces, all of it and in order, and is not in the result', async () => {
    const pieces: Buffer[] = [];
    const script =
      "for (let n = 0; n < 40_000; n += 1) process.stdout.write(`${n}\\n`); console.error('said')";

    const result = await runScript(script, {
      outputBytesMax: 1_000_000,
      onStdout: (piece) => pieces.push(piece),
    });

    expect(shown(result)).toEqual({ kind: 'exit', code: 0, stdout: '', stderr: 'said\n' });
    expect(pieces.length).toBeGreaterThan(1);
    expect(Buffer.concat(pieces).toString().trim().split('\n')).toEqual(
      Array.from({ length: 40_000 }, (_, n) => String(n)),
    );
  });

  test('is limited like other output: what is beyond is not given on', async () => {
    let bytes = 0;
    const result = await runScript("for (;;) process.stdout.write('x'.repeat(1000))", {
      outputBytesMax: 10_000,
      onStdout: (piece) => {
        bytes += piece.length;
      },
    });

    expect(result).toMatchObject({ kind: 'too-much-output', bytesMax: 10_000 });
    expect(bytes).toBe(10_000);
  });
});

describe('a program that is ended', () => {
  test('for time keeps what it had written', async () => {
    const result = await runScript("process.stdout.write('so far'); setInterval(() => {}, 1000)", {
      timeoutMs: 500,
    });
    expect(shown(result)).toEqual({ kind: 'timed-out', timeoutMs: 500, stdout: 'so far', stderr: '' });
  });

  test('is ended even when it ignores TERM', async () => {
    const result = await runScript("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)", {
      timeoutMs: 300,
    });
    expect(result).toMatchObject({ kind: 'timed-out' });
  });

  test('takes with it what it has started, even what ignores TERM', async () => {
    // The grandchild holds a connection to us for as long as it lives.
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const connected = once(server, 'connection') as Promise<[Socket]>;
    const grandchild = `process.on('SIGTERM', () => {}); require('net').connect(${port}, '127.0.0.1')`;
    const script = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}]); setInterval(() => {}, 1000)`;

    const running = runScript(script, { timeoutMs: 1500 });
    const [connection] = await connected;
    const closed = once(connection.on('error', () => undefined).resume(), 'close');

    expect(await running).toMatchObject({ kind: 'timed-out' });
    expect(await closed).toBeDefined();
    server.close();
  });

  test('for too much output keeps as much as is allowed', async () => {
    const result = await runScript("for (;;) process.stdout.write('x'.repeat(1000))", {
      outputBytesMax: 10_000,
    });
    expect(result).toMatchObject({ kind: 'too-much-output', bytesMax: 10_000 });
    expect(shown(result)['stdout']).toBe('x'.repeat(10_000));
  });

  test('exactly as much output as is allowed is not too much', async () => {
    const result = await runScript("process.stdout.write('x'.repeat(1000))", { outputBytesMax: 1000 });
    expect(result).toMatchObject({ kind: 'exit', code: 0 });
  });
});

test('something left behind that holds the output open does not keep us waiting', async () => {
  const child = 'setTimeout(() => {}, 60_000)';
  const script = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' }).unref(); console.log('started'); process.exit(0)`;

  const result = await runScript(script, { timeoutMs: 15_000 });

  expect(shown(result)).toMatchObject({ kind: 'exit', code: 0, stdout: 'started\n' });
});

function options(more: Partial<RunOptions> = {}): RunOptions {
  return { timeoutMs: 15_000, outputBytesMax: 100_000, ...more };
}

function runScript(script: string, more: Partial<RunOptions> = {}): Promise<CommandResult> {
  return runCommand([process.execPath, '-e', script], options(more));
}

/** The result with its outputs as text and without its duration. */
function shown(result: CommandResult): Record<string, unknown> {
  if (result.kind === 'spawn-failed') return result;
  const { durationMs, stdout, stderr, ...rest } = result;
  expect(durationMs).toBeGreaterThanOrEqual(0);
  return { ...rest, stdout: stdout.toString(), stderr: stderr.toString() };
}
