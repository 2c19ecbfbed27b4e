import { type RefObject, useCallback, useLayoutEffect, useState } from 'react'

/** Shorter tables are drawn whole. */
const WHOLE = 80
const OVERSCAN = 12
/** The window moves in steps, so that most scrolling draws nothing anew. */
const STEP = 6

export interface RowWindow {
  first: number
  /** not in the window any more */
  end: number
  /** Scrolls so far that a row is in sight. */
  reveal(index: number): void
}

/** The rows of a table that are in sight of the scrolling element around it. @param rowHeight pixels, of every row */
export function useRowWindow(table: RefObject<HTMLTableElement | null>, count: number, rowHeight: number): RowWindow {
  const [first, setFirst] = useState(0)
  const [height, setHeight] = useState(800)

  useLayoutEffect(() => {
    const scroller = scrollerOf(table.current)
    if (scroller === null) return
    const measure = () => {
      const hidden = scroller.scrollTop - rowsTop(table.current, scroller)
      setFirst(Math.max(0, Math.floor(hidden / rowHeight / STEP) * STEP - OVERSCAN))
      setHeight(scroller.clientHeight)
    }
    const observer = new ResizeObserver(measure)
    observer.observe(scroller)
    scroller.addEventListener('scroll', measure, { passive: true })
    return () => {
      observer.disconnect()
      scroller.removeEventListener('scroll', measure)
    }
  }, [table, rowHeight])

  const reveal = useCallback(
    (index: number) => {
      const scroller = scrollerOf(table.current)
      if (scroller === null) return
      const top = rowsTop(table.current, scroller) + index * rowHeight
      const head = table.current?.tHead?.offsetHeight ?? 0
      if (top - head < scroller.scrollTop) scroller.scrollTop = top - head
      else if (top + rowHeight > scroller.scrollTop + scroller.clientHeight) {
        scroller.scrollTop = top + rowHeight - scroller.clientHeight
      }
    },
    [table, rowHeight],
  )

  if (count <= WHOLE) return { first: 0, end: count, reveal }
  const begin = Math.min(first, Math.max(0, count - 1))
  return { first: begin, end: Math.min(count, begin + Math.ceil(height / rowHeight) + 2 * OVERSCAN + STEP), reveal }
}

function scrollerOf(table: HTMLTableElement | null): HTMLElement | null {
  return table?.closest<HTMLElement>('.scroll') ?? null
}

/** Where the rows begin, in pixels of the scrolled content. */
function rowsTop(table: HTMLTableElement | null, scroller: HTMLElement): number {
  if (table === null) return 0
  const head = table.tHead?.offsetHeight ?? 0
  return table.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop + head
}
