/** The long form of qstat: `    NAME = VALUE`, broken where 6.1.3 breaks it. */
import type { Attribute, Status } from '../shared/attribute.ts';
import { ctime } from '../shared/times.ts';
import { element, escapeXml } from '../shared/xml.ts';

const lineBytes = 77;
const dates = ['ctime', 'mtime', 'qtime', 'etime', 'start_time', 'comp_time', 'Execution_Time'];

/** `title` is `Job Id`, `Queue` or `Server`; times are dates for jobs alone. */
export function fullText(title: 'Job Id' | 'Queue' | 'Server', status: Status): string {
  const lines = status.attributes.map((a) => attributeText(a, title === 'Job Id'));
  return `${title}: ${status.name}\n${lines.join('')}\n`;
}

function attributeText(a: Attribute, withDates: boolean): string {
  const name = a.resource === null ? a.name : `${a.name}.${a.resource}`;
  const value = withDates && dates.includes(a.name) ? ctime(Number(a.value)) : a.value;
  return `    ${name} = ${wrap(value, name.length + 7)}\n`;
}

/**
 * Breaks after a comma where the next piece does not fit, and within pieces longer than a line.
 * Counts bytes, as C does, so that a character of several bytes may be cut at any of them.
 */
function wrap(value: string, firstColumn: number): string {
  const pieces = Buffer.from(value).toString('latin1').split(',').filter(Boolean);
  let column = firstColumn;
  let text = '';
  for (const [i, piece] of pieces.entries()) {
    if (piece.length + column < lineBytes) {
      text += piece;
      column += piece.length;
    } else {
      if (i > 0) {
        text += '\n\t';
        column = 9;
      }
      for (const character of piece) {
        text += character;
        if (++column > lineBytes) {
          column = 8;
          text += '\n\t';
        }
      }
    }
    if (i < pieces.length - 1) {
      text += ',';
      column++;
    }
  }
  return Buffer.from(text, 'latin1').toString('utf8');
}

/** `<Job>` with its resources as elements of their own. */
export function jobXml(job: Status): string {
  let content = element('Job_Id', escapeXml(job.name));
  for (let i = 0; i < job.attributes.length;) {
    const a = job.attributes[i];
    if (a === undefined) break;
    if (a.resource === null) {
      content += element(a.name, escapeXml(a.value));
      i++;
      continue;
    }
    let inner = '';
    for (; job.attributes[i]?.name === a.name; i++) {
      const one = job.attributes[i];
      inner += element(one?.resource ?? '', escapeXml(one?.value ?? ''));
    }
    content += element(a.name, inner);
  }
  return element('Job', content);
}
