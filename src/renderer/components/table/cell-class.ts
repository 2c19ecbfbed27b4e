import type { Column } from './arrange-rows.js'

/** The classes of a cell, also of its header. */
export function cellClass({ number, wideOnly, tone }: ColumnLook): string | undefined {
  return [number ? 'number' : '', wideOnly ? 'wide-only' : '', tone ?? ''].filter(Boolean).join(' ') || undefined
}

type ColumnLook = Pick<Column<never>, 'number' | 'wideOnly' | 'tone'>
