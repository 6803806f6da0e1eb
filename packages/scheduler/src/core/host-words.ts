/**
 * Words of a request that are nodes' names. TORQUE takes a node's name for one of its properties, so
 * `nodes=node1.example.org`, `nodes=1:node1.example.org` and, where names have no dots, `nodes=node1` all
 * ask for that node. Which words are names only the nodes and the offers at hand can tell.
 *
 * Tried on 6.1.3: the short name of a node with a longer one is none of its properties, and a job that asks
 * for it never starts.
 */
import type { Snapshot } from './facts.ts';
import type { Reason } from './reasons.ts';
import { shortHostName } from './reasons-limits.ts';
import type { SlotSet } from './shapes.ts';
import { eachSliced, type Sliced } from './sliced.ts';

export interface HostWords {
  /** The set with its host told apart from its properties. */
  resolve(set: SlotSet): SlotSet;
  /** Why a set names a node that TORQUE does not know by that name. */
  misnamed(set: SlotSet): Reason | null;
}

export function* hostWords(snapshot: Snapshot): Sliced<HostWords> {
  const { names, properties, nameByLabel } = yield* knownWords(snapshot);
  return {
    resolve(set) {
      if (set.host !== null || set.properties.length === 0) return set;
      const name = set.properties.find((property) => names.has(property.toLowerCase()));
      if (name === undefined) return set;
      const properties = set.properties.filter((property) => property !== name);
      return { ...set, host: name.toLowerCase(), properties };
    },
    misnamed(set) {
      for (const word of set.properties) {
        const name = nameByLabel.get(word.toLowerCase());
        if (name !== undefined && !names.has(word.toLowerCase()) && !properties.has(word)) {
          return shortHostName(word, name);
        }
      }
      return null;
    },
  };
}

interface Known {
  readonly names: ReadonlySet<string>;
  readonly properties: ReadonlySet<string>;
  readonly nameByLabel: ReadonlyMap<string, string>;
}

function* knownWords({ nodes, intents, offers }: Snapshot): Sliced<Known> {
  const names = new Set<string>();
  const properties = new Set<string>();
  const nameByLabel = new Map<string, string>();
  const note = (name: string, words: readonly string[]): void => {
    names.add(name);
    for (const word of words) properties.add(word);
    const [label = name] = name.split('.', 1);
    const other = nameByLabel.get(label);
    // Of several names that begin alike the last counts, whatever the order of the input.
    if (other === undefined || other < name) nameByLabel.set(label, name);
  };
  yield* eachSliced(nodes.state === 'unknown' ? [] : nodes.value, (node) => {
    note(node.name, node.properties);
  });
  yield* eachSliced(intents, (intent) => {
    note(intent.nodeName, intent.properties);
  });
  yield* eachSliced(offers, ({ host, attributes }) => {
    note(host.toLowerCase(), [...Object.keys(attributes), ...Object.values(attributes)]);
  });
  return { names, properties, nameByLabel };
}
