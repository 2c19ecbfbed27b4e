import { styled } from './output.js'
import { textWidth } from './terminal-text.js'

/**
 * Lines in which the cells of each column stand below each other, the head first. Columns that are empty in every row
 * are left out.
 *
 * @param head names of the columns
 * @param rows cells that may be styled; as many to a row as the head has
 */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const columns = head.map((_, column) => column).filter((column) => rows.some((row) => row[column] !== ''))
  const widthOf = (column: number) => Math.max(...[head, ...rows].map((row) => textWidth(row[column] ?? '')))
  const widths = new Map(columns.map((column) => [column, widthOf(column)]))
  const line = (row: readonly string[]) =>
    columns
      .map((column) => padded(row[column] ?? '', widths.get(column) ?? 0))
      .join('  ')
      .trimEnd()
  return [styled('dim', line(head)), ...rows.map(line)]
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(width - textWidth(text))
}
