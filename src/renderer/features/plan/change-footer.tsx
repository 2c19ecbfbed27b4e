import { strings } from '../../strings.js'

const text = strings.changes

/** The buttons under a plan, and under what came of it. */
export function ChangeFooter({ elevated = false, ends, act, busy, onClose }: ChangeFooterProps) {
  return (
    <footer>
      {elevated && <span className="soft">{text.approval}</span>}
      <button type="button" className="button push" data-first onClick={onClose}>
        {ends ? strings.actions.close : strings.actions.cancel}
      </button>
      {act !== null && (
        <button
          type="button"
          className={act.takesAway ? 'button danger' : 'button primary'}
          disabled={busy || act.disabled}
          onClick={act.run}
        >
          {act.running ? text.doing : act.words}
        </button>
      )}
    </footer>
  )
}

interface ChangeFooterProps {
  elevated?: boolean
  /** nothing is left to be decided */
  ends: boolean
  /** null when there is nothing to do */
  act: { words: string; takesAway: boolean; running: boolean; disabled?: boolean; run(): void } | null
  busy: boolean
  onClose(): void
}
