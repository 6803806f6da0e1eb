/** Recordings that the stand-in does not play again, each with the reason. */
export const notCovered: Readonly<Record<string, string>> = {};
