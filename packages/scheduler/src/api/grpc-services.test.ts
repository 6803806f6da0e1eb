/** gRPC's own services beside ours, asked over the unix socket by generated clients, as probes and grpcurl ask. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { fileDescriptors } from '@mesos-torque/proto/gen/descriptors.ts';
import { HealthClient, type HealthCheckResponse } from '@mesos-torque/proto/gen/grpc/health/v1/health.ts';
import {
  ServerReflectionClient,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from '@mesos-torque/proto/gen/grpc/reflection/v1/reflection.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveControl, type ControlServer } from './control-server.ts';
import { controlService } from './control-service.ts';
import { reflectionAlphaService } from './reflection-service.ts';
import { aControlStory } from './testing/control-story.ts';
import { onSocket } from './tokens.ts';

let dir: string;
let address: string;
let server: ControlServer;
let isReady = true;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'grpc-'));
  address = `unix:${path.join(dir, 's')}`;
  isReady = true;
  const { control } = aControlStory('policy minSlotsHeld=0', systemClock);
  server = await serveControl(
    path.join(dir, 's'),
    controlService(control, () => onSocket),
    () => isReady,
  );
});

afterEach(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});

describe('health', () => {
  const check = (service: string): Promise<HealthCheckResponse['status']> => {
    const client = new HealthClient(address, credentials.createInsecure());
    return new Promise<HealthCheckResponse['status']>((resolve, reject) => {
      client.check({ service }, (error, answer) => {
        if (error === null) resolve(answer.status);
        else reject(error);
      });
    }).finally(() => {
      client.close();
    });
  };

  it('of the server is that it answers; of the control service, that the scheduler is ready', async () => {
    expect([await check(''), await check('control.v1.ControlService')]).toEqual(['SERVING', 'SERVING']);

    isReady = false;

    expect([await check(''), await check('control.v1.ControlService')]).toEqual(['SERVING', 'NOT_SERVING']);
  });

  it('of a service that is not here is not found', async () => {
    await expect(check('control.v9.Nothing')).rejects.toMatchObject({
      code: 5,
      details: 'there is no service control.v9.Nothing',
    });
  });

  it('is watched: at once, and again when it changes', async () => {
    const client = new HealthClient(address, credentials.createInsecure());
    const call = client.watch({ service: 'control.v1.ControlService' });
    const seen: string[] = [];
    await new Promise<void>((resolve, reject) => {
      call.on('data', (answer: HealthCheckResponse) => {
        seen.push(answer.status);
        isReady = !isReady;
        if (seen.length === 2) resolve();
      });
      call.on('error', reject);
    });
    call.on('error', () => undefined);
    call.cancel();
    client.close();

    expect(seen).toEqual(['SERVING', 'NOT_SERVING']);
  });
});

describe('reflection', () => {
  const nameOf = new Map(fileDescriptors.map(({ name, base64 }) => [base64, name]));

  type Question = NonNullable<ServerReflectionRequest['messageRequest']>;

  const asked = (
    call: ReturnType<ServerReflectionClient['serverReflectionInfo']>,
    questions: readonly Question[],
  ): Promise<readonly ServerReflectionResponse[]> => {
    const answers: ServerReflectionResponse[] = [];
    return new Promise((resolve, reject) => {
      call.on('data', (answer: ServerReflectionResponse) => answers.push(answer));
      call.on('end', () => {
        resolve(answers);
      });
      call.on('error', reject);
      for (const messageRequest of questions) call.write({ host: '', messageRequest });
      call.end();
    });
  };
  const ask = async (...questions: readonly Question[]): Promise<readonly ServerReflectionResponse[]> => {
    const client = new ServerReflectionClient(address, credentials.createInsecure());
    const answers = await asked(client.serverReflectionInfo(), questions);
    client.close();
    return answers;
  };
  const filesOf = ({ messageResponse }: ServerReflectionResponse): readonly string[] =>
    messageResponse?.$case === 'fileDescriptorResponse'
      ? messageResponse.value.fileDescriptorProto.map((one) => nameOf.get(one.toString('base64')) ?? '?')
      : [];

  it('lists the services', async () => {
    const [answer] = await ask({ $case: 'listServices', value: '*' });

    expect(answer?.messageResponse).toEqual({
      $case: 'listServicesResponse',
      value: {
        service: [
          { name: 'control.v1.ControlService' },
          { name: 'grpc.health.v1.Health' },
          { name: 'grpc.reflection.v1.ServerReflection' },
        ],
      },
    });
  });

  it('gives the file of a service, a method, a message or a field, with what it imports', async () => {
    const answers = await ask(
      { $case: 'fileContainingSymbol', value: 'control.v1.ControlService' },
      { $case: 'fileContainingSymbol', value: 'control.v1.ControlService.Explain' },
      { $case: 'fileContainingSymbol', value: '.control.v1.Job' },
      { $case: 'fileContainingSymbol', value: 'control.v1.DrainRequest.deadline_after_ms' },
      { $case: 'fileByFilename', value: 'grpc/health/v1/health.proto' },
    );

    const messages = ['control/v1/messages.proto', 'control/v1/facts.proto'];
    expect(answers.map(filesOf)).toEqual([
      ['control/v1/control.proto', ...messages],
      ['control/v1/control.proto', ...messages],
      ['control/v1/facts.proto'],
      messages,
      ['grpc/health/v1/health.proto'],
    ]);
  });

  it('says what there is not, and goes on', async () => {
    const answers = await ask(
      { $case: 'fileContainingSymbol', value: 'control.v1.Nothing' },
      { $case: 'allExtensionNumbersOfType', value: 'control.v1.Job' },
      { $case: 'fileByFilename', value: 'control/v1/errors.proto' },
    );

    expect(answers[0]?.messageResponse).toEqual({
      $case: 'errorResponse',
      value: { errorCode: 5, errorMessage: 'there is no symbol control.v1.Nothing' },
    });
    expect(answers[1]?.messageResponse?.$case).toBe('errorResponse');
    expect(filesOf(answers[2]!)).toEqual(['control/v1/errors.proto']);
  });

  it('answers by its older name too', async () => {
    const client = new Client(address, credentials.createInsecure());
    const {
      path: method,
      requestSerialize,
      responseDeserialize,
    } = reflectionAlphaService.serverReflectionInfo;
    const call = client.makeBidiStreamRequest(method, requestSerialize, responseDeserialize);

    const [answer] = await asked(call, [{ $case: 'fileContainingSymbol', value: 'grpc.health.v1.Health' }]);
    client.close();

    expect(filesOf(answer!)).toEqual(['grpc/health/v1/health.proto']);
  });
});
