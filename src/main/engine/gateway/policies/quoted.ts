/** Text as a regular expression that matches it and nothing else. */
export function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
