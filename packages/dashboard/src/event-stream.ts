/**
 * Server-sent events out of a stream of text. Read by hand rather than by `EventSource`, which hides the comment
 * lines that say "alive": without them a connection that died silently looks like a cluster where nothing happens.
 */

export interface ServerEvent {
  readonly event: string;
  readonly data: string;
  /** Empty where the event has none. */
  readonly id: string;
}

/** An event of more characters than this is not one of ours. */
const eventCharsMax = 4 * 1024 * 1024;

export interface EventReader {
  /** The events that this piece completes. Throws on one that is too long. */
  read(piece: string): readonly ServerEvent[];
}

export function createEventReader(): EventReader {
  let rest = '';
  return {
    read(piece) {
      const blocks = (rest + piece).replaceAll('\r\n', '\n').split('\n\n');
      rest = blocks.pop() ?? '';
      if (rest.length > eventCharsMax) throw new Error(`an event of more than ${eventCharsMax} characters`);
      return blocks.flatMap(eventIn);
    },
  };
}

/** Nothing for blocks of comments alone. */
function eventIn(block: string): readonly ServerEvent[] {
  const fields = block.split('\n').flatMap((line) => {
    const colon = line.indexOf(':');
    if (colon <= 0) return [];
    return [{ name: line.slice(0, colon), value: line.slice(colon + 1).replace(/^ /, '') }];
  });
  const data = fields.filter(({ name }) => name === 'data').map(({ value }) => value);
  if (data.length === 0) return [];
  const last = (wanted: string): string => fields.findLast(({ name }) => name === wanted)?.value ?? '';
  return [{ event: last('event') || 'message', data: data.join('\n'), id: last('id') }];
}
