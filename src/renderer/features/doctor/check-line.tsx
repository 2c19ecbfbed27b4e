import { useState } from 'react'
import type { DoctorFix } from '../../../shared/doctor-schemas.js'
import { CopyButton } from '../../components/copy-button.js'
import { Mark } from '../../components/mark.js'
import { strings } from '../../strings.js'
import { type CheckRow, kindOf } from './check-groups.js'
import { FixPlan } from './fix-plan.js'

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

function Fix({ fix }: { fix: DoctorFix }) {
  const [planned, setPlanned] = useState(false)
  return (
    <>
      <span className="soft">{fix.text}</span>
      {fix.command !== null && (
        <div className="fix">
          <div className="command">
            <code>{fix.command}</code>
            <CopyButton text={fix.command} what={text.fixCommand} />
          </div>
          {fix.plan !== null && (
            <button type="button" className="button small" onClick={() => setPlanned(true)}>
              {text.showPlan}
            </button>
          )}
        </div>
      )}
      {planned && fix.plan !== null && <FixPlan wanted={fix.plan} title={fix.text} onClose={() => setPlanned(false)} />}
    </>
  )
}
