/**
 * The two changes that make a Node for Linux into a program of ours: dropping what is never loaded, and
 * adding a note that is. Everything else of the official binary stays byte for byte where it is.
 *
 * Only what Node's releases are is understood: 64 bits, little endian, with one PT_NOTE, and a last
 * segment in memory that is also the last in the file. Anything else is an error.
 */
export interface ElfNote {
  readonly name: string;
  readonly data: Uint8Array;
}

interface Segment {
  readonly type: number;
  /** Where its entry in the program header table stands in the file. */
  readonly entryAt: number;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
}

/** ELF's machine numbers. */
const machines = { x64: 62, arm64: 183 } as const;
const ptLoad = 1;
const ptNote = 4;
const entryBytes = 56;
const noteAlign = 16;

/** Which of our architectures an executable is for; throws when it is none. */
export function archOf(elf: Buffer): 'x64' | 'arm64' {
  checkHeader(elf);
  const machine = elf.readUInt16LE(18);
  if (machine === machines.x64) return 'x64';
  if (machine === machines.arm64) return 'arm64';
  throw new Error(`ELF: machine ${machine} is neither x64 (${machines.x64}) nor arm64 (${machines.arm64})`);
}

/**
 * The executable without what no segment covers: symbols for debuggers and the table of sections, which
 * Linux does not look at. It is what `strip` does, for every architecture alike and without binutils.
 */
export function withoutSymbols(elf: Buffer): Buffer {
  const end = Math.max(...segmentsOf(elf).map(({ offset, fileBytes }) => offset + fileBytes));
  if (end > elf.length) throw new Error(`ELF: cut off at byte ${elf.length}, segments end at ${end}`);
  const kept = Buffer.from(elf.subarray(0, end));
  kept.writeBigUInt64LE(0n, 40); // e_shoff
  kept.writeUInt16LE(0, 60); // e_shnum
  kept.writeUInt16LE(0, 62); // e_shstrndx
  return kept;
}

/**
 * The executable with one note more, found at run time through PT_NOTE.
 *
 * There is no room for another program header, and moving the table troubles loaders. So the last segment,
 * which ends in zeros that the file does not hold (.bss), is written out in full and the notes go behind it.
 * PT_NOTE then names them, those that were there before first.
 */
export function withNote(elf: Buffer, note: ElfNote): Buffer {
  const bare = withoutSymbols(elf);
  const segments = segmentsOf(bare);
  const last = lastLoaded(segments, bare.length);
  const [notes, ...more] = segments.filter(({ type }) => type === ptNote);
  if (notes === undefined || more.length > 0)
    throw new Error('ELF: there is not exactly one segment of notes');
  const before = bare.subarray(notes.offset, notes.offset + notes.fileBytes);
  const added = Buffer.concat([before, encodedNote(note)]);
  const address = roundUp(last.address + last.memoryBytes, noteAlign);
  const offset = last.offset + address - last.address;
  const result = Buffer.alloc(offset + added.length);
  bare.copy(result);
  added.copy(result, offset);
  const lastBytes = result.length - last.offset;
  writeSegment(result, { ...last, fileBytes: lastBytes, memoryBytes: lastBytes });
  writeSegment(result, {
    ...notes,
    offset,
    address,
    fileBytes: added.length,
    memoryBytes: added.length,
  });
  return result;
}

/** The notes of an executable, by name. */
export function notesOf(elf: Buffer): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const { offset, fileBytes } of segmentsOf(elf).filter(({ type }) => type === ptNote)) {
    for (let at = offset; at + 12 <= offset + fileBytes;) {
      const [nameBytes, dataBytes] = [elf.readUInt32LE(at), elf.readUInt32LE(at + 4)];
      const dataAt = at + 12 + roundUp(nameBytes, 4);
      const name = elf.subarray(at + 12, at + 12 + nameBytes - 1).toString('latin1');
      found.set(name, elf.subarray(dataAt, dataAt + dataBytes));
      at = dataAt + roundUp(dataBytes, 4);
    }
  }
  return found;
}

function checkHeader(elf: Buffer): void {
  const isElf = elf.length >= 64 && elf.subarray(0, 4).toString('latin1') === '\x7fELF';
  if (!isElf || elf[4] !== 2 || elf[5] !== 1) {
    throw new Error('ELF: no 64-bit little-endian executable');
  }
  if (elf.readUInt16LE(54) !== entryBytes) throw new Error('ELF: program headers of an unknown size');
}

function segmentsOf(elf: Buffer): readonly Segment[] {
  checkHeader(elf);
  const tableAt = Number(elf.readBigUInt64LE(32));
  const count = elf.readUInt16LE(56);
  if (tableAt + count * entryBytes > elf.length) throw new Error('ELF: cut off within its program headers');
  return Array.from({ length: count }, (_, index) => {
    const entryAt = tableAt + index * entryBytes;
    return {
      type: elf.readUInt32LE(entryAt),
      entryAt,
      offset: Number(elf.readBigUInt64LE(entryAt + 8)),
      address: Number(elf.readBigUInt64LE(entryAt + 16)),
      fileBytes: Number(elf.readBigUInt64LE(entryAt + 32)),
      memoryBytes: Number(elf.readBigUInt64LE(entryAt + 40)),
    };
  });
}

function lastLoaded(segments: readonly Segment[], fileEnd: number): Segment {
  const loaded = segments.filter(({ type }) => type === ptLoad);
  const last = loaded.toSorted((a, b) => a.address - b.address).at(-1);
  if (last === undefined || last.offset + last.fileBytes !== fileEnd) {
    throw new Error('ELF: the last segment in memory is not the last in the file');
  }
  return last;
}

function writeSegment(elf: Buffer, segment: Segment): void {
  const { entryAt } = segment;
  elf.writeBigUInt64LE(BigInt(segment.offset), entryAt + 8);
  elf.writeBigUInt64LE(BigInt(segment.address), entryAt + 16);
  elf.writeBigUInt64LE(BigInt(segment.address), entryAt + 24);
  elf.writeBigUInt64LE(BigInt(segment.fileBytes), entryAt + 32);
  elf.writeBigUInt64LE(BigInt(segment.memoryBytes), entryAt + 40);
}

function encodedNote({ name, data }: ElfNote): Buffer {
  const nameBytes = Buffer.byteLength(name) + 1;
  const dataAt = 12 + roundUp(nameBytes, 4);
  const note = Buffer.alloc(dataAt + roundUp(data.length, 4));
  note.writeUInt32LE(nameBytes, 0);
  note.writeUInt32LE(data.length, 4);
  note.write(name, 12, 'latin1');
  note.set(data, dataAt);
  return note;
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
