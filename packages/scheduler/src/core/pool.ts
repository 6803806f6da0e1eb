/**
 * Nodes with room, in a fixed order: jobs take from the first that fits. A pool is indexed by
 * property and host, so that many jobs meet many nodes without comparing each with each.
 */
import { FirstFit } from './first-fit.ts';
import type { SlotSet } from './shapes.ts';
import { whole, type Sliced } from './sliced.ts';

/** Room on one node. The amounts shrink as jobs take from it. */
export interface Room {
  readonly name: string;
  /** Null for nodes that are not ours. */
  readonly taskId: string | null;
  readonly properties: readonly string[];
  slots: number;
  /** Slots that it has when no job is on it. */
  readonly slotsWhole: number;
  gpus: number;
  /** Infinite where it is not known. */
  memMib: number;
  /**
   * Whether jobs use memory up. TORQUE places jobs by slots and looks at the memory of none, so on
   * nodes that are up only the largest job counts; a node that is still being made was sized for
   * the sum of its jobs.
   */
  readonly memoryIsShared: boolean;
}

/** What one job may take from one node: between `slotsMin` and `slotsMax` slots. */
export interface Want {
  readonly slotsMin: number;
  readonly slotsMax: number;
  readonly gpus: number;
  /** Memory per node, whatever the slots, and memory per slot. */
  readonly memMib: number;
  readonly memMibPerSlot: number;
  readonly properties: readonly string[];
  readonly host: string | null;
  /** Whether the node must be without jobs, and is full with this one. */
  readonly exclusive: boolean;
  readonly walltimeMs: number | null;
}

/** Whether it may be met in parts, on several nodes. */
export function isSpread({ slotsMin, slotsMax }: Want): boolean {
  return slotsMin < slotsMax;
}

/** Something taken from a node, to be kept or given back. */
export interface Taken {
  readonly node: string;
  readonly taskId: string | null;
  readonly slots: number;
  readonly giveBack: () => void;
}

/** Where slots can come from: a pool, or nodes that are being opened on offers. */
export interface Source {
  /** A function that takes from the next node that fits and is not in `used`, or returns null. */
  search(want: Want, used: ReadonlySet<string>): (slotsMax: number) => Taken | null;
}

export function wantOfSet(set: SlotSet, walltimeMs: number | null): Want {
  return { ...set, slotsMin: set.slots, slotsMax: set.slots, memMibPerSlot: 0, walltimeMs };
}

export function wantOfSlots(slots: number, memMibPerSlot: number, walltimeMs: number | null): Want {
  return {
    slotsMin: 1,
    slotsMax: slots,
    gpus: 0,
    memMib: 0,
    memMibPerSlot,
    properties: [],
    host: null,
    exclusive: false,
    walltimeMs,
  };
}

/** Rooms that share a property, with the tree that finds the first with enough slots. */
interface Shelf {
  readonly rooms: readonly number[];
  readonly bySlots: FirstFit;
}

/** How the rooms of a pool are found; they go by their places in its list. */
interface Index {
  readonly byName: ReadonlyMap<string, number>;
  readonly shelves: ReadonlyMap<string, Shelf>;
  /** Of each room: the shelves that it is on, and where. */
  readonly places: readonly (readonly (readonly [Shelf, number])[])[];
}

const everyNode = '';
/** Not a name that a property can have. */
const nodesWithGpus = '#gpus';

export class Pool implements Source {
  readonly #rooms: readonly Room[];
  readonly #index: Index;

  constructor(rooms: readonly Room[], index = whole(indexOf(rooms))) {
    this.#rooms = rooms;
    this.#index = index;
  }

  /** For many rooms: of thousands the index takes tens of milliseconds. */
  static *sliced(rooms: readonly Room[]): Sliced<Pool> {
    return new Pool(rooms, yield* indexOf(rooms));
  }

