/** The words after `--`: a single one with spaces is a line for the shell, as `-- "npm run dev"` is meant. */
export function commandOfWords(words: readonly string[]): string | string[] {
  const [line = ''] = words
  return words.length === 1 && /\s/.test(line.trim()) ? line : [...words]
}
