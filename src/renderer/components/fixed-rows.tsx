import { ArrowDown } from 'lucide-react'
import { useLayoutEffect, useRef, useState } from 'react'
import { formatCount } from '../format.js'
import { strings } from '../strings.js'

const OVERSCAN = 12
const BOTTOM_SLACK = 8

/**
 * A list of any length whose rows all have one height: where a row lies is arithmetic, so that appending to 100,000
 * rows costs the same as to ten. It follows the end only while the person is there; else it says what is new.
 */
export function FixedRows({ count, dropped, rowHeight, label, renderRow, reveal }: FixedRowsProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 600 })
  const [following, setFollowing] = useState(true)
  // Read where rows are appended: a scroll of this very frame must count before the state has been rendered.
  const follow = useRef(true)
  const [seen, setSeen] = useState(0)
  const droppedBefore = useRef(dropped)

  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return
    const observer = new ResizeObserver(() => setView({ top: element.scrollTop, height: element.clientHeight }))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return
    const gone = dropped - droppedBefore.current
    droppedBefore.current = dropped
    if (follow.current) element.scrollTop = count * rowHeight
    else if (gone > 0) {
      element.scrollTop -= gone * rowHeight
      setSeen((rows) => Math.max(0, rows - gone))
    }
  }, [count, dropped, rowHeight])

  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null || reveal === null) return
    const top = reveal * rowHeight
    if (top < element.scrollTop) element.scrollTop = top
    else if (top + rowHeight > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + rowHeight - element.clientHeight
    }
  }, [reveal, rowHeight])

  const top = following ? Math.max(0, count * rowHeight - view.height) : view.top
  const first = Math.max(0, Math.floor(top / rowHeight) - OVERSCAN)
  const last = Math.min(count, Math.ceil((top + view.height) / rowHeight) + OVERSCAN)
  const fresh = following ? 0 : Math.max(0, count - seen)
  return (
    <>
      <div
        className="log-scroll"
        ref={scroller}
        onScroll={({ currentTarget: element }) => {
          const atEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - BOTTOM_SLACK
          if (follow.current && !atEnd) setSeen(count)
          follow.current = atEnd
          setFollowing(atEnd)
          setView({ top: element.scrollTop, height: element.clientHeight })
        }}
      >
        <ul aria-label={label} style={{ height: count * rowHeight }}>
          {Array.from({ length: Math.max(0, last - first) }, (_, offset) => {
            const index = first + offset
            const { key, row } = renderRow(index)
            return (
              <li key={key} aria-setsize={count} aria-posinset={index + 1} style={{ top: index * rowHeight }}>
                {row}
              </li>
            )
          })}
        </ul>
      </div>
      {fresh > 0 && (
        <button
          type="button"
          className="button primary log-new"
          onClick={() => scroller.current?.scrollTo({ top: count * rowHeight })}
        >
          <ArrowDown className="icon" />
          {strings.requests.fresh(formatCount(fresh))}
        </button>
      )}
    </>
  )
}

interface FixedRowsProps {
  count: number
  /** rows that have gone from the front so far: what is being looked at stays where it is */
  dropped: number
  /** pixels */
  rowHeight: number
  label: string
  renderRow(index: number): { key: string; row: React.ReactNode }
  /** index of the row to keep in view; null for none */
  reveal: number | null
}
