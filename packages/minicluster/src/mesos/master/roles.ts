/** Which names a role may have, in the words of 1.12. */

/** What is wrong with a role's name; null when nothing is. */
export function roleProblem(role: string): string | null {
  if (role === '*') return null;
  if (role === '') return 'Empty role name is invalid';
  if (role.startsWith('/')) return `Role '${role}' cannot start with a slash`;
  if (role.endsWith('/')) return `Role '${role}' cannot end with a slash`;
  if (role.includes('//')) return `Role '${role}' cannot contain two adjacent slashes`;
  return firstProblem(role.split('/'), (component) => componentProblem(role, component));
}

function componentProblem(role: string, component: string): string | null {
  if (['.', '..', '*'].includes(component))
    return `Role '${role}' cannot include '${component}' as a component`;
  if (component.startsWith('-'))
    return `Role component '${component}' is invalid because it begins with a dash`;
  if (/[\u0008-\u000d\u0020\u007f]/.test(component)) {
    return `Role component '${component}' is invalid because it contains backspace or whitespace`;
  }
  return null;
}

/** Whether what is reserved for `reserved` may be offered to `role`: to itself and to the roles below it. */
export function mayUse(role: string, reserved: string): boolean {
  return role === reserved || role.startsWith(`${reserved}/`);
}

export function firstProblem<T>(items: readonly T[], problem: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = problem(item);
    if (found !== null) return found;
  }
  return null;
}
