/**
 * Text of other programs that is shown to people: what looks like a secret is withheld, and nothing in it can play with a
 * terminal. What has no form of its own, such as a bare password in a sentence, cannot be known.
 */

const withheld = '[withheld]';

const secrets: readonly (readonly [RegExp, string])[] = [
  // name=value, name: value, "name": "value"; values in quotes are taken whole.
  [
    /((?:secret|password|passwd|passphrase|token|credentials?|api[-_]?key|private[-_]?key|cookie)[\w-]*["']?\s*[=:]\s*)(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;&"'}\]]+)/gi,
    `$1${withheld}`,
  ],
  [/(authorization["']?\s*[=:]\s*["']?(?:[A-Za-z]+ )?)[^\s,;"']+/gi, `$1${withheld}`],
  [/\b(basic|bearer) [A-Za-z0-9+/._~-]{8,}=*/gi, `$1 ${withheld}`],
  // user:secret@ in addresses.
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@:]+:[^\s/@]+@/gi, `$1${withheld}@`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*/g, withheld],
];

/** One line without the secrets that have the form of one. Takes time in proportion to the line. */
export function withoutSecrets(line: string): string {
  return secrets.reduce((text, [pattern, instead]) => text.replace(pattern, instead), line);
}

/** Control and direction characters as `\u{1b}`; a tab stays. */
export function printable(line: string): string {
  return line.replace(
    /(?!\t)[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
