import { describe, expect, it } from 'vitest';
import { createEventReader } from './event-stream.ts';

const stream = ': alive\n\nevent: entry\nid: 7\ndata: {"a":1}\n\ndata: one\ndata: two\r\n\r\n';
const events = [
  { event: 'entry', id: '7', data: '{"a":1}' },
  { event: 'message', id: '', data: 'one\ntwo' },
];

describe('the event stream', () => {
  it.each(Array.from({ length: stream.length }, (_, index) => index))(
    'reads the same when it is cut at %d',
    (at) => {
      const reader = createEventReader();
      expect([...reader.read(stream.slice(0, at)), ...reader.read(stream.slice(at))]).toEqual(events);
    },
  );

  it('does not collect what never ends', () => {
    const reader = createEventReader();
    const piece = 'x'.repeat(1024 * 1024);
    expect(() => Array.from({ length: 5 }, () => reader.read(piece))).toThrow('more than');
  });
});
