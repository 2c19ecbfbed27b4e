import { ArrowDown, ArrowUp } from 'lucide-react'
import { useLayoutEffect, useRef, useState } from 'react'
import { formatCount } from '../format.js'
import { strings } from '../strings.js'

const OVERSCAN = 6
const EDGE_SLACK = 8

/**
 * A table of any length whose rows all have one height: where a row lies is arithmetic, so that adding to 100,000 rows
 * costs the same as to ten. It follows the newest row only while the person is there; else it says what is new.
 */
export function FixedRows(props: FixedRowsProps) {
  const { count, dropped, rowHeight, label, head, newest, selected, renderRow } = props
  const { scroller, view, following, fresh, onScroll, toNewest } = useFollowing(props)
  useReveal(scroller, props)
  const top = following && newest === 'last' ? Math.max(0, count * rowHeight - view.height) : view.top
  const inSight = Math.floor(top / rowHeight)
  // Always as many, so that each row that comes finds the elements of one that has left.
  const slots = Math.ceil(view.height / rowHeight) + 2 * OVERSCAN
  const first = Math.min(Math.max(0, inSight - OVERSCAN), Math.max(0, count - slots))
  const last = Math.min(count, first + slots)
  const stop =
    selected !== null && selected.at >= first && selected.at < last ? selected.at : Math.min(inSight, count - 1)
  const Icon = newest === 'first' ? ArrowUp : ArrowDown
  return (
    <>
      <table className="log-table" aria-label={label} aria-rowcount={count + 1}>
        {head}
        <tbody className="log-scroll" ref={scroller} onScroll={onScroll}>
          <Room height={first * rowHeight} />
          {Array.from({ length: Math.max(0, last - first) }, (_, offset) => {
            const index = first + offset
            return (
              <tr
                // At the end of a fast log every row is a new one each time: the elements stay. Elsewhere they belong to
                // their row, since React would move all the others when one comes before them.
                key={following ? index % slots : index + dropped}
                className="log-row"
                aria-rowindex={index + 2}
                data-selected={index === selected?.at}
              >
                {renderRow(index, index === stop)}
              </tr>
            )
          })}
          <Room height={(count - last) * rowHeight} />
        </tbody>
      </table>
      {fresh > 0 && (
        <button type="button" className="button primary log-new" onClick={toNewest}>
          <Icon className="icon" />
          {strings.requests.fresh(formatCount(fresh))}
        </button>
      )}
    </>
  )
}

/**
 * The room of the rows that are not drawn. The rows themselves carry no style of their own: Chromium would look for each
 * one's among all that it has met, and there are thousands.
 */
function Room({ height }: { height: number }) {
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: it has nothing to focus
  return <tr aria-hidden="true" className="log-room" style={{ height }} />
}

/** Stays at the newest row while the person is there, and otherwise at what they look at. */
function useFollowing({ count, dropped, rowHeight, newest }: FixedRowsProps) {
  const scroller = useRef<HTMLTableSectionElement>(null)
  const [view, setView] = useState({ top: 0, height: 600 })
  const [following, setFollowing] = useState(newest !== null)
  // Read where rows are added: a scroll of this very frame must count before the state has been rendered.
  const follow = useRef(newest !== null)
  const [seen, setSeen] = useState(0)
  const before = useRef({ count, dropped })

  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return
    const observer = new ResizeObserver(() => setView({ top: element.scrollTop, height: element.clientHeight }))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  useLayoutEffect(() => {
    const element = scroller.current
    const gone = dropped - before.current.dropped
    const added = count - before.current.count + gone
    before.current = { count, dropped }
    if (element === null || newest === null) return
    if (follow.current) element.scrollTop = newest === 'last' ? count * rowHeight : 0
    // Rows that come before the ones that are looked at, or go there, move them; the place is kept.
    else element.scrollTop += (newest === 'last' ? -gone : added) * rowHeight
    if (!follow.current && gone > 0) setSeen((rows) => Math.max(0, rows - gone))
  }, [count, dropped, rowHeight, newest])

  return {
    scroller,
    view,
    following,
    fresh: following || newest === null ? 0 : Math.max(0, count - seen),
    onScroll: ({ currentTarget: element }: React.UIEvent<HTMLElement>) => {
      const fromEnd = element.scrollHeight - element.scrollTop - element.clientHeight
      const atNewest = newest !== null && (newest === 'last' ? fromEnd : element.scrollTop) <= EDGE_SLACK
      if (follow.current && !atNewest) setSeen(count)
      follow.current = atNewest
      setFollowing(atNewest)
      setView({ top: element.scrollTop, height: element.clientHeight })
    },
    toNewest: () => {
      // At once, not when the scroll is heard of: rows that come until then would be taken for a reason to stay behind.
      follow.current = true
      setFollowing(true)
      scroller.current?.scrollTo({ top: newest === 'last' ? count * rowHeight : 0 })
    },
  }
}

/** Brings a row that has been selected into sight; the focus goes along when it was on another row. */
function useReveal(scroller: React.RefObject<HTMLElement | null>, { selected, rowHeight }: FixedRowsProps): void {
  const place = useRef(selected)
  place.current = selected
  const key = selected?.key
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null || key === undefined || place.current === null) return
    const top = place.current.at * rowHeight
    if (top < element.scrollTop) element.scrollTop = top
    else if (top + rowHeight > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + rowHeight - element.clientHeight
    }
    if (!element.contains(document.activeElement)) return
    const frame = requestAnimationFrame(() =>
      element.querySelector<HTMLElement>('[data-selected="true"] button')?.focus({ preventScroll: true }),
    )
    return () => cancelAnimationFrame(frame)
  }, [scroller, key, rowHeight])
}

interface FixedRowsProps {
  count: number
  /** rows that have gone from the oldest end so far: what is being looked at stays where it is */
  dropped: number
  /** pixels */
  rowHeight: number
  label: string
  /** the row of headers */
  head: React.ReactNode
  /** where new rows come; null when they do not */
  newest: 'first' | 'last' | null
  /** @param inOrder whether Tab stops at this row */
  renderRow(index: number, inOrder: boolean): React.ReactNode
  /** the selected row and where it is; it is brought into sight when its key changes */
  selected: { key: string; at: number } | null
}
