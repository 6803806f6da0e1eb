/** What we use of node-zookeeper-client, which brings no types of its own. */
declare module 'node-zookeeper-client' {
  export interface ZooError {
    readonly code: number;
    readonly name: string;
    readonly message: string;
  }
  type Done<T extends unknown[]> = (error: ZooError | null | undefined, ...results: T) => void;

  interface Stat {
    readonly version: number;
  }

  /** Opaque to us. */
  type AccessList = readonly { readonly permission: number }[];

  export interface Client {
    /** Internals, of this very version: what the library leaves undone is done through them. */
    readonly connectionManager: {
      readonly socket?: { destroy(): void };
      /** Throws at what it cannot read, also at an answer to connecting that comes after `close`. */
      onSocketData: (data: Buffer) => void;
      /** The beginning of an answer whose end has not come yet. */
      pendingBuffer: Buffer | null;
      /** -1: closing, as if CLOSE_SESSION had been sent. */
      state: number;
    };
    once(event: 'connected', then: () => void): void;
    on(event: 'connected' | 'disconnected' | 'expired' | 'authenticationFailed', then: () => void): void;
    connect(): void;
    close(): void;
    addAuthInfo(scheme: string, auth: Buffer): void;
    getSessionTimeout(): number;
    getSessionId(): Buffer;
    getChildren(path: string, done: Done<[string[]]>): void;
    getData(path: string, done: Done<[Buffer | undefined, Stat]>): void;
    create(path: string, data: Buffer, acl: AccessList, mode: number, done: Done<[string]>): void;
    setData(path: string, data: Buffer, version: number, done: Done<[Stat]>): void;
    remove(path: string, version: number, done: Done<[]>): void;
  }

  interface Library {
    createClient(
      servers: string,
      options: { sessionTimeout: number; spinDelay: number; retries: number },
    ): Client;
    readonly ACL: {
      readonly OPEN_ACL_UNSAFE: AccessList;
      readonly CREATOR_ALL_ACL: AccessList;
      readonly READ_ACL_UNSAFE: AccessList;
    };
    readonly CreateMode: {
      readonly PERSISTENT: number;
      readonly EPHEMERAL: number;
      readonly EPHEMERAL_SEQUENTIAL: number;
    };
    readonly Exception: {
      readonly NO_NODE: number;
      readonly NODE_EXISTS: number;
      readonly BAD_VERSION: number;
      readonly NOT_EMPTY: number;
      readonly CONNECTION_LOSS: number;
      readonly SESSION_EXPIRED: number;
      readonly NO_AUTH: number;
      readonly AUTH_FAILED: number;
    };
  }
  const library: Library;
  export default library;
}