  search(want: Want, used: ReadonlySet<string>): (slotsMax: number) => Taken | null {
    const candidates = want.host === null ? this.#onShelf(want) : this.#named(want.host);
    return (slotsMax) => {
      for (let index = candidates(); index !== null; index = candidates()) {
        const room = this.#rooms[index];
        if (room === undefined || used.has(room.name)) continue;
        const slots = Math.min(slotsMax, slotsThatFit(room, want));
        if (slots >= want.slotsMin) return this.#take(index, room, want.exclusive ? room.slots : slots, want);
      }
      return null;
    };
  }

  #named(host: string): () => number | null {
    let index = this.#index.byName.get(host) ?? null;
    return () => {
      const found = index;
      index = null;
      return found;
    };
  }

  /** Goes along the shortest shelf whose nodes have one of the things asked for. */
  #onShelf(want: Want): () => number | null {
    const keys = [...want.properties, ...(want.gpus > 0 ? [nodesWithGpus] : []), everyNode];
    const shelves = keys.map((key) => this.#index.shelves.get(key));
    let shortest: Shelf | undefined;
    for (const shelf of shelves) {
      if (shelf === undefined) return () => null;
      if (shortest === undefined || shelf.rooms.length < shortest.rooms.length) shortest = shelf;
    }
    let place = 0;
    return () => {
      const found = shortest?.bySlots.find(place, want.slotsMin) ?? -1;
      if (found < 0) return null;
      place = found + 1;
      return shortest?.rooms[found] ?? null;
    };
  }

  #take(index: number, room: Room, slots: number, want: Want): Taken {
    const memMib = room.memoryIsShared ? memoryOf(want, slots) : 0;
    this.#change(index, room, -slots, -want.gpus, -memMib);
    return {
      node: room.name,
      taskId: room.taskId,
      slots,
      giveBack: () => {
        this.#change(index, room, slots, want.gpus, memMib);
      },
    };
  }

  #change(index: number, room: Room, slots: number, gpus: number, memMib: number): void {
    room.slots += slots;
    room.gpus += gpus;
    room.memMib += memMib;
    for (const [shelf, place] of this.#index.places[index] ?? []) shelf.bySlots.set(place, room.slots);
  }
}

export function memoryOf(want: Want, slots: number): number {
  return want.memMib + want.memMibPerSlot * slots;
}

export function firstMissing(wanted: readonly string[], had: readonly string[]): string | null {
  return wanted.find((property) => !had.includes(property)) ?? null;
}

/** The slots that a room can give to a want, 0 if it does not fit at all. */
function slotsThatFit(room: Room, want: Want): number {
  if (want.exclusive && room.slots < room.slotsWhole) return 0;
  if (room.gpus < want.gpus || firstMissing(want.properties, room.properties) !== null) return 0;
  const memMib = room.memMib - want.memMib;
  if (memMib < 0) return 0;
  const byMemory = want.memMibPerSlot === 0 ? room.slots : Math.floor(memMib / want.memMibPerSlot);
  return Math.min(room.slots, byMemory);
}

function* indexOf(rooms: readonly Room[]): Sliced<Index> {
  const byName = new Map<string, number>();
  const members = new Map<string, number[]>();
  const put = (key: string, place: number): void => {
    const found = members.get(key);
    if (found === undefined) members.set(key, [place]);
    else found.push(place);
  };
  for (const [index, room] of rooms.entries()) {
    byName.set(room.name, index);
    put(everyNode, index);
    for (const property of new Set(room.properties)) put(property, index);
    if (room.gpus > 0) put(nodesWithGpus, index);
    if (index % 512 === 511) yield;
  }
  const shelves = new Map<string, Shelf>();
  const places: (readonly [Shelf, number])[][] = rooms.map(() => []);
  for (const [key, onIt] of members) {
    yield;
    const shelf = { rooms: onIt, bySlots: new FirstFit(onIt.map((room) => rooms[room]?.slots ?? 0)) };
    shelves.set(key, shelf);
    onIt.forEach((room, place) => places[room]?.push([shelf, place]));
  }
  return { byName, shelves, places };
}
