/** Nothing that is read as something else: no l, no o, no 0 and 1. 32 of them, so that five bits choose one evenly. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789'
const LENGTH = 12
const GROUP = 4

/** A password that can be read out to somebody, with 60 bits of chance. @param bytes of chance, twelve */
export function passwordFrom(bytes: Uint8Array): string {
  const letters = Array.from({ length: LENGTH }, (_, at) => LETTERS[(bytes[at] ?? 0) % LETTERS.length])
  return letters.map((letter, at) => (at > 0 && at % GROUP === 0 ? `-${letter}` : letter)).join('')
}

export function suggestPassword(): string {
  return passwordFrom(crypto.getRandomValues(new Uint8Array(LENGTH)))
}
