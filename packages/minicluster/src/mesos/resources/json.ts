/** Resources and attributes as /state shows them. */
import { type Attribute, type Resource } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { double, type JsonValue } from '../wire/json-text.ts';
import { scalarMilli, sum, unallocated, type Resources } from './quantities.ts';
import { rangesText } from './text.ts';

export function attributeJson(attribute: Attribute): JsonValue {
  if (attribute.scalar !== undefined) return double(attribute.scalar.value ?? 0);
  if (attribute.ranges !== undefined) return rangesText(attribute.ranges);
  return attribute.text?.value ?? '';
}

/** Sums by kind: the four usual scalars always, other kinds where there are some. */
export function resourcesJson(resources: Resources): Record<string, JsonValue> {
  const total = sum([unallocated(resources).map((resource) => ({ ...resource, reservations: [] }))]);
  const usual = ['disk', 'mem', 'gpus', 'cpus'];
  const others = total.filter(({ name }) => !usual.includes(name ?? ''));
  return {
    ...Object.fromEntries(usual.map((name) => [name, double(scalarMilli(total, name) / 1000)])),
    ...Object.fromEntries(others.map((resource) => [resource.name ?? '', otherJson(resource)])),
  };
}

function otherJson(resource: Resource): JsonValue {
  if (resource.ranges !== undefined) return rangesText(resource.ranges);
  if (resource.set !== undefined) return `{${resource.set.item.join(', ')}}`;
  return double(resource.scalar?.value ?? 0);
}
