/**
 * gRPC's standard reflection service: what is served here, told from descriptors that were made when the code was
 * generated. Nothing is read at run time, so that the single executable answers as the sources do.
 */
import { status } from '@grpc/grpc-js';
import { fileDescriptors, type FileDescriptor } from '@mesos-torque/proto/gen/descriptors.ts';
import {
  ServerReflectionService,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  type ServerReflectionServer,
} from '@mesos-torque/proto/gen/grpc/reflection/v1/reflection.ts';

type Answer = NonNullable<ServerReflectionResponse['messageResponse']>;

/** The same under the name that older programs ask for. */
export const reflectionAlphaService = {
  serverReflectionInfo: {
    ...ServerReflectionService.serverReflectionInfo,
    path: '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
  },
};

export function reflectionService(
  files: readonly FileDescriptor[] = fileDescriptors,
): Pick<ServerReflectionServer, 'serverReflectionInfo'> {
  const byName = new Map(files.map((file) => [file.name, file]));
  const bySymbol = new Map(files.flatMap((file) => file.symbols.map((symbol) => [symbol, file] as const)));
  const services = files.flatMap((file) => file.services).map((name) => ({ name }));

  /** The file first, then what it imports: clients expect what they asked for at the front. */
  const withImports = (first: FileDescriptor): Answer => {
    const found = new Set([first]);
    // A set shows what is added while it is gone through.
    for (const file of found) {
      for (const name of file.imports) {
        const imported = byName.get(name);
        if (imported !== undefined) found.add(imported);
      }
    }
    const fileDescriptorProto = [...found].map(({ base64 }) => Buffer.from(base64, 'base64'));
    return { $case: 'fileDescriptorResponse', value: { fileDescriptorProto } };
  };

  const answerTo = (question: ServerReflectionRequest['messageRequest']): Answer => {
    switch (question?.$case) {
      case 'listServices':
        return { $case: 'listServicesResponse', value: { service: services } };
      case 'fileByFilename': {
        const file = byName.get(question.value);
        return file === undefined ? notFound(`file ${question.value}`) : withImports(file);
      }
      case 'fileContainingSymbol': {
        const file = bySymbol.get(question.value.replace(/^\./, ''));
        return file === undefined ? notFound(`symbol ${question.value}`) : withImports(file);
      }
      case 'fileContainingExtension':
        return notFound(`extension of ${question.value.containingType}`);
      case 'allExtensionNumbersOfType':
        return notFound(`extension of ${question.value}`);
      case undefined:
        return failed(status.INVALID_ARGUMENT, 'the request asks nothing');
    }
  };

  return {
    serverReflectionInfo(call) {
      call.on('data', (request: ServerReflectionRequest) => {
        call.write({
          validHost: request.host,
          originalRequest: request,
          messageResponse: answerTo(request.messageRequest),
        });
      });
      call.on('end', () => {
        call.end();
      });
    },
  };
}

function notFound(what: string): Answer {
  return failed(status.NOT_FOUND, `there is no ${what}`);
}

function failed(errorCode: number, errorMessage: string): Answer {
  return { $case: 'errorResponse', value: { errorCode, errorMessage } };
}
