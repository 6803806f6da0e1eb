/** The descriptors that reflection answers from are whole: a client can link them, and finds every name in its file. */
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { expect, test } from 'vitest';
import { fileDescriptors } from './gen/descriptors.ts';

const decoded = fileDescriptors.map(({ base64 }) =>
  fromBinary(FileDescriptorProtoSchema, Buffer.from(base64, 'base64')),
);

test('each is the file that it is named after', () => {
  expect(decoded.map(({ name }) => name)).toEqual(fileDescriptors.map(({ name }) => name));
  expect(decoded.map(({ dependency }) => dependency)).toEqual(fileDescriptors.map(({ imports }) => imports));
});

test.each(fileDescriptors.map(({ name, services }) => ({ name, services })))(
  '$name links, and has the services that are listed',
  ({ name, services }) => {
    const file = decoded.find((one) => one.name === name);
    if (file === undefined) expect.fail(`there is no ${name}`);
    const registry = createFileRegistry(file, (wanted) => decoded.find((one) => one.name === wanted));

    expect(services.map((service) => registry.getService(service)?.typeName)).toEqual(services);
  },
);

test('no name is declared twice, and those of services, methods, messages and fields are there', () => {
  const symbols = fileDescriptors.flatMap((file) => file.symbols);

  expect(new Set(symbols).size).toBe(symbols.length);
  expect(symbols).toEqual(
    expect.arrayContaining([
      'control.v1.ControlService.Explain',
      'control.v1.ExplainRequest.subject',
      'grpc.health.v1.HealthCheckResponse.ServingStatus',
      'grpc.health.v1.HealthCheckResponse.SERVING',
    ]),
  );
});
