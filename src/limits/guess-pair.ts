/** The key under which the limit `auth` counts a client and the canonical name it guesses at. */
export function guessPair(clientKey: string, name: string): string {
  return `${clientKey} ${name}`
}
