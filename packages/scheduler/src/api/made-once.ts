/**
 * The same thing told to many: made for the first of them, and kept for the others until the next thing comes. What is
 * told has to be the same object for all.
 */
export function madeOnce<T extends object, Made>(make: (thing: T) => Made): (thing: T) => Made {
  let latest: { readonly thing: T; readonly made: Made } | null = null;
  return (thing) => {
    if (latest?.thing !== thing) latest = { thing, made: make(thing) };
    return latest.made;
  };
}
