import { useState } from 'react'
import type { DoctorAction, DoctorFix } from '../../../shared/doctor-schemas.js'
import { call } from '../../bridge.js'
import { CopyButton } from '../../components/copy-button.js'
import { Mark } from '../../components/mark.js'
import { useChangeDialog } from '../../stores/change-dialog.js'
import { runDoctor } from '../../stores/doctor.js'
import { attempt } from '../../stores/toasts.js'
import { strings } from '../../strings.js'
import { type CheckRow, kindOf } from './check-groups.js'
import { topicsChangedBy, topicsChangedByAction } from './topics.js'

const text = strings.doctor

const LOOKS = { pass: ['disc', 'good'], warn: ['triangle', 'warn'], fail: ['square', 'bad'] } as const

/** One finding with what to do about it. */
export function CheckLine({ row: { id, check, running } }: { row: CheckRow }) {
  const [shape, tone] = running || check === null ? (['half', 'info'] as const) : LOOKS[check.status]
  const kind = kindOf(id)
  return (
    <li className="check">
      <Mark shape={shape} tone={tone}>
        {running || check === null ? text.checking : text.states[check.status]}
      </Mark>
      <div className="finding">
        <span className={running ? 'faint' : undefined}>
          {check?.message ?? text.topic(kind, id.slice(kind.length + 1))}
        </span>
        {check !== null && !running && check.fix !== null && <Fix fix={check.fix} />}
      </div>
    </li>
  )
}

function Fix({ fix: { text: words, command, plan, action } }: { fix: DoctorFix }) {
  const ask = useChangeDialog((dialog) => dialog.ask)
  return (
    <>
      <span className="soft">{words}</span>
      {(command !== null || plan !== null) && (
        <div className="fix">
          {command !== null && (
            <div className="command">
              <code>{command}</code>
              <CopyButton text={command} what={text.fixCommand} />
            </div>
          )}
          {plan !== null && (
            <button
              type="button"
              className="button small"
              onClick={() => ask(plan, () => void runDoctor(topicsChangedBy(plan)))}
            >
              {text.showPlan}
            </button>
          )}
          {action !== null && <ActionButton action={action} />}
        </div>
      )}
    </>
  )
}

/** What it was about is looked at again, also when it was refused: things may stand otherwise than they did. */
function ActionButton({ action }: { action: DoctorAction }) {
  const [busy, setBusy] = useState(false)
  const act = async () => {
    setBusy(true)
    await attempt(async () => void (await call(action.command, action.params as never)))
    setBusy(false)
    await runDoctor(topicsChangedByAction(action))
  }
  return (
    <button type="button" className="button small" disabled={busy} onClick={() => void act()}>
      {text.actions[action.command]}
    </button>
  )
}
