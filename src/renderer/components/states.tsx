import type { Fault } from '../../shared/fault.js'
import { strings } from '../strings.js'

/** The page has nothing to show: says why and what to do. */
export function Empty({ title, text, children }: { title: string; text?: string; children?: React.ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {text !== undefined && <p>{text}</p>}
      {children !== undefined && <div className="actions">{children}</div>}
    </div>
  )
}

const ROWS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

/** Loading; seen only when it takes longer than 150 ms. */
export function Skeleton() {
  return (
    <div className="skeleton" aria-hidden="true">
      {ROWS.map((row) => (
        <span key={row} />
      ))}
    </div>
  )
}

/** A fault in place: what happened, what to do, and the button that tries again, unless there is another one for that. */
export function FaultNote({ fault, retry }: { fault: Fault; retry?: () => void }) {
  return (
    <div className="note bad" role="alert">
      <strong>{fault.message}</strong>
      {fault.hint !== undefined && <span>{fault.hint}</span>}
      {retry !== undefined && (
        <div className="actions">
          <button type="button" className="button small" onClick={retry}>
            {strings.actions.retry}
          </button>
        </div>
      )}
    </div>
  )
}
