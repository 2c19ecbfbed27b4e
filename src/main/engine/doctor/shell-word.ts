/** A word of a command that a person pastes into a shell. */
export function shellWord(text: string): string {
  return /^[\w./:+=@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
